"""ROUTER: the first frame names the peer (RFC 28)."""

from __future__ import annotations

import errno

from ..buffers import content, parts
from ..constants import RouterNotify
from ..error import zmq_error
from .base import Pattern, random_number
from .reqrep import probe
from .routing import FairQueue, send_or_drop


class Router(Pattern):
    """Prefixes what it receives with the sender's routing id, and sends by the first frame."""

    name = "ROUTER"
    peers = frozenset({"REQ", "DEALER", "ROUTER"})
    addressed = True

    def __init__(self, socket):
        super().__init__(socket)
        self._queue = FairQueue()
        self._routes = {}  # routing id -> pipe
        self._next_id = random_number()
        self.delegate(self._queue, "readable", read_activated="activated")

    def may_connect(self):
        taken = self.options.connect_routing_id
        if taken in self._routes and not self.options.router_handover:
            raise zmq_error(errno.EINVAL, f"CONNECT_ROUTING_ID {taken!r} is that of another peer of this {self.name}")

    def attach(self, pipe):
        """A pipe with a CONNECT_ROUTING_ID can be sent to at once, others once the peer has said who it is."""
        if pipe.assigned_id:
            return self._name(pipe, pipe.assigned_id)
        return True

    def ready(self, pipe):
        if not self._name(pipe, pipe.assigned_id or pipe.announced_id):
            return False
        self._notify(pipe, RouterNotify.CONNECT)
        return probe(self.options, pipe)

    def lost(self, pipe):
        self._notify(pipe, RouterNotify.DISCONNECT)

    def _notify(self, pipe, what):
        """ROUTER_NOTIFY: an empty message from a peer that has come or gone; not over inproc, as in libzmq."""
        if self.options.router_notify & what and not pipe.direct:
            pipe.hear([b""])

    def _name(self, pipe, routing_id):
        """Give the pipe its routing id; False when another peer has it and may keep it."""
        if not routing_id:
            routing_id = pipe.routing_id or self._new_id()
        holder = self._routes.get(routing_id)
        if holder is pipe:
            return True
        if holder is not None and not self.options.router_handover:
            return False
        self._routes.pop(pipe.routing_id, None)
        pipe.routing_id = routing_id
        self._routes[routing_id] = pipe
        if holder is not None:
            self.socket.part(holder)
        return True

    def _new_id(self):
        # 28/REQREP: generated identities start with a zero octet, which peers should not announce, and libzmq's may.
        while True:
            self._next_id = (self._next_id + 1) & 0xFFFFFFFF
            made = b"\0" + self._next_id.to_bytes(4, "big")
            if made not in self._routes:
                return made

    def terminated(self, pipe):
        if self._routes.get(pipe.routing_id) is pipe:
            del self._routes[pipe.routing_id]

    def recv(self):
        message = self._queue.recv_in_turn()
        if message is None:
            return None
        routing_id = self._queue.source.routing_id
        return [routing_id, message] if type(message) is bytes else [routing_id, *message]

    @property
    def source(self):
        return self._queue.source

    def may_send(self, first):
        first = content(first)
        if self.options.router_mandatory and first not in self._routes:
            raise zmq_error(
                errno.EHOSTUNREACH,
                f"ROUTER has no peer with routing id {first!r}; with ROUTER_MANDATORY off the message would be dropped",
            )

    def send(self, message):
        if type(message) is bytes or len(message) < 2:
            self.socket.dropped("unroutable")  # an address and no message; libzmq drops it too
            return True
        routing_id = message[0]
        if type(routing_id) is not bytes:
            routing_id = content(routing_id)
        pipe = self._routes.get(routing_id)
        if pipe is None:
            self.may_send(routing_id)
            self.socket.dropped("unroutable")
            return True
        if self.options.router_mandatory:
            return pipe.send(message[1:])
        return send_or_drop(pipe, message[1:])

    def writable(self):
        if not self.options.router_mandatory:
            return True
        return any(pipe.room > 0 or pipe._no_room() is not False for pipe in self._routes.values())

    def set_option(self, name, value):
        """ROUTER_RAW."""
        if name != "ROUTER_RAW":
            return False
        self.socket.become(RawRouter if value else Router)
        return True


class RawRouter(Router):
    """ROUTER with ROUTER_RAW (deprecated): a message is a routing id and bytes, without ZMTP; nothing but the id ends
    the connection.
    """

    peers = frozenset()
    protocol = "raw"
    frames = 2

    def attach(self, pipe):
        return self._name(pipe, pipe.assigned_id)

    def ready(self, pipe):
        self._notify(pipe, RouterNotify.CONNECT)
        return True

    def _notify(self, pipe, what):
        """An empty message when a connection has come or gone, always."""
        pipe.hear([b""])

    def _checked(self, message):
        message = parts(message)
        if len(message) != self.frames:
            raise zmq_error(
                errno.EINVAL, f"{self.name} sends a routing id and bytes, two frames; this message has {len(message)}"
            )
        return content(message[0]), message[1]

    def send(self, message):
        routing_id, data = self._checked(message)
        if not data and routing_id in self._routes:
            self.socket.part(self._routes[routing_id])
            return True
        return super().send(message)
