"""The transports: what carries the pipes of a socket to its peers."""

from __future__ import annotations

from typing import Any

from ..onuse import OnUse


def _tcp() -> Any:
    from . import tcp
    from .stream import StreamTransport

    return StreamTransport(tcp)


def _ipc() -> Any:
    from . import ipc
    from .stream import StreamTransport

    return StreamTransport(ipc)


def _inproc() -> Any:
    from . import inproc

    return inproc


def _multicast() -> Any:
    from . import multicast

    return multicast


def _udp() -> Any:
    from . import udp

    return udp


#: Scheme -> what has ``bind(socket, endpoint)`` and ``connect(socket, endpoint)``.
TRANSPORTS: OnUse[str, Any] = OnUse(
    {"tcp": _tcp, "ipc": _ipc, "inproc": _inproc, "pgm": _multicast, "epgm": _multicast, "udp": _udp}
)
