"""A stream transport as a table entry: a module of addresses, with the session and listener they all share."""

from __future__ import annotations

from .dialer import Dialer
from .listener import Listener


class StreamTransport:
    """bind and connect over one module (tcp, ipc) that knows addresses, listening and tuning."""

    def __init__(self, module):
        self._module = module

    def connect(self, socket, endpoint):
        """A session that connects from now on. Raises ZMQError for what can never work."""
        if not self._module.needs_lookup(endpoint):
            self._module.addresses(endpoint, socket.options)
        dialer = Dialer(socket, self._module, endpoint)
        dialer.start()
        return dialer

    def bind(self, socket, endpoint):
        """A listener. Raises ZMQError with the system's errno."""
        sock, bound, release = self._module.listen(endpoint, socket.options, socket.hub.resolver)
        return Listener(socket, self._module, sock, bound, release)
