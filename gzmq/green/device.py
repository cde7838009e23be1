"""pyzmq's green device: `gzmq.proxy` under its old name, and with its old arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn

from ..forwarding import proxy

if TYPE_CHECKING:
    from ..socket import Socket


def device(device_type: int, isocket: Socket, osocket: Socket | Literal[-1]) -> NoReturn:
    """`proxy` between two sockets; ``osocket`` -1 is ``isocket``. ``device_type`` has no effect, as in pyzmq."""
    proxy(isocket, isocket if osocket == -1 else osocket)
