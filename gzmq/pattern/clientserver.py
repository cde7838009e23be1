"""CLIENT, SERVER and PEER: messages of one frame; who serves knows its peers by number (RFC 41)."""

from __future__ import annotations

import errno

from ..buffers import parts
from ..error import zmq_error
from .base import Pattern, random_number
from .reqrep import Dealer
from .routing import FairQueue


class Client(Dealer):
    """Round robin out, fair queueing in."""

    name = "CLIENT"
    peers = frozenset({"SERVER"})
    thread_safe = True
    connects_twice = True

    def ready(self, pipe):
        return True


class Server(Pattern):
    """Sends to the peer of a routing id, and says of what it receives whose it is."""

    name = "SERVER"
    peers = frozenset({"CLIENT"})
    addressed = True
    thread_safe = True
    label = "routing_id"

    def __init__(self, socket):
        super().__init__(socket)
        self._queue = FairQueue()
        self._routes = {}  # routing id -> pipe
        self._next_id = random_number()
        self.delegate(self._queue, "readable", recv="recv_in_turn", read_activated="activated")

    def attach(self, pipe):
        pipe.routing_id = self._new_id()
        self._routes[pipe.routing_id] = pipe
        return True

    def _new_id(self):
        # 41/CLISRV: "a unique routing id, which is a non-zero 32-bit unsigned integer value".
        while True:
            self._next_id = (self._next_id + 1) & 0xFFFFFFFF
            made = self._next_id.to_bytes(4, "big")
            if self._next_id and made not in self._routes:
                return made

    def terminated(self, pipe):
        self._routes.pop(pipe.routing_id, None)

    @property
    def source(self):
        return self._queue.source

    @property
    def last_label(self):
        return self._queue.source.routing_id

    def send(self, message):
        message = parts(message)
        if len(message) < 2:
            raise zmq_error(
                errno.EHOSTUNREACH,
                f"{self.name} sends to one peer: give the routing_id that the message received from it has",
            )
        routing_id, body = message
        return self._route(routing_id).send([body])

    def _route(self, routing_id):
        pipe = self._routes.get(routing_id)
        if pipe is None:
            number = int.from_bytes(routing_id, "big")
            raise zmq_error(errno.EHOSTUNREACH, f"{self.name} has no peer with routing id {number}")
        return pipe

    def disconnect_peer(self, routing_id):
        self.socket.part(self._route(routing_id))

    def writable(self):
        return True  # which peer is meant shows with the message only


class Peer(Server):
    """A SERVER among its like: it also connects, and can say what number the peer got."""

    name = "PEER"
    peers = frozenset({"PEER"})

    def may_connect_peer(self):
        if self.options.immediate:
            raise zmq_error(errno.EFAULT, "connect_peer numbers a peer before it is there: set IMMEDIATE to 0")
