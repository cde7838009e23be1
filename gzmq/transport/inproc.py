"""inproc://: a pipe with a socket at both ends; nothing is copied or encoded; zmq_inproc(7).

Rules: the two sockets may live in two threads. Whoever binds or connects finds the other in the context's directory,
and decides under its lock; then each half is joined in the thread of its own socket, in any order. What either end
says before the other half is there waits in the queues.
"""

from __future__ import annotations

import errno
from time import monotonic

from ..constants import Event
from ..error import zmq_error
from ..home import here
from ..pipe import pipe_pair
from ..resident import Relay
from ..slices import Slices
from .clock import Clock

#: Nothing here needs the hub of a thread, so a socket that is used for no more can still be handed to another.
SETTLES = False


def bind(socket, endpoint):
    """Take a name, and every connection that was made to it before. Raises EADDRINUSE, EPROTONOSUPPORT."""
    _check_protocol(socket, endpoint)
    name = endpoint.name
    context = socket.context
    with context.lock:
        if name in context.inproc:
            raise zmq_error(errno.EADDRINUSE, f"cannot bind {endpoint}: {context.inproc[name].socket!r} is bound there")
        listener = context.inproc[name] = Listener(socket, endpoint)
        links = context.inproc_waiting.pop(name, ())
        for link in links:
            link.take(listener)
    Slices(here()).add(links, Link.join)
    return listener


def connect(socket, endpoint):
    """Join the socket bound to a name, now or when somebody binds it. Raises EPROTO for an incompatible type,
    EPROTONOSUPPORT.
    """
    _check_protocol(socket, endpoint)
    context, name = socket.context, endpoint.name
    listener = context.inproc.get(name)
    why_not = listener is not None and incompatible(socket, listener.socket, endpoint)
    if why_not:
        raise zmq_error(errno.EPROTO, why_not)
    link = Link(socket, endpoint)
    if not link.open():
        return link
    with context.lock:
        listener = context.inproc.get(name)
        if listener is None:
            context.inproc_waiting.setdefault(name, []).append(link)
            return link
        link.take(listener)
    link.join()
    return link


def _check_protocol(socket, endpoint):
    if socket.protocol != "zmtp":
        raise zmq_error(
            errno.EPROTONOSUPPORT,
            f"{socket.type_name} exchanges bytes with a peer, not messages: use tcp or ipc, not {endpoint}",
        )


def incompatible(near, far, endpoint):
    """Why these two types do not talk, or an empty string."""
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
        context = self.socket.context
        with context.lock:
            del context.inproc[self._name]
            links = list(self.links)
        Slices(self.socket.home).add(links, Link.leave)

    stop = close


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
        self._near.sink = Relay(socket)
        self._far.sink = self
        self._listener = None
        self._clock = None  # until the end of LINGER
        self.linger_until = None  # by the monotonic clock
        self.closed = False

    def open(self):
        """Give the connecting socket its end; False when it refuses it."""
        if not self.socket.attach(self._near):
            self.closed = True
            return False
        return True

    def take(self, listener):
        """Under the lock: this is where the connection goes. What is sent from now on is told there."""
        self._listener = listener
        listener.links[self] = None
        self._far.sink = Relay(listener.socket)

    def join(self):
        """Give each socket its end of the pipe."""
        bound = self._listener.socket
        why_not = incompatible(self.socket, bound, self.endpoint)
        if why_not:
            self.socket.post(self._refused)
            return
        bound.post(self._join_far, bound)
        self.socket.post(self._join_near, bound)
        self.end_wait()

    def _refused(self):
        """The connecting socket, in its own thread: somebody of a type that it does not talk to has bound the name."""
        self.socket.emit(Event.HANDSHAKE_FAILED_PROTOCOL, errno.EPROTO, self.endpoint)
        self.close()

    def _join_far(self, bound):
        """The bound socket, in its own thread."""
        far = self._far
        if far.closed:
            return  # unbound before we came to it
        far.set_hwm(_sum(bound.options.sndhwm, self._options.rcvhwm))
        far.announced_id = self.socket.announced_id
        if not bound.attach(far) or not bound.ready(far):
            self.leave()
        elif self._near.closed:  # its socket has left, and lingered until now
            bound.pipe_terminated(far)
            self._forget()
        else:
            bound.meet(far)

    def _join_near(self, bound):
        """The connecting socket, in its own thread."""
        near = self._near
        if near.closed or near not in self.socket.pipes:
            return  # it has left, or the other refused it
        near.set_hwm(_sum(self._options.sndhwm, bound.options.rcvhwm))
        near.announced_id = bound.announced_id
        if self.socket.ready(near):
            self.socket.meet(near)
        else:
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
        with context.lock:
            listener = self._listener
            if listener is None:
                if linger == 0 or not pipe.inbox or context.ending:
                    self.socket.dropped("unsent", len(pipe.inbox))
                    self.end_wait()
                    return
                context.hold(self, self.socket.home)
        if listener is not None:  # somebody has bound it in this very moment
            pipe.sink.pipe_terminated(pipe)
        elif linger > 0:
            self.linger_until = monotonic() + linger / 1000
            if not self.socket.home.ending:
                self._start_clock()

    def _start_clock(self):
        self._clock = Clock(self.socket.home)
        self._clock.start(max(0.0, self.linger_until - monotonic()) * 1000, self.end_wait)

    def abandoned(self):
        """The thread ends, and calls this: one that lives looks after the rest of LINGER."""
        self.socket.context.adopt(self)

    def go_on(self, home):
        """The thread that has adopted the connection calls this."""
        self.socket.settle_at(home, for_good=False)
        with self.socket.context.lock:
            if self._listener is None and not self.socket.context.ending:
                self.socket.context.hold(self, home)
                if self.linger_until is not None:
                    self._start_clock()

    def end_wait(self):
        """Nobody needs to wait for a bind any more."""
        context = self.socket.context
        with context.lock:
            waiting = context.inproc_waiting.get(self._name)
            if waiting and self in waiting:
                waiting.remove(self)
                if not waiting:
                    del context.inproc_waiting[self._name]
        if self._clock is not None:
            self.socket.post(self._clock.stop)
        context.let_go(self)

    # -- the end ------------------------------------------------------------------------------------------------------

    def close(self):
        """The connecting socket disconnects."""
        self._part(self.socket, self._near)

    def stop(self):
        """End at once; what is unsent is lost."""
        self.end_wait()
        self.close()

    def leave(self):
        """The bound socket unbinds, or refuses."""
        self._part(self._listener.socket, self._far)

    def _part(self, socket, leaver):
        """One end leaves, in its own thread; the other can still read what was sent to it."""
        if not self._forget() or leaver.closed:
            return
        if self._listener is not None and leaver is self._near:
            self._listener.socket.post(self._lost, self._listener.socket)
        socket.pipe_terminated(leaver)
        leaver.close()

    def _lost(self, bound):
        """The bound socket, in its own thread: the other leaves."""
        if self._far in bound.pipes:
            bound.lost(self._far, True)

    def _forget(self):
        """False when the ends have parted before."""
        with self.socket.context.lock:
            before, self.closed = self.closed, True
            if self._listener is not None:
                self._listener.links.pop(self, None)
        return not before


def _sum(one, other):
    return one + other if one and other else 0
