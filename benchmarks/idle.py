"""What connections cost that say nothing: 10 000 of them at a publisher, and 100 sockets for ten seconds."""

import resource
from statistics import median
from time import perf_counter

from .crowd import BROADCAST, BROADCASTS
from .libs import LIBRARIES, Library
from .role import allow_descriptors, bind, cpu_seconds, cued, descriptors, resident, say
from .row import Metric, Row
from .stage import Stage

CONNECTIONS = 10_000
SOCKETS = 100
SECONDS = 10  # of doing nothing


def publisher(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: a PUB; says what its connections hold, and when it sends a message to all of them."""
    allow_descriptors()
    with lib.context() as context, context.socket(lib.zmq.PUB) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        cued(lib)  # what the first connection costs is not counted
        memory, opened = resident(), descriptors()
        say(ready=True)
        cued(lib)
        cued(lib, 0.5)  # let what the connecting has left to do be done
        say(memory=(resident() - memory) / count, descriptors=(descriptors() - opened) / count)
        while not cued(lib, 0.2):
            socket.send(b"?")  # until all have heard one, so that all subscriptions are there
        for _ in range(BROADCASTS):
            cued(lib, 0.3)
            start = perf_counter()  # one clock for all processes of this machine
            socket.send(BROADCAST)
            say(at=start)
            cued(lib)
        return {}


def play_connections(stage: Stage, count: int) -> dict[str, float]:
    """One round: what the publisher says of itself, and what its subscribers saw."""
    server = stage.cast("idle.publisher", endpoint=stage.address("tcp"), count=count)
    crowd = stage.cast("crowd.join", LIBRARIES["rawg"], endpoint=server.hear()["endpoint"], count=count)
    crowd.hear()
    server.cue()
    server.hear()
    crowd.cue()
    connecting = crowd.hear()["seconds"]
    server.cue()
    held = server.hear()
    crowd.cue()
    crowd.hear()
    server.cue()
    broadcasts = []
    for _ in range(BROADCASTS):
        begun = server.hear()["at"]
        broadcasts.append(crowd.hear()["at"] - begun)
        server.cue()
    return {
        "seconds": connecting,
        "memory": held["memory"],
        "descriptors": held["descriptors"],
        "connecting": connecting,
        "broadcast": median(broadcasts) * 1000,
    }


def answering(lib: Library, endpoint: str) -> None:
    """Role: a ROUTER that answers each of its peers once."""
    with lib.context() as context, context.socket(lib.zmq.ROUTER) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        for _ in range(SOCKETS):
            socket.send_multipart(socket.recv_multipart())
        cued(lib)


def waiting(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: connect, hear of the other side over each connection, and do nothing for `count` seconds."""
    with lib.context() as context:
        sockets = [context.socket(lib.zmq.DEALER) for _ in range(SOCKETS)]
        for socket in sockets:
            socket.connect(endpoint)
            socket.send(b"here")
        for socket in sockets:
            socket.recv()
        cued(lib, 0.5)
        cpu, woken, start = cpu_seconds(), _woken(), perf_counter()
        cued(lib, count)
        share = count / (perf_counter() - start)
        cpu, woken = cpu_seconds() - cpu, _woken() - woken
        for socket in sockets:
            socket.close()
        return {
            "seconds": count,
            "busy": cpu * 1000 * share,
            "woken": max(0, woken - 1),  # the end of our own waiting is one
        }


def play_sockets(stage: Stage, count: int) -> dict[str, float]:
    """One round of `count` seconds: what the process with the sockets says of itself."""
    server = stage.cast("idle.answering", endpoint=stage.address("tcp"))
    return stage.cast("idle.waiting", endpoint=server.hear()["endpoint"], count=count).hear()


def _woken() -> int:
    """How often a thread of this process has gone on after waiting."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


ROWS = [
    Row(
        f"{CONNECTIONS:,} idle connections, tcp",
        {
            "memory": Metric("bytes each", higher=False),
            "descriptors": Metric("descriptors each", higher=False),
            "connecting": Metric("s to connect", higher=False),
            "broadcast": Metric("ms to the last", higher=False),
        },
        play_connections,
        start=CONNECTIONS,
        sized=False,
        most=5,
        limit=60,
        cannot={"omq": "it accepts no more than some hundreds while its PUB sends nothing"},
    ),
    Row(
        f"{SOCKETS} idle sockets for {SECONDS} s, tcp",
        {"busy": Metric("CPU ms", higher=False), "woken": Metric("wake-ups", higher=False)},
        play_sockets,
        start=SECONDS,
        sized=False,
        most=5,
    ),
]
