"""STREAM: bytes to and from peers that do not speak ZMTP (zmq_socket(3), "Native pattern")."""

from __future__ import annotations

import errno

from ..buffers import content
from ..error import zmq_error
from .router import RawRouter


class Stream(RawRouter):
    """A connection is known by a routing id; a message is that and bytes, or that and nothing, which ends it."""

    name = "STREAM"

    def attach(self, pipe):
        if not self._name(pipe, pipe.assigned_id):
            return False
        if not pipe.assigned_id:
            self.options.routing_id = pipe.routing_id  # as in libzmq: to be read right after `connect`
        return True

    def _notify(self, pipe, what):
        if self.options.stream_notify:
            pipe.hear([b""])

    def may_send(self, first):
        first = content(first)
        if first not in self._routes:
            raise zmq_error(errno.EHOSTUNREACH, f"STREAM has no connection with routing id {first!r}, or no longer")

    def send(self, message):
        routing_id, data = self._checked(message)
        self.may_send(routing_id)
        pipe = self._routes[routing_id]
        if data:
            return pipe.send([data])
        self.socket.part(pipe)
        return True

    def writable(self):
        return True
