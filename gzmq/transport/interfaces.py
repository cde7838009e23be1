"""The network interfaces of this machine."""

from __future__ import annotations

import fcntl
import ipaddress
import socket as net
import struct
from _socket import socket as RawSocket
from contextlib import closing

_SIOCGIFADDR, _SIOCGIFNETMASK = 0x8915, 0x891B


def interfaces():
    """Name -> IPv4Interface, of those that have an IPv4 address."""
    found = {}
    with closing(RawSocket(net.AF_INET, net.SOCK_DGRAM)) as probe:
        for _, name in net.if_nameindex():
            try:
                address, mask = (_ask(probe, name, question) for question in (_SIOCGIFADDR, _SIOCGIFNETMASK))
            except OSError:
                continue
            found[name] = ipaddress.IPv4Interface(f"{address}/{mask}")
    return found


def _ask(probe, name, question):
    answer = fcntl.ioctl(probe.fileno(), question, struct.pack("256s", name.encode()[:15]))
    return net.inet_ntoa(answer[20:24])
