"""What carries PGM's packets: UDP (epgm) or IP itself (pgm), to a group and to single addresses.

Rules: a receiver is bound to the group, so that it hears nothing else that comes to its port; a publisher is bound to
its own address, so that what receivers ask of it finds it also where a receiver on the same host has the port.
"""

from __future__ import annotations

import _socket as net
import errno
import ipaddress
import os
from _socket import socket as RawSocket

from ...error import zmq_error
from ..interfaces import interfaces
from ..tuning import tune_stream

IPPROTO_PGM = 113
_IP_MULTICAST_ALL, _IP_TOS = 49, 0xB8  # expedited forwarding, as libzmq's packets have it
_IP_HEADER, _UDP_HEADER = 20, 8


def local_address(endpoint):
    """The address of the interface that an endpoint means. Raises ZMQError ENODEV, EINVAL."""
    text = endpoint.interface
    if not text:
        return _default_address(endpoint)
    found = {name: ipaddress.IPv4Interface("/".join(pair)) for name, pair in interfaces().items()}
    if text in found:
        return found[text].ip.compressed
    try:
        wanted = ipaddress.IPv4Address(text)
    except ValueError:
        wanted = None
    for interface in found.values():
        if wanted in (interface.ip, interface.network.network_address):
            return interface.ip.compressed
    known = ", ".join(f"{name} ({interface})" for name, interface in found.items())
    raise zmq_error(errno.ENODEV, f"cannot use {endpoint}: no interface is or has {text!r}; there are {known}")


def _default_address(endpoint):
    """Where a packet to the group would leave."""
    with RawSocket(net.AF_INET, net.SOCK_DGRAM) as probe:
        try:
            probe.connect((endpoint.group, endpoint.port))
            return probe.getsockname()[0]
        except OSError as error:
            why = f"no route to the group ({error.strerror}); name an interface: {endpoint.scheme}://eth0;..."
            raise zmq_error(errno.ENODEV, f"cannot use {endpoint}: {why}") from None


class Carrier:
    """A non-blocking socket for one endpoint. ``hears_group`` says which way: from the group, or to it."""

    ip_header = _IP_HEADER
    udp_header = 0
    kind, protocol = net.SOCK_RAW, IPPROTO_PGM

    def __init__(self, endpoint, options, hears_group):
        self.address = local_address(endpoint)
        self._group = endpoint.group
        self._port = self.port(endpoint)
        try:
            self._sock = self._open(options, hears_group)
        except PermissionError:
            why = "raw sockets need the capability CAP_NET_RAW; epgm:// (the same in UDP) needs none"
            raise zmq_error(errno.EPERM, f"cannot use {endpoint}: {why}") from None
        except OSError as error:
            raise zmq_error(error.errno, f"cannot use {endpoint}: {os.strerror(error.errno)}") from None
        self.fd = self._sock.fileno()

    @staticmethod
    def port(endpoint):
        """The port of its addresses: IP has none."""
        return 0

    def _open(self, options, hears_group):
        sock = RawSocket(net.AF_INET, self.kind, self.protocol)
        try:
            sock.setblocking(False)
            sock.setsockopt(net.SOL_SOCKET, net.SO_REUSEPORT, 1)
            tune_stream(sock, options)
            sock.setsockopt(net.IPPROTO_IP, net.IP_TOS, options.tos or _IP_TOS)
            sock.setsockopt(net.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
            sock.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_IF, net.inet_aton(self.address))
            sock.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_TTL, options.multicast_hops)
            sock.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_LOOP, options.multicast_loop)
            sock.bind((self._group if hears_group else self.address, self._port))
            if hears_group:
                joined = net.inet_aton(self._group) + net.inet_aton(self.address)
                sock.setsockopt(net.IPPROTO_IP, net.IP_ADD_MEMBERSHIP, joined)
        except OSError:
            sock.close()
            raise
        return sock

    def send(self, packet, address=""):
        """Send to an address, or to the group. Raises BlockingIOError, OSError."""
        self._sock.sendto(packet, (address or self._group, self._port))

    def receive(self):
        """A packet, and the address that it came from. Raises BlockingIOError, OSError."""
        data, (address, _) = self._sock.recvfrom(0xFFFF)
        return data[(data[0] & 15) * 4 :] if data else data, address

    def close(self):
        """Close the socket, and leave the group."""
        self._sock.close()


class UdpCarrier(Carrier):
    """The same packets in UDP."""

    udp_header = _UDP_HEADER
    kind, protocol = net.SOCK_DGRAM, 0

    @staticmethod
    def port(endpoint):
        return endpoint.port

    def receive(self):
        data, (address, _) = self._sock.recvfrom(0xFFFF)
        return data, address


CARRIERS = {"pgm": Carrier, "epgm": UdpCarrier}
