"""What an endpoint of tcp or ipc is to connect(2) and bind(2), for greenlets."""

from __future__ import annotations

import errno
import os
import struct
import tempfile
from contextlib import suppress
from typing import Any

from gevent import socket as green

from ..endpoint import Endpoint, Ipc, Tcp, parse
from ..error import zmq_error

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, and tell the other end by RST


def connect(text: str | bytes, timeout: float, buffer: int = 0) -> Any:
    """A connection to an endpoint, within so many seconds. Blocks the calling greenlet. Raises OSError."""
    endpoint = _stream(parse(text, "connect"))
    if isinstance(endpoint, Ipc):
        family = green.AF_UNIX
        address: Any = _path(endpoint)
    else:
        found = green.getaddrinfo(endpoint.host, endpoint.port, 0, green.SOCK_STREAM)
        family, address = found[0][0], found[0][4]
    sock = green.socket(family, green.SOCK_STREAM)
    try:
        tune(sock, buffer)
        sock.settimeout(timeout)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def listen(text: str | bytes, buffer: int = 0) -> tuple[Any, str]:
    """A listening socket, and the endpoint to connect to. Raises OSError."""
    endpoint = _stream(parse(text, "bind"))
    if isinstance(endpoint, Ipc):
        if endpoint.path == "*":
            endpoint = Ipc(endpoint.text, os.path.join(tempfile.mkdtemp(prefix="gzmq-"), "wire"))
        family, said = green.AF_UNIX, f"ipc://{endpoint.path}"
        address: Any = _path(endpoint)
    else:
        family = green.AF_INET6 if ":" in endpoint.host else green.AF_INET
        address, said = ("" if endpoint.host == "*" else endpoint.host, endpoint.port), ""
    sock = green.socket(family, green.SOCK_STREAM)
    try:
        if family != green.AF_UNIX:
            sock.setsockopt(green.SOL_SOCKET, green.SO_REUSEADDR, 1)
        tune(sock, buffer)
        sock.bind(address)
        sock.listen(1024)
    except BaseException:
        sock.close()
        raise
    if not said:
        host, port = sock.getsockname()[:2]
        said = f"tcp://[{host}]:{port}" if family == green.AF_INET6 else f"tcp://{host}:{port}"
    return sock, said


def _stream(endpoint: Endpoint) -> Tcp | Ipc:
    if not isinstance(endpoint, (Tcp, Ipc)):
        raise zmq_error(errno.EPROTONOSUPPORT, f"{endpoint} is no stream of bytes; write a tcp:// or ipc:// endpoint")
    return endpoint


def _path(endpoint: Ipc) -> str:
    return "\0" + endpoint.path[1:] if endpoint.path.startswith("@") else endpoint.path


def free(endpoint: str, folder_too: bool) -> None:
    """Remove the path of an ipc endpoint, and the folder if it was made for it."""
    if endpoint.startswith("ipc:///"):
        with suppress(OSError):
            os.unlink(endpoint[6:])
        if folder_too:
            with suppress(OSError):
                os.rmdir(os.path.dirname(endpoint[6:]))


def tune(sock: Any, buffer: int) -> None:
    """Send pieces as they are; let the kernel hold about ``buffer`` bytes either way, if that is not 0."""
    if sock.family != green.AF_UNIX:
        sock.setsockopt(green.IPPROTO_TCP, green.TCP_NODELAY, 1)
    if buffer:
        sock.setsockopt(green.SOL_SOCKET, green.SO_RCVBUF, buffer)
        sock.setsockopt(green.SOL_SOCKET, green.SO_SNDBUF, buffer)


def reset(sock: Any) -> None:
    """Close, and let the other end of a tcp connection see it reset."""
    with suppress(OSError):
        sock.setsockopt(green.SOL_SOCKET, green.SO_LINGER, _RESET)
    sock.close()


def end(sock: Any) -> None:
    """End the half of the connection that this end writes."""
    with suppress(OSError):
        sock.shutdown(green.SHUT_WR)
