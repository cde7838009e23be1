"""inproc://: a pipe with a socket at both ends; nothing is copied or encoded; zmq_inproc(7)."""

from __future__ import annotations

import errno

from ..constants import Event
from ..error import zmq_error
from ..pipe import pipe_pair
from .clock import Clock


def bind(socket, endpoint):
    """Take a name, and every connection that was made to it before. Raises EADDRINUSE, EPROTONOSUPPORT."""
    _check_protocol(socket, endpoint)
    name = endpoint.name
    context = socket.context
    if name in context.inproc:
        raise zmq_error(errno.EADDRINUSE, f"cannot bind {endpoint}: {context.inproc[name].socket!r} is bound there")
    listener = context.inproc[name] = Listener(socket, endpoint)
    for link in context.inproc_waiting.pop(name, ()):
        link.join(listener)
    return listener


def connect(socket, endpoint):
    """Join the socket bound to a name, now or when somebody binds it. Raises EPROTO for an incompatible type,
    EPROTONOSUPPORT.
    """
    _check_protocol(socket, endpoint)
    link = Link(socket, endpoint)
    listener = socket.context.inproc.get(endpoint.name)
    if listener is not None:
        why_not = incompatible(socket, listener.socket, endpoint)
        if why_not:
            raise zmq_error(errno.EPROTO, why_not)
    if not link.open():
        return link
    if listener is not None:
        link.join(listener)
    else:
        socket.context.inproc_waiting.setdefault(endpoint.name, []).append(link)
    return link


def _check_protocol(socket, endpoint):
    if socket.protocol != "zmtp":
        raise zmq_error(
            errno.EPROTONOSUPPORT,
            f"{socket.type_name} exchanges bytes with a peer, not messages: use tcp or ipc, not {endpoint}",
        )


def incompatible(near, far, endpoint):
    """Why these two types do not talk, or an empty string."""
    if far.hub is not near.hub:
        return f"the sockets at {endpoint} belong to two threads; inproc joins those of one: use ipc between threads"
    if far.type_name in near.peers:
        return ""
    return f"peer is {far.type_name}, {near.type_name} talks only to {', '.join(sorted(near.peers))} ({endpoint})"


class Listener:
    """A bound name."""

    verb = "bind"

    def __init__(self, socket, endpoint):
        self.socket = socket
        self.endpoint = str(endpoint)
        self._name = endpoint.name
        self.links = {}

    def close(self):
        """Free the name; what was joined there is parted."""
        del self.socket.context.inproc[self._name]
        for link in list(self.links):
            link.leave()


class Link:
    """A connection: the far end of its pipe, and what stands in for the bound socket until there is one.

    The pipe is there at once, and what is sent queues in it.
    """

    verb = "connect"
    traffic = None

    def __init__(self, socket, endpoint):
        self.socket = socket
        self.endpoint = str(endpoint)
        self._name = endpoint.name
        self._options = options = socket.options.copy()
        conflate_out, conflate_in = socket.conflates
        self._near, self._far = pipe_pair(options.sndhwm, 0, conflate_out, conflate_in)
        self._near.endpoint = self._far.endpoint = self.endpoint
        self._near.direct = self._far.direct = True
        self._near.assigned_id = options.connect_routing_id
        self._far.sink = self
        self._listener = None
        self._clock = Clock(socket.hub.loop)
        self.closed = False

    def open(self):
        """Give the connecting socket its end; False when it refuses it."""
        if not self.socket.attach(self._near):
            self.closed = True
            return False
        return True

    def join(self, listener):
        """Give the far end to the bound socket."""
        bound = listener.socket
        why_not = incompatible(self.socket, bound, self.endpoint)
        if why_not:
            self.socket.emit(Event.HANDSHAKE_FAILED_PROTOCOL, errno.EPROTO, self.endpoint)
            self.close()
            return
        near, far, options = self._near, self._far, self._options
        near.set_hwm(_sum(options.sndhwm, bound.options.rcvhwm))
        far.set_hwm(_sum(bound.options.sndhwm, options.rcvhwm))
        far.announced_id = self.socket.announced_id
        near.announced_id = bound.announced_id
        self._end_wait()
        self._listener = listener
        listener.links[self] = None
        if not bound.attach(far) or not bound.ready(far):
            self.leave()
        elif near.closed:  # its socket has left, and lingered until now
            bound.pipe_terminated(far)
            self.part(near)
        elif not self.socket.ready(near):
            self.close()

    # -- what the pipe says while nobody is bound -----------------------------------------------------------------

    def read_activated(self, pipe):
        """It keeps."""

    def write_activated(self, pipe):
        """Nobody reads here yet."""

    def pipe_terminated(self, pipe):
        """The connecting socket has closed: keep what it sent for whoever binds, as LINGER says."""
        linger = self.socket.options.linger
        context = self.socket.context
        if linger == 0 or not pipe.inbox or context.exiting:
            self._end_wait()
            return
        context.hold(self)
        if linger > 0:
            self._clock.start(linger, self._end_wait)

    def _end_wait(self):
        """Nobody needs to wait for a bind any more."""
        context = self.socket.context
        waiting = context.inproc_waiting.get(self._name)
        if waiting and self in waiting:
            waiting.remove(self)
            if not waiting:
                del context.inproc_waiting[self._name]
        self._clock.stop()
        context.let_go(self)

    # -- the end ------------------------------------------------------------------------------------------------------

    def close(self):
        """The connecting socket disconnects."""
        self.part(self._near)

    def leave(self):
        """The bound socket unbinds, or refuses."""
        self.part(self._far)

    def part(self, leaver):
        """One end leaves; the other can still read what was sent to it."""
        if self.closed:
            return
        self.closed = True
        if self._listener is not None:
            self._listener.links.pop(self, None)
            if leaver is self._near and not self._far.closed:
                self._listener.socket.lost(self._far, True)
        if not leaver.closed:
            if leaver.sink is not self:
                leaver.sink.pipe_terminated(leaver)
            leaver.close()


def _sum(one, other):
    return one + other if one and other else 0
