"""A stream transport as a table entry: a module of addresses, with the session and listener they all share."""

from __future__ import annotations

import errno
from _socket import socket as RawSocket

from ..constants import Event
from ..error import ZMQError, zmq_error
from ..zmtp import ENCODERS, MECHANISMS, PROTOCOLS, SHAPES
from .dialer import Dialer
from .listener import Listener


class StreamTransport:
    """bind and connect over one module (tcp, ipc) that knows addresses, listening and tuning."""

    def __init__(self, module):
        self._module = module

    def connect(self, socket, endpoint):
        """A session that connects from now on. Raises ZMQError for what can never work."""
        self._check(socket, endpoint)
        hop, _ = self._module.route(endpoint, socket.options)
        if self._module.needs_lookup(hop):
            _ = socket.hub.resolver  # loaded now, as what `_check` loads
        else:
            self._module.addresses(hop, socket.options)
        dialer = Dialer(socket, self._module, endpoint)
        dialer.start()
        return dialer

    def bind(self, socket, endpoint):
        """A listener. Raises ZMQError with the system's errno."""
        self._check(socket, endpoint)
        try:
            sock, bound, release = self._listen(socket, endpoint)
        except ZMQError as error:
            socket.emit(Event.BIND_FAILED, error.errno, str(endpoint), (str(endpoint), ""))
            raise
        return Listener(socket, self._module, sock, bound, release)

    def _listen(self, socket, endpoint):
        if socket.options.use_fd >= 0:
            return self._adopt(endpoint, socket.options)
        return self._module.listen(endpoint, socket.options, socket.hub)

    def _check(self, socket, endpoint):
        security = socket.options.security
        security.check(endpoint)
        if security.mechanism and socket.protocol != "zmtp":
            raise zmq_error(
                errno.EINVAL,
                f"{socket.type_name} speaks no ZMTP, so {security.mechanism.name} would protect nothing: {endpoint}",
            )
        # Loaded now: a connection of later may find no descriptor left, with which to load anything, and a process that
        # has dropped its privileges may not read our modules.
        PROTOCOLS[socket.protocol], MECHANISMS[security.mechanism.name]
        ENCODERS.get(socket.type_name), SHAPES.get(socket.type_name)
        if security.mechanism or security.zap_domain:
            from . import zap  # noqa: F401

    def _adopt(self, endpoint, options):
        """A descriptor that somebody else bound and listens with (USE_FD), such as systemd. It is ours to close."""
        fd = options.use_fd
        try:
            sock = RawSocket(fileno=fd)
            sock.setblocking(False)
            self._module.tune(sock, options)
            return sock, self._module.describe(sock.getsockname()), None
        except OSError as error:
            raise zmq_error(error.errno, f"cannot bind {endpoint} with USE_FD {fd}: {error.strerror}") from None
