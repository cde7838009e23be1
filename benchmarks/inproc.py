"""PUSH -> PULL and REQ -> REP over inproc, between two greenlets, or two threads for a library that blocks.

Beside them bare queues of gevent, as long as the two high-water marks together, that bodies are put into and got from.
"""

from functools import partial
from time import perf_counter

from .libs import Library
from .roundtrip import LATENCY, SIZE, answer, ask, trips
from .row import MESSAGES, Row
from .stage import Stage
from .throughput import receive, send

_ENDPOINT = "inproc://benchmark"
_ROOM = 2000  # messages: the two high-water marks together


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


def queue_pipeline(lib: Library, count: int) -> dict[str, float]:
    """Role: one greenlet puts, this one gets."""
    queue = lib.zmq.SimpleQueue(_ROOM)

    def push() -> None:
        put, body = queue.put, bytes(SIZE)
        for _ in range(count):
            put(body)

    sent = lib.spawn(push)
    get = queue.get
    get()
    start = perf_counter()
    for _ in range(count - 1):
        get()
    seconds = perf_counter() - start
    sent()
    return {"seconds": seconds}


def queue_request(lib: Library, count: int) -> dict[str, float]:
    """Role: a queue there and a queue back."""
    there, back = lib.zmq.SimpleQueue(_ROOM), lib.zmq.SimpleQueue(_ROOM)

    def answering() -> None:
        while True:
            back.put(there.get())

    lib.spawn(answering)
    return trips(there.put, back.get, bytes(SIZE), count)


def play_pipeline(stage: Stage, count: int, role: str = "pipeline") -> dict[str, float]:
    """One round of PUSH -> PULL."""
    count = max(count, 2)
    seconds = stage.cast(f"inproc.{role}", count=count).hear()["seconds"]
    return {"seconds": seconds, "rate": (count - 1) / seconds}


def play_request(stage: Stage, count: int, role: str = "request") -> dict[str, float]:
    """One round of REQ -> REP -> REQ."""
    return stage.cast(f"inproc.{role}", count=count).hear()


ROWS = [
    Row(
        "inproc PUSH-PULL 64 B",
        MESSAGES,
        play_pipeline,
        start=20_000,
        bare={"gqueue": partial(play_pipeline, role="queue_pipeline")},
    ),
    Row(
        "inproc REQ-REP 64 B",
        LATENCY,
        play_request,
        start=1000,
        bare={"gqueue": partial(play_request, role="queue_request")},
    ),
]
