"""What a message that waits in a queue costs beyond its body, when no high-water mark holds it up."""

from typing import Any

from .libs import Library
from .role import bind, cued, resident, say
from .row import Metric, Play, Row
from .stage import Stage

_SIZE = 64  # bytes of a body; each message has one of its own


def _fill(socket: Any, count: int) -> None:
    for number in range(count):
        socket.send(number.to_bytes(_SIZE, "big"))


def sending(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: PUSH `count` messages to a PULL that is not there yet."""
    with lib.context() as context, context.socket(lib.zmq.PUSH) as socket:
        socket.setsockopt(lib.zmq.SNDHWM, 0)
        socket.setsockopt(lib.zmq.LINGER, 0)
        socket.connect(endpoint)
        _fill(socket, 100)  # what the first ones cost is not counted
        before = resident()
        _fill(socket, count)
        return {"seconds": 1.0, "beyond": (resident() - before) / count - _SIZE}


def source(lib: Library, endpoint: str, count: int) -> None:
    """Role: PUSH `count` messages; the end of the process says that they are on their way."""
    with lib.context() as context, context.socket(lib.zmq.PUSH) as socket:
        socket.connect(endpoint)
        _fill(socket, count)


def receiving(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: a PULL that lets the messages come, and receives them only after it has looked at what they take."""
    with lib.context() as context, context.socket(lib.zmq.PULL) as socket:
        socket.setsockopt(lib.zmq.RCVHWM, 0)
        say(endpoint=bind(socket, lib, endpoint))
        socket.recv()
        before = resident()
        say(ready=True)
        cued(lib)  # all are sent
        held = -1
        while held != (held := resident()):
            cued(lib, 0.2)
        for _ in range(count - 1):
            socket.recv()
        return {"seconds": 1.0, "beyond": (held - before) / count - _SIZE}


def play_sending(stage: Stage, count: int) -> dict[str, float]:
    """One round at the sender."""
    return stage.cast("queued.sending", endpoint="tcp://127.0.0.1:9", count=count).hear()


def play_receiving(stage: Stage, count: int) -> dict[str, float]:
    """One round at the receiver."""
    puller = stage.cast("queued.receiving", endpoint=stage.address("tcp"), count=count)
    endpoint = puller.hear()["endpoint"]
    first = stage.cast("queued.source", endpoint=endpoint, count=1)
    first.hear()
    puller.hear()
    stage.cast("queued.source", endpoint=endpoint, count=count - 1).hear()
    puller.cue()
    return puller.hear()


_BEYOND = {"beyond": Metric("bytes each", higher=False)}


_BOUNDED = "a high-water mark of 0 is not without bound there"


def _row(name: str, play: Play) -> Row:
    name = f"a queued 64 B message, {name}"
    return Row(name, _BEYOND, play, start=100_000, sized=False, most=5, cannot={"omq": _BOUNDED})


ROWS = [_row("sending", play_sending), _row("receiving", play_receiving)]
