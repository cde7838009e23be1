"""What can be heard of a socket's connections: events, as messages on a PAIR (zmq_socket_monitor(3)) or as a stream."""

from __future__ import annotations

import struct
from collections import deque
from contextlib import suppress
from typing import Any, NamedTuple

from .bases import IntFlag
from .constants import Event
from .error import ZMQError
from .pipe import TURN_OVER
from .waitqueue import WaitQueue

#: The endpoints (here, there) of a connection, as far as they are known.
Ends = tuple[str, str]


class OwnEvent(IntFlag):
    """What libzmq has no event for. Streams of events tell it, monitors on a PAIR do not."""

    PACKETS_LOST = 1 << 24  #: of a multicast publisher, for good; the value says how many
    LIMIT_EXCEEDED = (
        1 << 25
    )  #: a connection ends, as its peer took more than it may; the value: where in Limits._fields


#: What a stream of events tells if it is not asked for less.
EVERYTHING = Event.ALL | int(OwnEvent.PACKETS_LOST | OwnEvent.LIMIT_EXCEEDED)


class SocketEvent(NamedTuple):
    """Something that happened to a connection. ``value`` is what zmq_socket_monitor(3) or `OwnEvent` says for the
    event: a file descriptor, an errno, milliseconds, or a reason of Event.PROTOCOL_ERROR_*.
    """

    event: Event | OwnEvent
    value: int
    endpoint: str


def pack_event(event: int, value: int, endpoint: str) -> list[bytes]:
    """The message of an event: its number (16 bits) and value (32, signed), then the endpoint."""
    return [struct.pack("=Hi", event, value), endpoint.encode()]


def pack_event_v2(event: int, values: tuple[int, ...], ends: Ends) -> list[bytes]:
    """The message of an event in version 2: its number, how many values, each of them, in 64 bits; both endpoints."""
    numbers = (event, len(values), *values)
    return [*(struct.pack("=Q", number) for number in numbers), *(end.encode() for end in ends)]


class Monitor:
    """Sends events from a bound PAIR; a reader who is too slow loses the newest, and never blocks the socket."""

    def __init__(self, pair: Any, events: int, version: int):
        self._pair = pair
        self._version = version
        self.events = events

    def emit(self, event: int, value: int, endpoint: str, ends: Ends) -> None:
        """Called by the socket. Nobody listens, or the queue is full: the event is lost."""
        if event & self.events:
            v1 = self._version == 1
            self._send(pack_event(event, value, endpoint) if v1 else pack_event_v2(event, (value,), ends))

    def emit_queues(self, out: int, into: int, ends: Ends) -> None:
        """PIPES_STATS of one pipe: how many messages wait on either way."""
        self._send(pack_event_v2(Event.PIPES_STATS, (out, into), ends))

    def _send(self, message: list[bytes]) -> None:
        if not self._pair.closed:
            with suppress(ZMQError):  # the context terminates
                self._pair.settle()
                if self._pair.send(message) is TURN_OVER:
                    self._pair.send(message)

    def stop(self) -> None:
        """Say that no more will come, and leave."""
        self.emit(Event.MONITOR_STOPPED, 0, "", ("", ""))
        self._pair.close()


class EventStream:
    """Iterates over the events of a socket from now on, until it closes; waiting blocks the calling greenlet only.

    It keeps the last ``limit`` events that nobody has looked at; ``dropped`` counts those that were pushed out.
    """

    def __init__(self, core: Any, mask: int, limit: int):
        self._core = core
        self._mask = mask
        self._events: deque[SocketEvent] = deque(maxlen=limit)
        self._waiting = WaitQueue(core.hub)
        self._stopped = False
        self.dropped = 0
        core.monitors[self] = None

    def emit(self, event: int, value: int, endpoint: str, ends: Ends) -> None:
        """Called by the socket."""
        if event & self._mask:
            self.dropped += len(self._events) == self._events.maxlen
            kind = Event if event <= Event.ALL else OwnEvent
            self._events.append(SocketEvent(kind(event), value, endpoint))
            self._waiting.wake()

    def stop(self) -> None:
        """Called by the socket as it closes: what has happened till now can still be read."""
        self._stopped = True
        self._waiting.wake_all()

    def close(self) -> None:
        """Listen no more."""
        self._core.monitors.pop(self, None)
        self._events.clear()
        self.stop()

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> SocketEvent:
        while not self._events:
            if self._stopped:
                raise StopIteration
            self._waiting.wait()
        return self._events.popleft()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
