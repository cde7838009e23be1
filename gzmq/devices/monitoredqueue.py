"""A proxy whose monitoring socket hears which way a message went, and which joins two ROUTERs too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from ..constants import SocketType
from ..forwarding import forward, until_one_ends, ways
from ..message import Frame
from ..socket import Socket

__all__ = ["monitored_queue"]


class _Prefixing:
    """Sends each message with one frame before it."""

    def __init__(self, socket: Socket, prefix: bytes):
        self._socket = socket
        self._prefix = prefix

    def send_multipart(self, message: Sequence[bytes | Frame]) -> None:
        self._socket.send_multipart([self._prefix, *message])


class _Swapping:
    """Receives each message with its first two frames exchanged: what comes from a ROUTER names the sender first, and
    then whom it is for; what goes to one, the other way round.
    """

    labelled = False

    def __init__(self, socket: Socket):
        self._socket = socket

    def recv_multipart(self, copy: bool = True) -> Any:
        message: Any = self._socket.recv_multipart(copy=copy)
        message[:2] = message[1::-1]
        return message


def monitored_queue(
    in_socket: Socket, out_socket: Socket, mon_socket: Socket, in_prefix: bytes = b"in", out_prefix: bytes = b"out"
) -> NoReturn:
    """Pass messages from each socket to the other, and a copy to ``mon_socket`` with a prefix that says from which.

    Between two ROUTERs the first two frames change places, so that a peer of one reaches a peer of the other by
    putting its routing id first. Blocks the calling greenlet; it ends by the errors of `proxy`, or by a kill.
    Raises TypeError for a prefix that is not bytes. Source: pyzmq's ``zmq.devices.monitored_queue``.
    """
    for prefix in (in_prefix, out_prefix):
        if not isinstance(prefix, bytes):
            raise TypeError(f"a prefix is bytes, not {prefix!r}")
    both_route = in_socket.socket_type == out_socket.socket_type == SocketType.ROUTER
    jobs = []
    for source, target in ways(in_socket, out_socket):
        taken: Any = _Swapping(source) if both_route else source
        copied: Any = _Prefixing(mon_socket, in_prefix if source is in_socket else out_prefix)
        jobs.append(partial(forward, taken, target, copied))
    until_one_ends([in_socket, out_socket, mon_socket], jobs)
    raise AssertionError("a forwarder ended without an error")
