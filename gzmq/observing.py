"""Looking at a socket from outside: its monitor, its events, its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .constants import Event, SocketOption, SocketType
from .monitor import EventStream, Monitor

if TYPE_CHECKING:
    from .context import Context
    from .core import SocketCore

S = TypeVar("S", bound="Observing")


class Peer(NamedTuple):
    """One pipe of a socket, at one moment.

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


class Events(int):
    """The mask of what a socket is ready for, POLLIN and POLLOUT; a call listens to its connections."""

    _core: SocketCore

    def __new__(cls, mask: int, core: SocketCore) -> Events:
        made = super().__new__(cls, mask)
        made._core = core
        return made

    def __call__(self, mask: int = Event.ALL, limit: int = 1000) -> EventStream:
        """What happens to the socket's connections from now on, to iterate over.

        It ends when the socket closes. It never blocks the socket: of the events that nobody has looked at, the last
        ``limit`` are kept.
        """
        self._core.settle()
        return EventStream(self._core, mask, limit)


class Observing:
    """monitor, events and peers."""

    _core: SocketCore
    context: Context

    if TYPE_CHECKING:  # what this is mixed into has
        get: Any
        set: Any

    def monitor(self, addr: str | None, events: int = Event.ALL) -> None:
        """Send this socket's events to a PAIR bound at ``addr`` (inproc); None ends it.

        Source: zmq_socket_monitor(3).
        """
        self._core.check_usable()
        self.disable_monitor()
        if addr is not None:
            self._core.monitors[Monitor(self._pair(), addr, events)] = None

    def get_monitor_socket(self: S, events: int = Event.ALL, addr: str | None = None) -> S:
        """A PAIR to receive this socket's events from."""
        if self._monitor() is None:
            self.monitor(addr or f"inproc://monitor.s-{id(self._core):x}", events)
        monitor = self._monitor()
        assert monitor is not None
        pair = self._pair()
        pair.connect(monitor.address)
        return pair

    def disable_monitor(self) -> None:
        """End `monitor`."""
        monitor = self._monitor()
        if monitor is not None:
            del self._core.monitors[monitor]
            monitor.stop()

    @property
    def events(self) -> Events:
        """The option EVENTS, as pyzmq has it; called, the stream: ``for event in socket.events(): ...``"""
        return Events(self.get(SocketOption.EVENTS), self._core)

    @events.setter
    def events(self, value: Any) -> None:
        self.set(SocketOption.EVENTS, value)  # raises: it can only be read

    def peers(self) -> list[Peer]:
        """Who is at the other ends at this moment: connections, those being made anew, and inproc."""
        self._core.check_usable()
        return [_peer(pipe) for pipe in self._core.pipes]

    def _monitor(self) -> Monitor | None:
        return next((monitor for monitor in self._core.monitors if isinstance(monitor, Monitor)), None)

    def _pair(self) -> Any:
        return type(self)(self.context, SocketType.PAIR)  # type: ignore[call-arg]


def _peer(pipe: Any) -> Peer:
    metadata = pipe.metadata or {}
    peer = pipe.peer
    traffic = peer.sink.traffic if peer is not None else None
    return Peer(
        endpoint=pipe.endpoint,
        address=metadata.get("Peer-Address"),
        socket_type=metadata.get("Socket-Type"),
        routing_id=pipe.routing_id or pipe.announced_id,
        connected=traffic.connected if traffic is not None else peer is not None and not peer.closed,
        sndhwm=pipe.hwm,
        queued_out=len(pipe.outbox),
        queued_in=len(pipe.inbox),
        messages_out=getattr(traffic, "messages_out", None),
        messages_in=getattr(traffic, "messages_in", None),
        bytes_out=getattr(traffic, "bytes_out", None),
        bytes_in=getattr(traffic, "bytes_in", None),
        dropped={**({"hwm": pipe.dropped} if pipe.dropped else {}), **getattr(traffic, "dropped", {})},
    )
