"""REQ -> REP -> REQ of 64 bytes, one at a time, from one process to another."""

from functools import partial
from itertools import repeat
from time import perf_counter
from typing import Any

from .libs import Library
from .role import bind, say
from .row import Metric, Row
from .stage import Stage

SIZE = 64  # bytes
_WARM = 20  # round trips before the clock starts: the connection, caches, allocators

LATENCY = {"p50": Metric("p50 us", higher=False), "p99": Metric("p99 us", higher=False)}


def ask(socket: Any, count: int) -> dict[str, float]:
    """Make `count` round trips after some untimed ones; their median and 99th percentile in microseconds."""
    send, recv, body = socket.send, socket.recv, bytes(SIZE)
    clock = [0.0] * (count + 1)
    for at in [0] * _WARM + list(range(count + 1)):  # the clock's first entry is the end of the warm-up
        send(body)
        recv()
        clock[at] = perf_counter()
    trips = sorted(end - start for start, end in zip(clock, clock[1:]))
    return {
        "seconds": clock[-1] - clock[0],
        "p50": trips[count // 2] * 1e6,
        "p99": trips[count * 99 // 100] * 1e6,
    }


def answer(socket: Any, count: int | None = None) -> None:
    """Send back the next messages: those that `ask` sends for `count` round trips, or for ever."""
    send, recv = socket.send, socket.recv
    for _ in repeat(None) if count is None else range(_WARM + count + 1):
        send(recv())


def rep(lib: Library, endpoint: str) -> None:
    """Role: answer until the stage ends it."""
    with lib.context() as context, context.socket(lib.zmq.REP) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        answer(socket)


def req(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: ask, and time the answers."""
    with lib.context() as context, context.socket(lib.zmq.REQ) as socket:
        socket.connect(endpoint)
        return ask(socket, count)


def play(stage: Stage, count: int, scheme: str) -> dict[str, float]:
    """One round: the asker's clock."""
    server = stage.cast("roundtrip.rep", endpoint=stage.address(scheme))
    return stage.cast("roundtrip.req", endpoint=server.hear()["endpoint"], count=count).hear()


ROWS = [
    Row("tcp REQ-REP 64 B", LATENCY, partial(play, scheme="tcp"), start=500),
    Row("ipc REQ-REP 64 B", LATENCY, partial(play, scheme="ipc"), start=500),
]
