"""Proxies with a fourth socket, which takes commands: PAUSE, RESUME, TERMINATE, STATISTICS."""

from __future__ import annotations

from typing import Any

from ..constants import SocketType
from ..forwarding import proxy_steerable
from ..socket import Socket
from .basedevice import Plan
from .proxydevice import GreenletProxy, ProcessProxy, Proxy, ProxyBase, ThreadProxy

__all__ = ["GreenletProxySteerable", "ProcessProxySteerable", "ProxySteerable", "ThreadProxySteerable"]


class ProxySteerableBase(ProxyBase):
    """What steerable proxies have beside a proxy: the socket ``ctrl``; without a type for it there is none."""

    def __init__(self, in_type: int, out_type: int, mon_type: int = SocketType.PUB, ctrl_type: int | None = None):
        super().__init__(in_type, out_type, mon_type)
        self.ctrl_type = ctrl_type
        self._ctrl = Plan(-1 if ctrl_type is None else ctrl_type)

    def bind_ctrl(self, addr: str) -> None:
        """Bind the control socket, at the start."""
        self._ctrl.binds.append(addr)

    def bind_ctrl_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """`bind_ctrl` to a port that is free now, and its number. Arguments as `Socket.bind_to_random_port`."""
        return self._bind_to_random_port(self._ctrl, addr, *args, **kwargs)

    def connect_ctrl(self, addr: str) -> None:
        """Connect the control socket, at the start."""
        self._ctrl.connects.append(addr)

    def setsockopt_ctrl(self, opt: int, value: Any) -> None:
        """Set an option of the control socket, at the start."""
        self._ctrl.options.append((opt, value))

    def _setup_sockets(self) -> list[Socket]:
        sockets = super()._setup_sockets()
        return sockets if self.ctrl_type is None else [*sockets, self._make(sockets[0].context, self._ctrl)]

    def run_device(self) -> None:
        """Make the sockets, and forward until an error or the command TERMINATE. For `run` to call."""
        proxy_steerable(*self._setup_sockets())


class ProxySteerable(ProxySteerableBase, Proxy):
    """A `proxy_steerable` between two sockets, with a monitoring and a control socket. See `Device`."""


class GreenletProxySteerable(ProxySteerableBase, GreenletProxy):
    """A `ProxySteerable` in a greenlet."""


class ThreadProxySteerable(ProxySteerableBase, ThreadProxy):
    """A `ProxySteerable` in a thread."""


class ProcessProxySteerable(ProxySteerableBase, ProcessProxy):
    """A `ProxySteerable` in a process."""
