"""Devices with a third socket, which gets a copy of all that passes."""

from __future__ import annotations

from typing import Any

from ..constants import DeviceType, SocketType
from ..socket import Socket
from .basedevice import Device, GreenletDevice, Plan, ProcessDevice, ThreadDevice

__all__ = ["GreenletProxy", "ProcessProxy", "Proxy", "ThreadProxy"]


class ProxyBase(Device):
    """What proxies have beside a device: the socket ``mon``, by default a PUB."""

    def __init__(self, in_type: int, out_type: int, mon_type: int = SocketType.PUB):
        super().__init__(DeviceType.QUEUE, in_type, out_type)
        self.mon_type = mon_type
        self._mon = Plan(mon_type)

    def bind_mon(self, addr: str) -> None:
        """Bind the monitoring socket, at the start."""
        self._mon.binds.append(addr)

    def bind_mon_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """`bind_mon` to a port that is free now, and its number. Arguments as `Socket.bind_to_random_port`."""
        return self._bind_to_random_port(self._mon, addr, *args, **kwargs)

    def connect_mon(self, addr: str) -> None:
        """Connect the monitoring socket, at the start."""
        self._mon.connects.append(addr)

    def setsockopt_mon(self, opt: int, value: Any) -> None:
        """Set an option of the monitoring socket, at the start."""
        self._mon.options.append((opt, value))

    def _setup_sockets(self) -> list[Socket]:
        sockets = super()._setup_sockets()
        return [*sockets, self._make(sockets[0].context, self._mon)]


class Proxy(ProxyBase):
    """A `proxy` between two sockets, with a copy of all that passes to a third. See `Device`."""


class GreenletProxy(ProxyBase, GreenletDevice):
    """A `Proxy` in a greenlet."""


class ThreadProxy(ProxyBase, ThreadDevice):
    """A `Proxy` in a thread."""


class ProcessProxy(ProxyBase, ProcessDevice):
    """A `Proxy` in a process."""
