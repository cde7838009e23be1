"""Forwarding between two sockets, both ways, as fast as the slower side takes it (zmq_proxy(3))."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import gevent
from gevent.event import AsyncResult

from .constants import Errno
from .error import zmq_error

if TYPE_CHECKING:
    from .socket import Socket


def proxy(frontend: Socket, backend: Socket, capture: Socket | None = None) -> NoReturn:
    """Pass messages from each socket to the other, and a copy of each to ``capture``, until an error or a kill.

    Blocks the calling greenlet. Raises ContextTerminated when the context ends, ZMQError ENOTSOCK when a socket is
    closed; killing the greenlet ends it too.
    """
    sockets = [socket for socket in (frontend, backend, capture) if socket is not None]
    end = AsyncResult()

    def look() -> None:
        """At any change: a forwarder that waits for one socket does not notice that another is closed."""
        for socket in sockets:
            if socket.closed:
                end.set(zmq_error(Errno.ENOTSOCK, f"a socket of the proxy was closed: {socket!r}"))

    pairs = {(frontend, backend): None, (backend, frontend): None}  # one, when both are the same socket
    ways = [(source, target) for source, target in pairs if source.can_receive and target.can_send]
    runners = [gevent.spawn(_until_error, source, target, capture, end) for source, target in ways]
    for socket in sockets:
        socket.watch(look)
    try:
        raise end.get()
    finally:
        for socket in sockets:
            socket.unwatch(look)
        gevent.killall(runners)


def _until_error(source: Socket, target: Socket, capture: Socket | None, end: AsyncResult) -> None:
    """A greenlet: the error that ends the forwarding is for the caller of `proxy`, not for the hub to print."""
    try:
        forward(source, target, capture)
    except Exception as error:
        end.set(error)


def forward(source: Socket, target: Socket, capture: Socket | None = None) -> NoReturn:
    """Pass messages one way for ever. Takes a message only when the target has room for one."""
    while True:
        target.wait_writable()
        message = source.recv_multipart()
        if capture is not None:
            capture.send_multipart(message)
        target.send_multipart(message)
