"""tcp://: which addresses an endpoint means; zmq_tcp(7)."""

from __future__ import annotations

import _socket as net
import errno
import os
from _socket import socket as RawSocket

from .. import endpoint as endpoints
from .. import numeric
from ..error import ZMQError, zmq_error
from .tuning import tune_priority, tune_stream, tune_tcp

#: Bytes of a name that a SOCKS request has room for: RFC 1928 counts them in one.
_LONGEST_NAME = 255


def needs_lookup(endpoint):
    """Whether a resolver must be asked, which takes time."""
    return not (numeric.family(endpoint.host) and (not endpoint.source_host or _is_local(endpoint.source_host)))


def route(endpoint, options):
    """Where to connect to, and what makes the `Exchange` there, or None: a SOCKS proxy, or the endpoint itself."""
    if not options.socks_proxy:
        return endpoint, None
    size = len(endpoint.host)  # an endpoint's host is ASCII
    if size > _LONGEST_NAME:
        why = f"its host has {size} bytes, of at most {_LONGEST_NAME}"
        raise zmq_error(errno.EINVAL, f"cannot connect {endpoint} through a SOCKS proxy: {why}")
    from . import socks  # for this option alone
    from .exchange import Exchange

    proxy = _proxy(options.socks_proxy)
    hop = proxy.changed(source_host=endpoint.source_host, source_port=endpoint.source_port)

    def play(sock, loop, done, failed):
        script = socks.script(endpoint.host, endpoint.port, options.socks_username, options.socks_password)
        return Exchange(sock, loop, script, done, failed)

    return hop, play


def _proxy(address):
    """The endpoint of a SOCKS_PROXY."""
    try:
        proxy = endpoints.parse(b"tcp://" + address, "connect")
    except ZMQError as error:
        raise zmq_error(errno.EINVAL, f"SOCKS_PROXY {address!r} is not host:port: {error.strerror}") from None
    if not (proxy.host and proxy.port):
        raise zmq_error(errno.EINVAL, f"SOCKS_PROXY {address!r} is not host:port: it lacks one of both")
    return proxy


def addresses(endpoint, options):
    """[(family, address, source address or None)] to connect to, of an endpoint that needs no look-up."""
    family = numeric.family(endpoint.host)
    if family == net.AF_INET6 and not options.ipv6:
        raise zmq_error(errno.EINVAL, f"{endpoint} is an IPv6 address: set the option IPV6 first")
    return [(family, sockaddr(endpoint.host, endpoint.port), _source(endpoint, options, family))]


def look_up(endpoint, options, hub):
    """The same for a host name, asked anew each time. Blocks the calling greenlet. Raises OSError, ZMQError ENODEV."""
    family = net.AF_UNSPEC if options.ipv6 else net.AF_INET
    found = resolve(hub, endpoint.host, endpoint.port, family, net.SOCK_STREAM)
    return [(family, address, _source(endpoint, options, family)) for family, _, _, _, address in found]


def resolve(hub, host, port, family, kind):
    """As getaddrinfo; what cannot be encoded as a name, such as 64 letters without a dot, is no host's."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise net.gaierror(net.EAI_NONAME, str(error)) from None
    return hub.resolver.getaddrinfo(host, port, family, kind)


def listen(endpoint, options, hub):
    """A listening socket, and the endpoint that it can be connected to. A host name may block the calling greenlet."""
    family, address = bind_address(endpoint, options, hub)
    sock = RawSocket(family, net.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
        if family == net.AF_INET6:
            # One that listens at every address serves IPv4 too.
            sock.setsockopt(net.IPPROTO_IPV6, net.IPV6_V6ONLY, 0 if address[0] == "::" else 1)
        tune(sock, options)
        sock.bind(address)
        sock.listen(options.backlog)
    except OSError as error:
        sock.close()
        raise zmq_error(error.errno, f"cannot bind {endpoint}: {os.strerror(error.errno)}") from None
    return sock, describe(sock.getsockname()), None


def describe(address):
    """tcp://host:port of a socket address."""
    host, port = address[:2]
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def tune(sock, options):
    """Apply the options that act on a descriptor. Raises OSError."""
    tune_stream(sock, options)
    tune_tcp(sock, options)


