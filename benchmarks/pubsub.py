"""PUB -> SUBs over tcp: what fan-out delivers, and what a publish costs by the number of subscriptions."""

from functools import partial
from time import perf_counter
from typing import Any

from .libs import Library
from .role import bind, cued, say
from .row import Metric, Row
from .stage import Stage

_SIZE = 64  # bytes of a message, its topic among them
_PROBE, _END = b"?", b"!"  # follow the last topic, and make shorter messages than _SIZE
_NOWHERE = b"nobody asked for this"


def topic(number: int) -> bytes:
    """No topic is a prefix of another, nor of a marker on another topic."""
    return b"%06d." % number


def publish(lib: Library, endpoint: str, count: int, topics: int, target: int | None) -> dict[str, float]:
    """Role: publish `count` messages on topic `target`, or on one that nobody has; time the calls.

    Before and after, markers on the last topic are repeated until the subscribers have seen one: a PUB may drop them.
    """

    def mark(sign: bytes) -> None:
        while not cued(lib, timeout=0.001):
            socket.send(topic(topics - 1) + sign)

    with lib.context() as context, context.socket(lib.zmq.PUB) as socket:
        socket.setsockopt(lib.zmq.RCVHWM, 0)  # libzmq drops subscriptions beyond it
        say(endpoint=bind(socket, lib, endpoint))
        mark(_PROBE)
        send, body = socket.send, (_NOWHERE if target is None else topic(target)).ljust(_SIZE, b".")
        start = perf_counter()
        for _ in range(count):
            send(body)
        seconds = perf_counter() - start
        mark(_END)
        return {"seconds": seconds}


def subscribers(lib: Library, endpoint: str, sockets: int, topics: int) -> dict[str, float]:
    """Role: `sockets` SUBs with `topics` subscriptions each; says when all of them hear the publisher."""

    def tune_in() -> Any:
        socket = context.socket(lib.zmq.SUB)
        socket.setsockopt(lib.zmq.SNDHWM, 0)  # libzmq drops subscriptions beyond it
        socket.connect(endpoint)
        for number in range(topics):
            socket.setsockopt(lib.zmq.SUBSCRIBE, topic(number))
        socket.recv()  # on the last topic, so the publisher has read the others
        return socket

    with lib.context() as context:
        tuned = [lib.spawn(tune_in) for _ in range(sockets)]
        tuned_in = [socket() for socket in tuned]
        say(ready=True)
        counting = [lib.spawn(drain, socket) for socket in tuned_in]
        counts, starts, ends = zip(*[result() for result in counting])
        for socket in tuned_in:
            socket.close()
    return {"delivered": sum(counts), "slowest": min(counts), "seconds": max(ends) - min(starts)}


def drain(socket: Any) -> tuple[int, float, float]:
    """Count messages up to the end marker; with the times of the first message and of the marker."""
    recv = socket.recv
    message = recv()
    while message.endswith(_PROBE):
        message = recv()
    start, count = perf_counter(), 0
    while len(message) == _SIZE:
        count += 1
        message = recv()
    return count, start, perf_counter()


def play(stage: Stage, count: int, sockets: int, topics: int, target: int | None) -> dict[str, float]:
    """One round: publisher and subscribers, each with its clock."""
    publisher = stage.cast("pubsub.publish", endpoint=stage.address("tcp"), count=count, topics=topics, target=target)
    audience = stage.cast("pubsub.subscribers", endpoint=publisher.hear()["endpoint"], sockets=sockets, topics=topics)
    audience.hear()
    publisher.cue()
    heard = audience.hear()
    publisher.cue()
    published = publisher.hear()
    return {
        "seconds": max(published["seconds"], heard["seconds"]),
        "published": count / published["seconds"],
        "delivered": heard["delivered"] / heard["seconds"],
        "slowest": heard["slowest"] / count * 100,
    }


def _fan_out(sockets: int) -> Row:
    metrics = {"delivered": Metric("delivered/s"), "slowest": Metric("% at the slowest")}
    round_ = partial(play, sockets=sockets, topics=1, target=0)
    return Row(f"tcp PUB-{sockets} SUB 64 B", metrics, round_, start=10_000 // sockets)


def _matching(subscriptions: int, matches: bool) -> Row:
    round_ = partial(play, sockets=1, topics=subscriptions, target=subscriptions // 2 if matches else None)
    name = f"publish, {'one' if matches else 'none'} of {subscriptions:,} matches"
    return Row(name, {"published": Metric("published/s")}, round_, start=10_000, group="matching")


ROWS = [_fan_out(sockets) for sockets in (1, 10, 100)] + [
    _matching(subscriptions, matches) for subscriptions in (1, 1000, 100_000) for matches in (False, True)
]
