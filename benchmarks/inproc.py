"""PUSH -> PULL and REQ -> REP over inproc, between two greenlets, or two threads for a library that blocks."""

from .libs import Library
from .roundtrip import LATENCY, SIZE, answer, ask
from .row import MESSAGES, Row
from .stage import Stage
from .throughput import receive, send

_ENDPOINT = "inproc://benchmark"


def pipeline(lib: Library, count: int) -> dict[str, float]:
    """Role: PULL here, PUSH beside."""

    def push() -> None:
        with context.socket(lib.zmq.PUSH) as socket:
            socket.connect(_ENDPOINT)
            send(socket, count, SIZE)

    with lib.context() as context, context.socket(lib.zmq.PULL) as socket:
        socket.bind(_ENDPOINT)
        sent = lib.spawn(push)
        seconds = receive(socket, count)
        sent()
    return {"seconds": seconds}


def request(lib: Library, count: int) -> dict[str, float]:
    """Role: REP here, REQ beside."""

    def req() -> dict[str, float]:
        with context.socket(lib.zmq.REQ) as socket:
            socket.connect(_ENDPOINT)
            return ask(socket, count)

    with lib.context() as context, context.socket(lib.zmq.REP) as socket:
        socket.bind(_ENDPOINT)
        asked = lib.spawn(req)
        answer(socket, count)
        return asked()


def play_pipeline(stage: Stage, count: int) -> dict[str, float]:
    """One round of PUSH -> PULL."""
    count = max(count, 2)
    seconds = stage.cast("inproc.pipeline", count=count).hear()["seconds"]
    return {"seconds": seconds, "rate": (count - 1) / seconds}


def play_request(stage: Stage, count: int) -> dict[str, float]:
    """One round of REQ -> REP -> REQ."""
    return stage.cast("inproc.request", count=count).hear()


ROWS = [
    Row("inproc PUSH-PULL 64 B", MESSAGES, play_pipeline, start=20_000),
    Row("inproc REQ-REP 64 B", LATENCY, play_request, start=1000),
]
