"""PUSH -> PULL over tcp, from one process to another, and the CPU time that it takes."""

from functools import partial
from time import perf_counter
from typing import Any

from .libs import Library
from .role import bind, say
from .row import MESSAGES, Metric, Row
from .stage import Stage


def receive(socket: Any, count: int) -> float:
    """Receive `count` messages, one call each; the seconds from the first to the last."""
    recv = socket.recv
    recv()
    start = perf_counter()
    for _ in range(count - 1):
        recv()
    return perf_counter() - start


def send(socket: Any, count: int, size: int) -> None:
    """Send `count` messages of `size` bytes, one call each."""
    send, body = socket.send, bytes(size)
    for _ in range(count):
        send(body)


def pull(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: time what arrives."""
    with lib.context() as context, context.socket(lib.zmq.PULL) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        return {"seconds": receive(socket, count)}


def push(lib: Library, endpoint: str, count: int, size: int) -> None:
    """Role: send as fast as the high-water mark lets it."""
    with lib.context() as context, context.socket(lib.zmq.PUSH) as socket:
        socket.connect(endpoint)
        send(socket, count, size)


def play(stage: Stage, count: int, size: int) -> dict[str, float]:
    """One round: the receiver's clock, both processes' CPU time."""
    count = max(count, 2)
    puller = stage.cast("throughput.pull", endpoint=stage.address("tcp"), count=count)
    pusher = stage.cast("throughput.push", endpoint=puller.hear()["endpoint"], count=count, size=size)
    return _figures(puller.hear(), pusher.hear(), count, size)


def play_bare(stage: Stage, count: int, size: int) -> dict[str, float]:
    """One round over bare sockets."""
    count = max(count, 2)
    puller = stage.cast("raw.pull", count=count, size=size)
    pusher = stage.cast("raw.push", address=puller.hear()["address"], count=count, size=size)
    return _figures(puller.hear(), pusher.hear(), count, size)


def _figures(pulled: dict[str, float], pushed: dict[str, float], count: int, size: int) -> dict[str, float]:
    rate = (count - 1) / pulled["seconds"]
    cpu = (pulled["cpu"] + pushed["cpu"]) * 1e6 / count
    return {"seconds": pulled["seconds"], "rate": rate, "volume": rate * size / 1e6, "cpu": cpu}


_CPU = {"cpu": Metric("CPU s/10^6 messages", higher=False)}
VOLUME = {"volume": Metric("MB/s")}


def _row(name: str, size: int, start: int, more: dict[str, Metric] | None = None) -> Row:
    bare = {"rawg": partial(play_bare, size=size)}
    return Row(f"tcp PUSH-PULL {name}", MESSAGES | (more or {}), partial(play, size=size), start, bare=bare)


ROWS = [
    _row("10 B", 10, start=20_000),
    _row("64 B", 64, start=20_000, more=_CPU),
    _row("1 KiB", 1024, start=10_000),
    _row("64 KiB", 64 * 1024, start=1000, more=VOLUME),
    _row("1 MiB", 1024 * 1024, start=50, more=VOLUME),
]
