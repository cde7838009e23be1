"""What other greenlets of a process notice of a flood: how late one wakes that sleeps a millisecond again and again.

On a machine with more to do the clock tells of the others, too; the processor time of the thread between two wakings
does not. A library that blocks the thread has no such greenlets, and no figures.
"""

import gc
import importlib
from functools import partial
from time import perf_counter, thread_time
from typing import Any

from .libs import Library
from .role import bind, cued, say
from .row import Metric, Play, Row
from .stage import Stage
from .throughput import send

_SLEEP = 0.001  # seconds
_CLIENTS = 16  # REQs that ask at the same time
_END = b"end"  # shorter than any other message

#: Sockets that bind, and those that connect to them and send.
_WAYS = {"PUSH-PULL": ("PULL", "PUSH"), "PUB-SUB": ("SUB", "PUB")}


class Ticker:
    """A greenlet that sleeps again and again; how late it was each time."""

    def __init__(self, lib: Library) -> None:
        gc.collect()
        gc.freeze()  # what importing has left is not to be looked through again and again
        self._gevent = importlib.import_module("gevent")
        self._late: list[float] = []
        self._busy: list[float] = []

    def __enter__(self) -> "Ticker":
        self._greenlet = self._gevent.spawn(self._tick)
        self._gevent.sleep(0)
        return self

    def __exit__(self, *_: object) -> None:
        self._greenlet.kill()

    def _tick(self) -> None:
        sleep = self._gevent.sleep
        while True:
            start, worked = perf_counter(), thread_time()
            try:
                sleep(_SLEEP)
            finally:  # the last time too, if it was never let wake
                self._late.append(perf_counter() - start - _SLEEP)
                self._busy.append(thread_time() - worked)

    def figures(self) -> dict[str, float]:
        """In ms: the greatest lateness, the one that a hundredth of the times exceeds, and the most work in between."""
        late = sorted(self._late)
        p99 = late[len(late) * 99 // 100]
        return {"worst": max(0.0, late[-1]) * 1e3, "p99": max(0.0, p99) * 1e3, "busy": max(self._busy) * 1e3}


def _socket(lib: Library, context: Any, kind: str, hwm: int) -> Any:
    socket = context.socket(getattr(lib.zmq, kind))
    socket.setsockopt(lib.zmq.SNDHWM, hwm)
    socket.setsockopt(lib.zmq.RCVHWM, hwm)
    if kind == "SUB":
        socket.setsockopt(lib.zmq.SUBSCRIBE, b"")
    return socket


def taker(lib: Library, kind: str, endpoint: str, hwm: int) -> dict[str, float]:
    """Role: receive up to the end marker."""
    with lib.context() as context, _socket(lib, context, kind, hwm) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        recv, size = socket.recv, len(_END)
        recv()
        say(ready=True)
        with Ticker(lib) as ticker:
            start = perf_counter()
            while len(recv()) != size:
                pass
            seconds = perf_counter() - start
        say(seconds=seconds, **ticker.figures())
        cued(lib)
    return {}


def giver(lib: Library, kind: str, endpoint: str, hwm: int, count: int, size: int) -> dict[str, float]:
    """Role: send as fast as it goes, then the end marker until it was seen, as a PUB may drop it."""
    with lib.context() as context, _socket(lib, context, kind, hwm) as socket:
        socket.connect(endpoint)
        while kind == "PUB" and not cued(lib, 0.01):
            socket.send(bytes(size))
        with Ticker(lib) as ticker:
            send(socket, count, size)
        socket.send(_END)
        while kind == "PUB" and not cued(lib, 0.01):
            socket.send(_END)
    return ticker.figures()


def play_way(stage: Stage, count: int, way: str, hwm: int, size: int) -> dict[str, float]:
    """One round from one process to another; the worse figures of the two."""
    binds, connects = _WAYS[way]
    taking = stage.cast("jitter.taker", kind=binds, endpoint=stage.address("tcp"), hwm=hwm)
    heard = taking.hear()
    giving = stage.cast(
        "jitter.giver", kind=connects, endpoint=heard["endpoint"], hwm=hwm, count=max(count, 10), size=size
    )
    taking.hear()
    if connects == "PUB":
        giving.cue()  # it is heard
    taken = taking.hear()
    if connects == "PUB":
        giving.cue()
    taking.cue()
    return _worse(taken, giving.hear()) | {"seconds": taken["seconds"]}


def answerer(lib: Library, endpoint: str, kind: str) -> dict[str, float]:
    """Role: a ROUTER or REP that sends back what comes, until its cue; it ticks once all have asked."""
    with lib.context() as context, _socket(lib, context, kind, 1000) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        for _ in range(_CLIENTS if kind == "REP" else 1):
            _answer(socket)
        with Ticker(lib) as ticker:
            answering = importlib.import_module("gevent").spawn(_answer_all, socket)
            cued(lib)
            answering.kill()
    return ticker.figures()


def _answer(socket: Any) -> None:
    socket.send_multipart(socket.recv_multipart())


def _answer_all(socket: Any) -> None:
    while True:
        _answer(socket)


def dealer(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: a DEALER that sends `count` messages and receives as many answers meanwhile."""

    def receive() -> None:
        for _ in range(count):
            socket.recv()

    with lib.context() as context, _socket(lib, context, "DEALER", 1000) as socket:
        socket.connect(endpoint)
        socket.send(b"")
        socket.recv()
        with Ticker(lib) as ticker:
            start = perf_counter()
            received = lib.spawn(receive)
            send(socket, count, 64)
            received()
            seconds = perf_counter() - start
    return ticker.figures() | {"seconds": seconds}


def clients(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: REQs that ask `count` questions between them, all at once."""

    def ask(socket: Any, questions: int) -> None:
        for _ in range(questions):
            socket.send(bytes(64))
            socket.recv()

    def all_ask(questions: int) -> None:
        for asked in [lib.spawn(ask, socket, questions) for socket in sockets]:
            asked()

    with lib.context() as context:
        sockets = [_socket(lib, context, "REQ", 1000) for _ in range(_CLIENTS)]
        for socket in sockets:
            socket.connect(endpoint)
        all_ask(1)
        with Ticker(lib) as ticker:
            start = perf_counter()
            all_ask(max(1, count // _CLIENTS))
            seconds = perf_counter() - start
        for socket in sockets:
            socket.close()
    return ticker.figures() | {"seconds": seconds}


def play_answers(stage: Stage, count: int, asks: str, answers: str) -> dict[str, float]:
    """One round of questions and answers between two processes; the worse figures of the two."""
    answering = stage.cast("jitter.answerer", endpoint=stage.address("tcp"), kind=answers)
    asked = stage.cast(f"jitter.{asks}", endpoint=answering.hear()["endpoint"], count=count).hear()
    answering.cue()
    return _worse(asked, answering.hear()) | {"seconds": asked["seconds"]}


def inproc(lib: Library, count: int) -> dict[str, float]:
    """Role: PUSH and PULL in two greenlets, and the ticker in a third."""

    def push() -> None:
        with _socket(lib, context, "PUSH", 1000) as socket:
            socket.connect("inproc://jitter")
            send(socket, count, 64)

    with lib.context() as context, _socket(lib, context, "PULL", 1000) as socket:
        socket.bind("inproc://jitter")
        with Ticker(lib) as ticker:
            start = perf_counter()
            sent = lib.spawn(push)
            for _ in range(count):
                socket.recv()
            sent()
            seconds = perf_counter() - start
    return ticker.figures() | {"seconds": seconds}


def play_inproc(stage: Stage, count: int) -> dict[str, float]:
    """One round within one process."""
    return stage.cast("jitter.inproc", count=count).hear()


def forwarder(lib: Library, endpoint: str, onwards: str) -> dict[str, float]:
    """Role: forward from a PULL to a PUSH until the cue."""
    gevent = importlib.import_module("gevent")
    with (
        lib.context() as context,
        _socket(lib, context, "PULL", 1000) as front,
        _socket(lib, context, "PUSH", 1000) as back,
    ):
        back.connect(onwards)
        say(endpoint=bind(front, lib, endpoint))
        with Ticker(lib) as ticker:
            forwarding = gevent.spawn(lib.zmq.device, lib.zmq.STREAMER, front, back)
            cued(lib)
        forwarding.kill()
    return ticker.figures()


def play_proxy(stage: Stage, count: int) -> dict[str, float]:
    """One round through a third process, whose figures count."""
    taking = stage.cast("jitter.taker", kind="PULL", endpoint=stage.address("tcp"), hwm=1000)
    between = stage.cast("jitter.forwarder", endpoint=stage.address("tcp"), onwards=taking.hear()["endpoint"])
    front = between.hear()["endpoint"]
    stage.cast("jitter.giver", kind="PUSH", endpoint=front, hwm=1000, count=max(count, 10), size=64)
    taking.hear()
    taken = taking.hear()
    between.cue()
    return between.hear() | {"seconds": taken["seconds"]}


def _worse(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {key: max(one[key], other[key]) for key in ("worst", "p99", "busy")}


_LATE = {
    "worst": Metric("ms late at worst", higher=False),
    "p99": Metric("ms late, p99", higher=False),
    "busy": Metric("CPU ms between, worst", higher=False),
}

_BLOCKS = "it blocks the thread, which has no other greenlets then"


def _row(name: str, play: Play, start: int) -> Row:
    return Row(f"jitter, {name}", _LATE, play, start, most=3, cannot={"pyzmq": _BLOCKS, "omq": _BLOCKS})


ROWS = [
    _row("tcp PUSH-PULL", partial(play_way, way="PUSH-PULL", hwm=1000, size=64), start=20_000),
    _row("tcp PUSH-PULL HWM 0", partial(play_way, way="PUSH-PULL", hwm=0, size=64), start=20_000),
    _row("tcp PUSH-PULL 1 MiB", partial(play_way, way="PUSH-PULL", hwm=1000, size=1 << 20), start=50),
    _row("tcp PUB-SUB", partial(play_way, way="PUB-SUB", hwm=1000, size=64), start=20_000),
    _row("tcp DEALER-ROUTER", partial(play_answers, asks="dealer", answers="ROUTER"), start=5_000),
    _row("tcp REQ-REP", partial(play_answers, asks="clients", answers="REP"), start=2_000),
    _row("inproc PUSH-PULL", play_inproc, start=20_000),
    _row("tcp proxy", play_proxy, start=10_000),
]
