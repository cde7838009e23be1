"""Proxies that make their own sockets and run beside the program: in a greenlet, a thread or a process."""

from ..forwarding import proxy as proxy
from .basedevice import Device, GreenletDevice, ProcessDevice, ThreadDevice
from .monitoredqueue import monitored_queue
from .monitoredqueuedevice import GreenletMonitoredQueue, MonitoredQueue, ProcessMonitoredQueue, ThreadMonitoredQueue
from .proxydevice import GreenletProxy, ProcessProxy, Proxy, ThreadProxy
from .proxysteerabledevice import (
    GreenletProxySteerable,
    ProcessProxySteerable,
    ProxySteerable,
    ThreadProxySteerable,
)

__all__ = [
    "Device",
    "GreenletDevice",
    "GreenletMonitoredQueue",
    "GreenletProxy",
    "GreenletProxySteerable",
    "MonitoredQueue",
    "ProcessDevice",
    "ProcessMonitoredQueue",
    "ProcessProxy",
    "ProcessProxySteerable",
    "Proxy",
    "ProxySteerable",
    "ThreadDevice",
    "ThreadMonitoredQueue",
    "ThreadProxy",
    "ThreadProxySteerable",
    "monitored_queue",
]
