"""REQ -> REP -> REQ of 64 bytes, one at a time, from one process to another."""

from collections.abc import Callable
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
    """Make `count` round trips of a message by `socket`: see `trips`."""
    return trips(socket.send, socket.recv, bytes(SIZE), count)


def trips(send: Callable[[bytes], Any], recv: Callable[[], Any], body: bytes, count: int) -> dict[str, float]:
    """Make `count` round trips after some untimed ones; their median and 99th percentile in microseconds."""
    clock = [0.0] * (count + 1)
    for at in [0] * _WARM + list(range(count + 1)):  # the clock's first entry is the end of the warm-up
        send(body)
        recv()
        clock[at] = perf_counter()
    return {"seconds": clock[-1] - clock[0]} | spread([end - start for start, end in zip(clock, clock[1:])])


def spread(trips: list[float]) -> dict[str, float]:
    """The median and the 99th percentile, in microseconds, of times in seconds."""
    trips = sorted(trips)
    return {"p50": trips[len(trips) // 2] * 1e6, "p99": trips[len(trips) * 99 // 100] * 1e6}


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


def play_bare(stage: Stage, count: int, scheme: str) -> dict[str, float]:
    """One round over bare sockets."""
    path = stage.address("ipc").removeprefix("ipc://") if scheme == "ipc" else None
    server = stage.cast("raw.echo", path=path)
    return stage.cast("raw.ask", address=server.hear()["address"], count=count).hear()


ROWS = [
    Row(
        f"{scheme} REQ-REP 64 B",
        LATENCY,
        partial(play, scheme=scheme),
        start=500,
        bare={"rawg": partial(play_bare, scheme=scheme)},
    )
    for scheme in ("tcp", "ipc")
]
