"""Asking a SOCKS 5 proxy for a connection, without I/O (RFC 1928, and RFC 1929 for user name and password).

Rules: a script is a generator that yields what to send and how many bytes of the answer it needs next, and is sent
exactly those; not one byte behind the proxy's last is asked for, as that is the peer's.
"""

from __future__ import annotations

import errno
import ipaddress
from collections.abc import Generator

Script = Generator[tuple[bytes, int], bytes, None]

_VERSION, _AUTH_VERSION = b"\x05", b"\x01"
_NO_AUTH, _BASIC, _NONE_FITS = 0, 2, 0xFF
_CONNECT = b"\x01"
_IPV4, _NAME, _IPV6 = 1, 3, 4

#: Reply code -> its sentence in RFC 1928, and the errno that says the same.
_REPLIES = {
    1: ("general SOCKS server failure", errno.ECONNABORTED),
    2: ("connection not allowed by ruleset", errno.EACCES),
    3: ("network unreachable", errno.ENETUNREACH),
    4: ("host unreachable", errno.EHOSTUNREACH),
    5: ("connection refused", errno.ECONNREFUSED),
    6: ("TTL expired", errno.ETIMEDOUT),
    7: ("command not supported", errno.EOPNOTSUPP),
    8: ("address type not supported", errno.EAFNOSUPPORT),
}


class SocksError(OSError):
    """The proxy does not connect us: ``strerror`` is a sentence, ``errno`` what fits it best."""

    def __init__(self, reason: str, code: int = errno.EPROTO):
        super().__init__(code, reason)


def script(host: str, port: int, username: bytes = b"", password: bytes = b"") -> Script:
    """Have the proxy connect to a host, a name that the proxy looks up or a numeric address, and a port.

    With a user name, that and the password are what we identify by; else by nothing. Raises SocksError.
    """
    methods = bytes((_BASIC,)) if username else bytes((_NO_AUTH,))
    version, method = yield _VERSION + bytes((len(methods),)) + methods, 2
    _check_version(version, _VERSION)
    if method == _NONE_FITS:
        wants = "the user name and password" if username else "a client without SOCKS_USERNAME"
        raise SocksError(f"the proxy does not accept {wants}", errno.EACCES)
    if method != methods[0]:
        raise SocksError(f"the proxy chose the method 0x{method:02x}, which was not offered")
    if method == _BASIC:
        # RFC 1929: "If the server returns a `failure' (STATUS value other than X'00') status, it MUST close"
        version, status = yield b"".join((_AUTH_VERSION, _counted(username), _counted(password))), 2
        _check_version(version, _AUTH_VERSION)
        if status:
            raise SocksError(f"the proxy does not accept the user name and password (status {status})", errno.EACCES)
    yield from _connect(host, port)


def _connect(host: str, port: int) -> Script:
    request = _VERSION + _CONNECT + b"\0" + _address(host) + port.to_bytes(2, "big")
    version, reply, _ = yield request, 3
    _check_version(version, _VERSION)
    if reply:
        reason, code = _REPLIES.get(reply, (f"unknown code {reply}", errno.EPROTO))
        raise SocksError(f"the proxy cannot connect to {host}:{port}: {reason}", code)
    # Where the proxy connects from: nothing that we need, but it has to be read.
    kind, first = yield b"", 2
    length = {_IPV4: 3, _NAME: first, _IPV6: 15}.get(kind)
    if length is None:
        raise SocksError(f"the proxy's reply has an address of the unknown type {kind}")
    yield b"", length + 2


def _address(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bytes((_NAME,)) + _counted(host.encode())
    return bytes((_IPV4 if address.version == 4 else _IPV6,)) + address.packed


def _counted(text: bytes) -> bytes:
    return bytes((len(text),)) + text


def _check_version(said: int, right: bytes) -> None:
    if said != right[0]:
        raise SocksError(f"the proxy answered with version {said} where {right[0]} was due: it is no SOCKS 5 proxy")
