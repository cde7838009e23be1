"""What connections cost that say nothing: memory and descriptors of the side that accepts them, and its CPU time."""

import gc
import os
import resource
from time import perf_counter

from .libs import Library
from .role import bind, cpu_seconds, cued, say
from .row import Metric, Row
from .stage import Stage

CONNECTIONS = 500
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SECONDS = 3.0  # of doing nothing


def listener(lib: Library, endpoint: str) -> dict[str, float]:
    """Role: a ROUTER that hears once of each of its peers; then it only waits."""
    _allow_descriptors()
    with lib.context() as context, context.socket(lib.zmq.ROUTER) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        _hear(socket, 1)  # what the first one costs is not counted
        memory, descriptors = _held()
        say(ready=True)
        _hear(socket, CONNECTIONS)
        grown, opened = (now - before for now, before in zip(_held(), (memory, descriptors)))
        cued(lib, 0.2)  # let what the connecting has left to do be done
        cpu, woken, start = cpu_seconds(), _woken(), perf_counter()
        cued(lib, _SECONDS)
        seconds = perf_counter() - start
        cpu, woken = cpu_seconds() - cpu, _woken() - woken
        return {
            "seconds": seconds,
            "memory": grown / CONNECTIONS,
            "descriptors": opened / CONNECTIONS,
            "busy": cpu / seconds * 1000,
            "woken": (woken - 1) / seconds,  # the end of our own waiting is one
        }


def peers(lib: Library, endpoint: str) -> None:
    """Role: connect, say one word over each connection, and stay until the stage ends it."""
    _allow_descriptors()
    with lib.context() as context:
        sockets = [_connected(lib, context, endpoint)]
        say(ready=True)
        cued(lib)
        sockets += [_connected(lib, context, endpoint) for _ in range(CONNECTIONS)]
        cued(lib)


def play(stage: Stage, count: int) -> dict[str, float]:
    """One round: what the listener says of itself."""
    server = stage.cast("idle.listener", endpoint=stage.address("tcp"))
    clients = stage.cast("idle.peers", endpoint=server.hear()["endpoint"])
    clients.hear()
    server.hear()
    clients.cue()
    return server.hear()


def _connected(lib, context, endpoint):
    socket = context.socket(lib.zmq.DEALER)
    socket.connect(endpoint)
    socket.send(b"here")
    return socket


def _hear(socket, count):
    for _ in range(count):
        socket.recv_multipart()


def _held() -> tuple[int, int]:
    """Resident bytes, and open descriptors."""
    gc.collect()
    with open("/proc/self/statm") as file:
        resident = int(file.read().split()[1]) * _PAGE
    return resident, len(os.listdir("/proc/self/fd"))


def _woken() -> int:
    """How often a thread of this process has gone on after waiting."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def _allow_descriptors() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


ROWS = [
    Row(
        f"{CONNECTIONS} idle connections, tcp",
        {
            "memory": Metric("bytes each", higher=False),
            "descriptors": Metric("descriptors each", higher=False),
            "busy": Metric("CPU ms/s", higher=False),
            "woken": Metric("wake-ups/s", higher=False),
        },
        play,
        start=1,
    )
]
