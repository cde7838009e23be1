"""Forwarding between two sockets, both ways, as fast as the slower side takes it (zmq_proxy(3))."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent

if TYPE_CHECKING:
    from .socket import Socket


def proxy(frontend: Socket, backend: Socket, capture: Socket | None = None) -> None:
    """Pass messages from each socket to the other, and a copy of each to ``capture``, until an error or a kill.

    Blocks the calling greenlet. Raises ContextTerminated when the context ends, ZMQError ENOTSOCK when a socket is
    closed; killing the greenlet ends it too.
    """
    pairs = {(frontend, backend): None, (backend, frontend): None}  # one, when both are the same socket
    ways = [(source, target) for source, target in pairs if source.can_receive and target.can_send]
    runners = [gevent.spawn(forward, source, target, capture) for source, target in ways]
    try:
        for done in gevent.iwait(runners):
            done.get()  # a forwarder ends by an error only
    finally:
        gevent.killall(runners)


def forward(source: Socket, target: Socket, capture: Socket | None = None) -> None:
    """Pass messages one way for ever. Takes a message only when the target has room for one."""
    while True:
        target.wait_writable()
        message = source.recv_multipart()
        if capture is not None:
            capture.send_multipart(message)
        target.send_multipart(message)
