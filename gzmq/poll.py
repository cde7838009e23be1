"""Waiting for events on many sockets at once, gzmq's and the operating system's, without polling."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any

from gevent import get_hub

from .constants import PollEvent
from .home import unwatch
from .originals import original
from .waitqueue import WaitQueue

_READ, _WRITE = 1, 2  # libev's


class Poller:
    """What to wait for, and the waiting. Source: zmq_poll(3), and pyzmq's ``zmq.Poller``."""

    def __init__(self) -> None:
        self.sockets: list[tuple[Any, int]] = []
        self._map: dict[Any, int] = {}

    def __contains__(self, socket: Any) -> bool:
        return socket in self._map

    def register(self, socket: Any, flags: int = PollEvent.POLLIN | PollEvent.POLLOUT) -> None:
        """Watch a socket, a file descriptor, or an object with ``fileno()``. Flags of 0 unregister it."""
        if not flags:
            if socket in self._map:
                self.unregister(socket)
        elif socket in self._map:
            self.sockets[self._map[socket]] = (socket, flags)
        else:
            _check(socket)
            self._map[socket] = len(self.sockets)
            self.sockets.append((socket, flags))

    def modify(self, socket: Any, flags: int = PollEvent.POLLIN | PollEvent.POLLOUT) -> None:
        """Change what a socket is watched for."""
        self.register(socket, flags)

    def unregister(self, socket: Any) -> None:
        """Watch it no more. Raises KeyError when it is not registered."""
        index = self._map.pop(socket)
        del self.sockets[index]
        for later, _ in self.sockets[index:]:
            self._map[later] -= 1

    def poll(self, timeout: float | None = None) -> list[tuple[Any, int]]:
        """Wait until something happens: [(socket, events)], empty after ``timeout`` milliseconds (None: no limit).

        Blocks the calling greenlet only. A timeout of 0 still lets the connections have their turn.
        """
        events = self._events()
        if events:
            return events
        hub = get_hub()
        queue = WaitQueue(hub)
        watches = _Watches(self.sockets, hub.loop, queue.wake)
        try:
            deadline = None if timeout is None or timeout < 0 else monotonic() + timeout / 1000
            while not events:
                left = None if deadline is None else deadline - monotonic()
                woken = queue.wait(left)
                events = self._events()
                if not woken:
                    break
            return events
        finally:
            watches.close()

    def _events(self) -> list[tuple[Any, int]]:
        """The events that are there at this moment."""
        events = []
        for socket, flags in self.sockets:
            if hasattr(socket, "ready_events"):
                here = socket.ready_events() & flags
            else:
                here = _fd_events(_fileno(socket), flags)
                socket = _fileno(socket)
            if here:
                events.append((socket, int(here)))
        return events


#: Those that watch descriptors at this moment.
_waiting: set[_Watches] = set()


class _Watches:
    """The hub's attention to some sockets, until closed."""

    def __init__(self, sockets: list[tuple[Any, int]], loop: Any, notify: Callable[[], None]):
        self._sockets: list[tuple[Any, Callable[[], None]]] = []
        self._io: list[Any] = []
        for socket, flags in sockets:
            if hasattr(socket, "watch"):
                socket.watch(notify)
                self._sockets.append((socket, notify))
            else:
                mask = (_READ if flags & (PollEvent.POLLIN | PollEvent.POLLPRI) else 0) | (
                    _WRITE if flags & PollEvent.POLLOUT else 0
                )
                watcher = loop.io(_fileno(socket), mask or _READ)
                watcher.start(notify)
                self._io.append(watcher)
        if self._io:
            _waiting.add(self)

    def close(self) -> None:
        for socket, notify in self._sockets:
            socket.unwatch(notify)
        for watcher in self._io:
            unwatch(watcher)
        _waiting.discard(self)


def _forsake_polls() -> None:
    """In a forked child: who waits here is a copy, and its watchers would keep the loop busy."""
    for watches in list(_waiting):
        watches.close()


os.register_at_fork(after_in_child=_forsake_polls)


def _check(socket: Any) -> None:
    if not hasattr(socket, "ready_events"):
        _fileno(socket)


def _fileno(socket: Any) -> int:
    if isinstance(socket, int):
        return socket
    try:
        return int(socket.fileno())
    except AttributeError:
        raise TypeError(
            f"expected a gzmq socket, a file descriptor or an object with fileno(), got {socket!r}"
        ) from None


def _fd_events(fd: int, flags: int) -> int:
    """What poll(2) says of a file descriptor now."""
    poll = original("select", "poll")()
    # PollEvent's POLLIN, POLLOUT, POLLERR, POLLPRI are 1, 2, 4, 8; poll(2)'s are 1, 4, 8, 2.
    poll.register(fd, (flags & 1) | (4 if flags & 2 else 0) | (2 if flags & 8 else 0))
    events = 0
    for _, found in poll.poll(0):
        events |= (found & 1) | (2 if found & 4 else 0) | (4 if found & (8 | 16) and flags & 4 else 0)
        events |= 8 if found & 2 else 0
        if found & 16 and flags & 1:
            events |= 1  # hung up: a read will not block
    return events


def select(
    rlist: Iterable[Any], wlist: Iterable[Any], xlist: Iterable[Any], timeout: float | None = None
) -> tuple[list[Any], list[Any], list[Any]]:
    """select(2) for gzmq sockets and file descriptors. ``timeout`` is in seconds; None is no limit."""
    poller = Poller()
    wanted: dict[Any, int] = {}
    for sockets, flag in ((rlist, PollEvent.POLLIN), (wlist, PollEvent.POLLOUT), (xlist, PollEvent.POLLERR)):
        for socket in sockets:
            wanted[socket] = wanted.get(socket, 0) | flag
    for socket, flags in wanted.items():
        poller.register(socket, flags)
    found = dict(poller.poll(None if timeout is None else timeout * 1000))

    def having(sockets: Iterable[Any], flag: int) -> list[Any]:
        return [s for s in sockets if found.get(s if hasattr(s, "ready_events") else _fileno(s), 0) & flag]

    return having(rlist, PollEvent.POLLIN), having(wlist, PollEvent.POLLOUT), having(xlist, PollEvent.POLLERR)


def zmq_poll(sockets: Sequence[tuple[Any, int]], timeout: float | None = -1) -> list[tuple[Any, int]]:
    """`Poller.poll` for (socket, flags) given at once. ``timeout`` is in milliseconds; negative is no limit."""
    poller = Poller()
    for socket, flags in sockets:
        poller.register(socket, flags)
    return poller.poll(timeout) if poller.sockets else []
