"""The pipes of a socket as its user sees them: who is at their other ends, and what they have dropped."""

# Annotations are not strings here: each of a NamedTuple's would be compiled as this is loaded.
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .core import SocketCore


class Peer(NamedTuple):
    """One pipe of a socket, at one moment.

    ``routing_id`` is what a ROUTER calls the peer, or the four bytes, big-endian, of its number at a SERVER or PEER.
    ``address`` and ``socket_type`` are known once a connection has shaken hands; over inproc they are None, as are the
    counters of messages and bytes. ``dropped`` counts messages by the reason why they were dropped.
    """

    endpoint: str
    address: str | None
    socket_type: str | None
    routing_id: bytes
    connected: bool
    sndhwm: int
    queued_out: int
    queued_in: int
    messages_out: int | None
    messages_in: int | None
    bytes_out: int | None
    bytes_in: int | None
    dropped: dict[str, int]


#: Of what goes over a wire, in the order of `Peer`.
_COUNTERS = attrgetter("messages_out", "messages_in", "bytes_out", "bytes_in")
_UNCOUNTED = (None,) * 4


def peer(pipe: Any, unqueued: int) -> Peer:
    """Who is at the other end of a pipe, to which so many messages are on their way that are in no queue."""
    metadata, other = pipe.metadata, pipe.peer
    traffic = None if other is None else other.sink.traffic
    if traffic is None:  # inproc, or it has closed
        connected, counters = other is not None and not other.closed, _UNCOUNTED
    else:
        connected, counters = traffic.connected, _COUNTERS(traffic)
    fields = (
        pipe.endpoint,
        metadata.get("Peer-Address") if metadata else None,
        metadata.get("Socket-Type") if metadata else None,
        pipe.routing_id or pipe.announced_id,
        connected,
        pipe.hwm,
        len(pipe.outbox) + unqueued,
        len(pipe.inbox),
        *counters,
        _dropped(pipe, traffic),
    )
    return tuple.__new__(Peer, fields)  # as Peer(*fields), in half the time


def drops(core: "SocketCore") -> dict[str, int]:
    """How many messages a socket has dropped, by reason."""
    counts = Counter(core.drops)
    for pipe in core.pipes:
        dropped = _dropped(pipe, None if pipe.peer is None else pipe.peer.sink.traffic)
        if dropped:  # of very many peers hardly any drops anything
            counts.update(dropped)
    return {reason: count for reason, count in counts.items() if count}


def _dropped(pipe: Any, traffic: Any) -> dict[str, int]:
    """How many messages, by reason."""
    drops: dict[str, int] = pipe.drops()
    if traffic is not None and traffic.dropped:
        drops.update(traffic.dropped)
    return drops
