"""Where a socket binds and connects, and how it undoes that."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, TypeVar

from . import endpoint as endpoints
from .bases import Generic
from .constants import Errno
from .error import ZMQBindError, ZMQError, zmq_error
from .transport import TRANSPORTS

if TYPE_CHECKING:
    from .core import SocketCore


class Binding:
    """bind, connect and their opposites. Endpoints are ``scheme://address``; see the man page of each transport."""

    _core: SocketCore

    if TYPE_CHECKING:

        @property
        def closed(self) -> bool: ...

    def bind(self: S, addr: str | bytes) -> Bound[S]:
        """Listen at an endpoint. LAST_ENDPOINT then says where exactly, for port 0 or ``*``.

        Raises ZMQError: EINVAL, EPROTONOSUPPORT for what is no endpoint, ENOCOMPATPROTO for a transport that this
        type does not bind to, EADDRINUSE, EADDRNOTAVAIL, ENODEV, ENAMETOOLONG, EACCES. Source: zmq_bind(3).
        """
        return self._open(addr, "bind")

    def connect(self: S, addr: str | bytes) -> Bound[S]:
        """Connect to an endpoint, now or whenever somebody binds it; never blocks, but for a host name over udp.

        Raises ZMQError for what is no endpoint, ENOCOMPATPROTO for a transport that this type does not connect to.
        Source: zmq_connect(3).
        """
        return self._open(addr, "connect")

    def _open(self: S, addr: str | bytes, verb: str) -> Bound[S]:
        core = self._core
        core.check_usable()
        endpoint = endpoints.parse(addr, verb)
        only = core.pattern.only_scheme
        if only and endpoint.scheme != only:
            raise zmq_error(Errno.ENOCOMPATPROTO, f"cannot {verb} {endpoint}: {core.type_name} is for {only}://")
        if verb == "connect" and not core.pattern.connects_twice and core.connections.holds(str(endpoint), verb):
            return Bound(self, verb, str(endpoint))
        if verb == "connect":
            core.pattern.may_connect()
        transport = TRANSPORTS[endpoint.scheme]
        if getattr(transport, "SETTLES", True):
            core.settle()
        opened = getattr(transport, verb)(core, endpoint)
        core.last_endpoint = opened.endpoint.encode()
        if verb == "connect":
            core.options.connect_routing_id = b""
        core.connections.add(opened, str(endpoint))
        return Bound(self, verb, opened.endpoint)

    def unbind(self, addr: str | bytes) -> None:
        """Stop listening, and close what was accepted there. The port or path is free on return.

        Raises ZMQError ENOENT when the socket is not bound there. Source: zmq_unbind(3).
        """
        self._undo(addr, "bind")

    def disconnect(self, addr: str | bytes) -> None:
        """Undo one `connect`; messages not yet sent go as LINGER says.

        Raises ZMQError ENOENT when the socket is not connected there. Source: zmq_disconnect(3).
        """
        self._undo(addr, "connect")

    def _undo(self, addr: str | bytes, verb: str) -> None:
        core = self._core
        core.check_usable()
        name = str(endpoints.parse(addr, verb))
        # As in libzmq either call undoes either; only where there are both does it matter which was made.
        opened = core.connections.find(name, verb)
        if opened is None:
            known = str(core.connections) or "none"
            raise zmq_error(errno.ENOENT, f"cannot undo a {verb} to {name}: this socket's endpoints are {known}")
        core.connections.remove(opened)
        opened.close()

    def bind_to_random_port(self, addr: str, min_port: int = 49152, max_port: int = 65536, max_tries: int = 100) -> int:
        """Bind ``addr`` ("tcp://127.0.0.1") to a free port and return its number.

        Raises ZMQBindError when ``max_tries`` random ports of [min_port, max_port) were all taken.
        """
        if (min_port, max_port) == (49152, 65536):
            self.bind(f"{addr}:*")
            return int(self._core.last_endpoint.rpartition(b":")[2])
        import random  # for a range of one's own alone

        for _ in range(max_tries):
            port = random.randrange(min_port, max_port)
            try:
                self.bind(f"{addr}:{port}")
            except ZMQError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
            else:
                return port
        raise ZMQBindError(f"no free port for {addr} in [{min_port}, {max_port}) after {max_tries} tries")


S = TypeVar("S", bound=Binding)


class Bound(Generic[S]):
    """What `bind` and `connect` return: ``with socket.bind(...):`` undoes it at the end of the block."""

    def __init__(self, socket: S, kind: str, addr: str):
        self.socket = socket
        self.kind = kind  # "bind" or "connect"
        self.addr = addr

    def __enter__(self) -> S:
        return self.socket

    def __exit__(self, *exc_info: object) -> None:
        if not self.socket.closed:
            self.socket._undo(self.addr, self.kind)

    def __repr__(self) -> str:
        return f"<SocketContext({self.kind}={self.addr!r})>"
