"""The options that act on a file descriptor."""

from __future__ import annotations

import _socket as net

#: setsockopt(2) names that older Pythons lack.
_SO_BUSY_POLL, _TCP_USER_TIMEOUT = 46, 18
_IFNAMSIZ = 16


def tune_stream(sock, options):
    """For every stream socket."""
    if options.sndbuf >= 0:
        sock.setsockopt(net.SOL_SOCKET, net.SO_SNDBUF, options.sndbuf)
    if options.rcvbuf >= 0:
        sock.setsockopt(net.SOL_SOCKET, net.SO_RCVBUF, options.rcvbuf)
    if sock.family == net.AF_UNIX:
        return
    if options.tos:
        sock.setsockopt(net.IPPROTO_IP, net.IP_TOS, options.tos)
        if sock.family == net.AF_INET6:
            sock.setsockopt(net.IPPROTO_IPV6, net.IPV6_TCLASS, options.tos)
    if options.priority:
        tune_priority(sock, options)
    if options.busy_poll:
        sock.setsockopt(net.SOL_SOCKET, _SO_BUSY_POLL, options.busy_poll)
    if options.bindtodevice:
        _bind_to_device(sock, options.bindtodevice.rstrip(b"\0") + b"\0")


def tune_priority(sock, options):
    """The one of them that an accepted connection does not have from its listener."""
    sock.setsockopt(net.SOL_SOCKET, net.SO_PRIORITY, options.priority)


def _bind_to_device(sock, name):
    """One that was adopted may have it, and only the superuser may set one anew."""
    if sock.getsockopt(net.SOL_SOCKET, net.SO_BINDTODEVICE, _IFNAMSIZ) != name:
        sock.setsockopt(net.SOL_SOCKET, net.SO_BINDTODEVICE, name)


def tune_tcp(sock, options):
    """For TCP sockets."""
    sock.setsockopt(net.IPPROTO_TCP, net.TCP_NODELAY, 1)
    if options.tcp_keepalive >= 0:
        sock.setsockopt(net.SOL_SOCKET, net.SO_KEEPALIVE, options.tcp_keepalive)
    if options.tcp_keepalive == 1:
        for name, value in (
            (net.TCP_KEEPCNT, options.tcp_keepalive_cnt),
            (net.TCP_KEEPIDLE, options.tcp_keepalive_idle),
            (net.TCP_KEEPINTVL, options.tcp_keepalive_intvl),
        ):
            if value > 0:
                sock.setsockopt(net.IPPROTO_TCP, name, value)
    if options.tcp_maxrt > 0:
        sock.setsockopt(net.IPPROTO_TCP, _TCP_USER_TIMEOUT, options.tcp_maxrt)
