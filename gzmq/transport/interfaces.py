"""The network interfaces of this machine."""

from __future__ import annotations

import fcntl
import struct
from _socket import AF_INET, SOCK_DGRAM, if_nameindex, inet_ntoa
from _socket import socket as RawSocket
from contextlib import closing

_SIOCGIFADDR, _SIOCGIFNETMASK = 0x8915, 0x891B


def interfaces():
    """Name -> (address, mask), as text, of those that have an IPv4 address."""
    found = {}
    with closing(RawSocket(AF_INET, SOCK_DGRAM)) as probe:
        for _, name in if_nameindex():
            try:
                found[name] = _ask(probe, name, _SIOCGIFADDR), _ask(probe, name, _SIOCGIFNETMASK)
            except OSError:
                continue
    return found


def _ask(probe, name, question):
    answer = fcntl.ioctl(probe.fileno(), question, struct.pack("256s", name.encode()[:15]))
    return inet_ntoa(answer[20:24])