def tune_accepted(sock, options):
    """Apply those that Linux does not hand on from a listening descriptor to what it accepts. Raises OSError."""
    if options.priority:
        tune_priority(sock, options)


def admits(sock, options):
    """Whether an accepted connection comes from an address that TCP_ACCEPT_FILTER names, if it names any."""
    if not options.tcp_filters:
        return True
    try:
        host = sock.getpeername()[0]
    except OSError:  # it has gone already
        return False
    return _is_within(host, options.tcp_filters)


def _is_within(host, networks):
    from ipaddress import ip_address  # the networks have loaded it

    address = ip_address(host)
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)


def peer_facts(sock, address=None):
    """What a frame's metadata says of where its peer is, whose address may be known from accept(2)."""
    try:
        return located(address or sock.getpeername(), sock.fileno())
    except OSError:  # it has gone already
        return {}


def located(address, fd):
    """The same, of a peer at this address; "__fd" is libzmq's name for the descriptor."""
    return {"Peer-Address": address[0], "__fd": str(fd)}


def is_own_echo(sock):
    """Connecting to a free port of the ephemeral range can meet itself; such a connection is nobody's."""
    try:
        return sock.getsockname() == sock.getpeername()
    except OSError:
        return False


def _is_local(host):
    return host == "*" or numeric.family(host) or host in _interfaces()


def sockaddr(host, port):
    """What connect(2) and bind(2) take; a zone ("fe80::1%eth0") becomes its index."""
    if ":" not in host:
        return (host, port)
    host, _, zone = host.partition("%")
    scope = int(zone) if zone.isdigit() else net.if_nametoindex(zone) if zone else 0
    return (host, port, 0, scope)


def _source(endpoint, options, family):
    """The address to connect from, if the endpoint names one."""
    if not endpoint.source_host:
        return None
    any_address = "::" if family == net.AF_INET6 else "0.0.0.0"
    host = any_address if endpoint.source_host == "*" else local_address(endpoint.source_host)
    if not host:
        raise no_device(endpoint, endpoint.source_host)
    return sockaddr(host, endpoint.source_port)


def bind_address(endpoint, options, hub):
    """(family, address) that the host and port of an endpoint mean to bind(2). Raises ZMQError ENODEV."""
    if endpoint.host == "*":
        host = "::" if options.ipv6 else "0.0.0.0"
    else:
        host = local_address(endpoint.host) or _own_name(endpoint, options, hub)
    family = net.AF_INET6 if ":" in host else net.AF_INET
    if family == net.AF_INET6 and not options.ipv6:
        raise zmq_error(errno.ENODEV, f"cannot bind {endpoint}: set the option IPV6 first")
    return family, sockaddr(host, endpoint.port)


def local_address(host):
    """A numeric address as it is, the address of an interface by its name, or None."""
    return host if numeric.family(host) else _interfaces().get(host)


def _own_name(endpoint, options, hub):
    """The address that a host name to bind stands for."""
    family = net.AF_UNSPEC if options.ipv6 else net.AF_INET
    try:
        found = resolve(hub, endpoint.host, 0, family, net.SOCK_STREAM)
    except OSError:
        raise no_device(endpoint, endpoint.host) from None
    return found[0][4][0]


def no_device(endpoint, host):
    """The error for a host that is none of this machine's."""
    known = ", ".join(_interfaces())
    return zmq_error(
        errno.ENODEV, f"cannot use {endpoint}: {host!r} is no IP address, no host and no interface with one ({known})"
    )


def _interfaces():
    """Name -> IPv4 address."""
    from .interfaces import interfaces  # for endpoints that name one, or nothing that is known

    return {name: address for name, (address, _) in interfaces().items()}
