"""Looking at a socket from outside: its monitor, its events, its peers."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from . import endpoint as endpoints
from .binding import Binding
from .constants import Event, SocketOption, SocketType
from .core import SocketCore
from .error import ZMQError, zmq_error
from .waitqueue import give_way

if TYPE_CHECKING:
    from .context import Context
    from .contextcore import ContextCore
    from .monitor import EventStream, Monitor
    from .peers import Peer

#: Records that `peers` makes before others have their turn.
_AT_ONCE = 250


class Events(int):
    """The mask of what a socket is ready for, POLLIN and POLLOUT; a call listens to its connections."""

    _core: SocketCore

    def __new__(cls, mask: int, core: SocketCore) -> Events:
        made = super().__new__(cls, mask)
        made._core = core
        return made

    def __call__(self, mask: int | None = None, limit: int = 1000) -> EventStream:
        """What happens to the socket's connections from now on, to iterate over; ``mask`` says less than all of it.

        It ends when the socket closes. It never blocks the socket: of the events that nobody has looked at, the last
        ``limit`` are kept.
        """
        self._core.settle()
        from .monitor import EVERYTHING, EventStream

        return EventStream(self._core, EVERYTHING if mask is None else mask, limit)


class Observing:
    """monitor, events and peers."""

    _core: SocketCore
    context: Context
    _monitor_socket: Any = None

    if TYPE_CHECKING:  # what this is mixed into has
        get: Any
        set: Any

    def monitor(self, addr: str | bytes | None, events: int = Event.ALL, version: int = 1) -> None:
        """Send this socket's events (a mask of Event) to a PAIR that connects to ``addr``, an inproc endpoint.

        It replaces an earlier monitor, which hears MONITOR_STOPPED, as it does when the socket closes; None only ends
        that. An event comes as two frames, in version 2 as five or more, with the endpoints of both sides;
        `gzmq.utils.monitor` takes either apart. One that nobody is connected to hear, or that does not fit into its
        queue, is lost. Raises ZMQError: EPROTONOSUPPORT for another transport, EINVAL for other events and versions,
        EADDRINUSE. Source: zmq_socket_monitor(3), zmq_socket_monitor_versioned(3).
        """
        self._core.check_usable()
        _check_mask(events, version)
        endpoint = None if addr is None else endpoints.parse(addr, "bind")
        if endpoint is not None and endpoint.scheme != "inproc":
            raise zmq_error(errno.EPROTONOSUPPORT, f"cannot monitor at {endpoint}: events go over inproc only")
        earlier = _monitor_of(self._core)
        if earlier is not None:
            del self._core.monitors[earlier]
            earlier.stop()
        if endpoint is not None:
            from .monitor import Monitor

            self._core.monitors[Monitor(_bound_pair(self._core.context, str(endpoint)), events, version)] = None

    def monitor_pipes_stats(self) -> None:
        """Have the monitor tell of each pipe how many messages wait there, to go out and to be received: PIPES_STATS.

        Raises ZMQError: EINVAL without a monitor of version 2 for that event, EAGAIN without a pipe. `peers` says the
        same and more. Source: zmq_socket_monitor_pipes_stats(3).
        """
        core = self._core
        core.check_usable()
        monitor = _monitor_of(core)
        if monitor is None or not monitor.events & Event.PIPES_STATS:
            raise zmq_error(errno.EINVAL, "no monitor hears PIPES_STATS: monitor(addr, EVENT_ALL_V2, version=2)")
        if not core.pipes:
            raise zmq_error(errno.EAGAIN, f"there are no pipes to tell of ({core!r})")
        core.pattern.hand_out()

        def tell(pipe: Any) -> None:
            if pipe.peer is not None:  # else it has closed
                ends = getattr(pipe.peer.sink, "ends", ("", pipe.endpoint))
                monitor.emit_queues(len(pipe.outbox), len(pipe.inbox), ends)

        core.to_peers(core.pipes, tell)

    def get_monitor_socket(self, events: int | None = None, addr: str | None = None, version: int = 1) -> Any:
        """A PAIR to receive this socket's events from, of the context's class; the same one until it closes.

        events, version: as for `monitor`, all events by default. addr: an inproc endpoint, made up by default.
        """
        if self._monitor_socket is None or self._monitor_socket.closed:
            where = addr or f"inproc://monitor.s-{id(self._core):x}"
            self.monitor(where, _EVENTS.get(version, Event.ALL) if events is None else events, version)
            self._monitor_socket = self.context.socket(SocketType.PAIR)
            self._monitor_socket.connect(where)
        return self._monitor_socket

    def disable_monitor(self) -> None:
        """End `monitor`: what has happened till now can still be received, and MONITOR_STOPPED after it."""
        self._monitor_socket = None
        self.monitor(None, 0)

    @property
    def events(self) -> Events:
        """The option EVENTS, as pyzmq has it; called, the stream: ``for event in socket.events(): ...``"""
        return Events(self.get(SocketOption.EVENTS), self._core)

    @events.setter
    def events(self, value: Any) -> None:
        self.set(SocketOption.EVENTS, value)  # raises: it can only be read

    def peers(self) -> list[Peer]:
        """Who is at the other ends at this moment: connections, those being made anew, and inproc.

        Each record is of one moment, but not all are of the same if there are more than 250: the calling greenlet lets
        others run after so many. Peers that go meanwhile are left out if they were still to be looked at, and who comes
        meanwhile is not in the list. A callback of the hub cannot wait, so it gets all at once. Raises ZMQError:
        ENOTSOCK or ETERM, also if the socket's time ends meanwhile; ENOTSUP in a thread that is not the socket's own.
        """
        from .peers import peer

        core, found = self._core, []
        core.check_usable()
        unreached = core.pattern.unreached()
        for number, pipe in enumerate(list(core.pipes), 1):
            if pipe in core.pipes:
                found.append(peer(pipe, pipe in unreached))
            if number % _AT_ONCE == 0:
                give_way(core.hub)
                core.check_usable()
                unreached = core.pattern.unreached()
        return found

    def drops(self) -> dict[str, int]:
        """How many messages this socket has dropped until now, by reason; it can be asked when closed, too.

        "hwm": a queue was full (PUB, ROUTER and others that do not wait). "unsent": sent, and the connection, LINGER
        or the peer ended before it left. "unroutable": a ROUTER knows no such peer. "unwanted": received, and no
        subscription wants it any more, nobody waits for this reply, or it is no request. What nobody subscribes to is
        not sent, and so no drop.
        """
        from .peers import drops

        return drops(self._core)


#: All events of each version.
_EVENTS = {1: Event.ALL, 2: Event.ALL_V2}


def _check_mask(events: int, version: int) -> None:
    if version not in _EVENTS:
        raise zmq_error(errno.EINVAL, f"monitors have no version {version!r}; they have 1 and 2")
    if not isinstance(events, int):
        raise TypeError(f"events are a mask of gzmq.Event, not {events!r}")
    if not -(2**31) <= events < 2**31:
        raise OverflowError(f"events={events} do not fit into 32 bits")
    if not 0 <= events <= _EVENTS[version]:
        known = f"{_EVENTS[version]:#x}, can be monitored in version {version}"
        raise zmq_error(errno.EINVAL, f"events={events:#x}: only those of {known}")


class _Pair(Binding):
    """What a monitor's events are sent from."""

    def __init__(self, context: ContextCore):
        self._core = SocketCore(context, SocketType.PAIR)
        self._core.options.linger = 0


def _bound_pair(context: ContextCore, addr: str) -> SocketCore:
    pair = _Pair(context)
    try:
        pair.bind(addr)
    except ZMQError:
        pair._core.close()
        raise
    return pair._core


def _monitor_of(core: SocketCore) -> Monitor | None:
    """The one that sends to a PAIR, of all that listen."""
    from .monitor import Monitor

    return next((one for one in core.monitors if isinstance(one, Monitor)), None)
