"""The transports: what carries the pipes of a socket to its peers."""

from __future__ import annotations

from typing import Any

from . import inproc, ipc, multicast, tcp, udp
from .stream import StreamTransport

#: Scheme -> what has ``bind(socket, endpoint)`` and ``connect(socket, endpoint)``.
TRANSPORTS: dict[str, Any] = {
    "tcp": StreamTransport(tcp),
    "ipc": StreamTransport(ipc),
    "inproc": inproc,
    "pgm": multicast,
    "epgm": multicast,
    "udp": udp,
}
