"""Devices that are monitored queues."""

from __future__ import annotations

from ..constants import SocketType
from .monitoredqueue import monitored_queue
from .proxydevice import GreenletProxy, ProcessProxy, Proxy, ProxyBase, ThreadProxy

__all__ = ["GreenletMonitoredQueue", "MonitoredQueue", "ProcessMonitoredQueue", "ThreadMonitoredQueue"]


class MonitoredQueueBase(ProxyBase):
    """What monitored queues have beside a proxy: the prefixes of what came from either side."""

    def __init__(
        self,
        in_type: int,
        out_type: int,
        mon_type: int = SocketType.PUB,
        in_prefix: bytes = b"in",
        out_prefix: bytes = b"out",
    ):
        super().__init__(in_type, out_type, mon_type)
        self._in_prefix, self._out_prefix = in_prefix, out_prefix

    def run_device(self) -> None:
        """Make the sockets, and forward until an error. For `run` to call."""
        ins, outs, mons = self._setup_sockets()
        monitored_queue(ins, outs, mons, self._in_prefix, self._out_prefix)


class MonitoredQueue(MonitoredQueueBase, Proxy):
    """A `monitored_queue` between two sockets, with a third that monitors. See `Device`."""


class GreenletMonitoredQueue(MonitoredQueueBase, GreenletProxy):
    """A `MonitoredQueue` in a greenlet."""


class ThreadMonitoredQueue(MonitoredQueueBase, ThreadProxy):
    """A `MonitoredQueue` in a thread."""


class ProcessMonitoredQueue(MonitoredQueueBase, ProcessProxy):
    """A `MonitoredQueue` in a process."""
