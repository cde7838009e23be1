"""udp://: datagrams to a host or a multicast group, and from anybody; zmq_udp(7)."""

from __future__ import annotations

import _socket as net
import errno
import os
import struct
from _socket import socket as RawSocket

from .. import numeric
from ..constants import Errno
from ..error import zmq_error
from ..zmtp import datagram
from .datagrams import DatagramSession
from .tcp import bind_address, local_address, no_device, resolve, sockaddr
from .tuning import tune_stream

#: Which type does what, and how its messages look.
_USES = {
    ("RADIO", "connect"): datagram.Groups,
    ("DISH", "bind"): datagram.Groups,
    ("DGRAM", "bind"): datagram.Raw,
}
_ANY = {net.AF_INET: "0.0.0.0", net.AF_INET6: "::"}
#: Linux: whether a socket hears the groups that others of this host have joined. Python has no name for it.
_IP_MULTICAST_ALL = 49


def bind(socket, endpoint):
    """Receive what comes to a port (DISH), or send as well (DGRAM).

    As in libzmq SO_REUSEADDR is set, so that others of this host may receive at the same port: of a multicast each
    gets all, of other datagrams the last one that bound. Raises ZMQError: ENOCOMPATPROTO for another type, EINVAL for a
    socket that asks for security, ENODEV, and what the system says. A host name is looked up, which blocks the calling
    greenlet.
    """
    codec = _codec(socket, "bind", endpoint)
    options = socket.options
    family, address = bind_address(endpoint, options, socket.hub)
    interface = _interface(endpoint, family)
    sock = _open(family, options, endpoint)
    try:
        sock.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
        if endpoint.is_multicast:
            sock.setsockopt(net.SOL_SOCKET, net.SO_REUSEPORT, 1)
            address = sockaddr(_ANY[family], endpoint.port)
        sock.bind(address)
        if endpoint.is_multicast:
            _join(sock, endpoint.host, interface)
        _tune_multicast(sock, options, interface)
    except OSError as error:
        raise _failed(sock, "bind", endpoint, error) from None
    session = DatagramSession(socket, _describe(endpoint, sock.getsockname()), "bind")
    if not session.start(sock, codec(), None):
        raise zmq_error(errno.EINVAL, f"cannot bind {endpoint}: a {socket.type_name} has one endpoint, this one has it")
    return session


def connect(socket, endpoint):
    """Send to a host or a group (RADIO), whether anybody is there or not.

    Raises ZMQError: ENOCOMPATPROTO for another type, ENODEV, EINVAL for a host that is not found and for a socket that
    asks for security. A host name is looked up once, which blocks the calling greenlet.
    """
    codec = _codec(socket, "connect", endpoint)
    family, target = _target(endpoint, socket.options, socket.hub)
    interface = _interface(endpoint, family)
    sock = _open(family, socket.options, endpoint)
    try:
        _tune_multicast(sock, socket.options, interface)
    except OSError as error:
        raise _failed(sock, "connect", endpoint, error) from None
    session = DatagramSession(socket, str(endpoint), "connect")
    session.start(sock, codec(), target)
    return session


def _codec(socket, verb, endpoint):
    codec = _USES.get((socket.type_name, verb))
    if codec is None:
        uses = ", ".join(f"{name} ({verb})" for name, verb in _USES)
        why = f"udp is for {uses}, this socket is a {socket.type_name}"
        raise zmq_error(Errno.ENOCOMPATPROTO, f"cannot {verb} {endpoint}: {why}")
    socket.options.security.check_absent(endpoint, "udp")
    return codec


def _open(family, options, endpoint):
    """A socket with the options that act on the descriptor."""
    sock = RawSocket(family, net.SOCK_DGRAM)
    sock.setblocking(False)
    try:
        tune_stream(sock, options)
    except OSError as error:
        raise _failed(sock, "open", endpoint, error) from None
    return sock


def _failed(sock, verb, endpoint, error):
    sock.close()
    return zmq_error(error.errno, f"cannot {verb} {endpoint}: {os.strerror(error.errno)}")


def _target(endpoint, options, hub):
    """(family, address) to send to."""
    host = endpoint.host
    family = numeric.family(host)
    if family is not None:
        if family == net.AF_INET6 and not options.ipv6:
            raise zmq_error(errno.EINVAL, f"{endpoint} is an IPv6 address: set the option IPV6 first")
        return family, sockaddr(host, endpoint.port)
    family = net.AF_UNSPEC if options.ipv6 else net.AF_INET
    try:
        found = resolve(hub, host, endpoint.port, family, net.SOCK_DGRAM)
    except OSError as error:
        raise zmq_error(errno.EINVAL, f"cannot connect {endpoint}: cannot resolve {host!r}: {error}") from None
    family, _, _, _, address = found[0]
    return family, address


def _describe(endpoint, address):
    """The endpoint that a RADIO can connect to, or a DGRAM send to."""
    host, port = endpoint.host if endpoint.is_multicast else address[0], address[1]
    interface = f"{endpoint.interface};" if endpoint.interface else ""
    return f"udp://{interface}[{host}]:{port}" if ":" in host else f"udp://{interface}{host}:{port}"


# -- multicast --------------------------------------------------------------------------------------------------------


def _tune_multicast(sock, options, interface):
    """How what is sent to a group leaves: over how many hops, back to this host or not, by which interface."""
    if sock.family == net.AF_INET6:
        sock.setsockopt(net.IPPROTO_IPV6, net.IPV6_MULTICAST_LOOP, options.multicast_loop)
        sock.setsockopt(net.IPPROTO_IPV6, net.IPV6_MULTICAST_HOPS, options.multicast_hops)
        sock.setsockopt(net.IPPROTO_IPV6, net.IPV6_MULTICAST_IF, interface)
    else:
        sock.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_LOOP, options.multicast_loop)
        sock.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_TTL, options.multicast_hops)
        sock.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_IF, interface)


def _join(sock, host, interface):
    """Hear a group; over IPv4, no other that is joined on this host at the same port."""
    group = net.inet_pton(sock.family, host.partition("%")[0])
    if sock.family == net.AF_INET6:
        sock.setsockopt(net.IPPROTO_IPV6, net.IPV6_JOIN_GROUP, group + interface)
    else:
        sock.setsockopt(net.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        sock.setsockopt(net.IPPROTO_IP, net.IP_ADD_MEMBERSHIP, group + interface)


def _interface(endpoint, family):
    """The interface for multicasts: over IPv4 its address, over IPv6 its number; zeros are the system's choice.

    Raises ZMQError ENODEV for none of this machine's. IPv6 needs a name, as in libzmq.
    """
    name = endpoint.interface or endpoint.host.partition("%")[2]
    if name in ("", "*"):
        return bytes(4)
    if family == net.AF_INET6:
        try:
            return struct.pack("@I", net.if_nametoindex(name))
        except OSError:
            raise no_device(endpoint, name) from None
    address = local_address(name)
    if not address or ":" in address:
        raise no_device(endpoint, name)
    return net.inet_aton(address)
