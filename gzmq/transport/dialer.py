"""Connects, and connects again: the session of an endpoint that a socket connected to.

Rules: the interval between attempts grows until a handshake succeeds, never only because TCP connected; names are
looked up anew for each attempt, and every address is tried.
"""

from __future__ import annotations

import errno
import os
from _socket import SO_ERROR, SOCK_STREAM, SOL_SOCKET
from _socket import socket as RawSocket

import gevent

from ..constants import Event, ReconnectStop
from ..error import ZMQError
from ..home import here_only, unwatch
from .clock import Clock, Timeout
from .session import Session

_WRITE = 2  # libev's
#: Milliseconds between attempts at the least, whatever RECONNECT_IVL says.
_SHORTEST = 1


class Dialer(Session):
    """Makes the connections of one endpoint, one after another, for one pipe."""

    verb = "connect"
    dials = True

    def __init__(self, socket, transport, address):
        super().__init__(socket, transport, socket.options.copy(), str(address))
        self.address = address
        self.assigned_id = self.options.connect_routing_id
        # Where to connect to, and what to play there before the peer is at the other end.
        self._hop, self._play = transport.route(address, self.options)
        self._interval = self.options.reconnect_ivl
        self._clock = Clock(socket.home)  # the next attempt
        self._timeout = Timeout(socket.home)  # the end of this one
        self._handshake_clock = Timeout(socket.home)
        self._lookup = None
        self._watcher = None
        self._sock = None  # being connected
        self._exchange = None  # with a proxy
        self._left = []  # addresses still to try

    def start(self):
        """Begin. The pipe is there at once, and takes messages, unless IMMEDIATE says to wait for the peer."""
        if not self.options.immediate and not self._make_pipe():
            self.stop()
            return
        self._attempt()

    # -- one attempt --------------------------------------------------------------------------------------------------

    def _attempt(self):
        self._clock.stop()
        if self.transport.needs_lookup(self._hop):
            self._lookup = gevent.spawn(here_only(self._look_up))
        else:
            self._left = self.transport.addresses(self._hop, self.options)
            self._try_next("no address")

    def _look_up(self):
        """A greenlet: the resolver may block it."""
        try:
            self._left = self.transport.look_up(self._hop, self.options, self.socket.hub)
            reason = "the name has no address"
        except OSError as error:
            reason = f"cannot resolve the name: {error}"
        except ZMQError as error:
            reason = error.strerror
        self._lookup = None
        self._try_next(reason)

    def _try_next(self, reason, refused=False):
        """Connect to the next address, or give this attempt up for the reason that the last one gave."""
        self._drop_sock()
        if self.closed:
            return
        if not self._left:
            self._connect_failed(reason, refused)
            return
        family, target, source = self._left.pop(0)
        try:
            sock = self._sock = RawSocket(family, SOCK_STREAM)  # when no descriptor is left we try again later
            sock.setblocking(False)
            self.transport.tune(sock, self.options)
            if source is not None:
                sock.bind(source)
            code = sock.connect_ex(target)
        except OSError as error:
            self._try_next(str(error))
            return
        if code == 0:
            self._connected()
        elif code == errno.EINPROGRESS:
            self.emit(Event.CONNECT_DELAYED, code)
            self._watcher = self.socket.hub.loop.io(sock.fileno(), _WRITE)
            self._watcher.start(self._connected)
            if self.options.connect_timeout > 0:
                self._timeout.start(self.options.connect_timeout, self._too_late, self.options.connect_timeout)
        else:
            self._try_next(os.strerror(code), code == errno.ECONNREFUSED)

    def _too_late(self, milliseconds):
        self._try_next(f"no connection within {milliseconds} ms")

    def _connected(self):
        sock = self._sock
        code = sock.getsockopt(SOL_SOCKET, SO_ERROR)
        if code:
            self._try_next(os.strerror(code), code == errno.ECONNREFUSED)
            return
        if self.transport.is_own_echo(sock):
            self._try_next("the port was free and the connection met itself", True)
            return
        self._drop_watcher()
        if self._play is None:
            self._through()
            return
        if not self._timeout.running and self.options.handshake_ivl > 0:
            self._timeout.start(self.options.handshake_ivl, self._too_late, self.options.handshake_ivl)
        loop = self.socket.hub.loop
        self._exchange = self._play(sock, loop, self._through, self._not_through)
        self._exchange.start()

    def _through(self):
        """The peer is at the other end."""
        sock, self._sock, self._exchange = self._sock, None, None
        self._timeout.stop()
        if self.socket.monitors:
            self.learn_ends(sock)
            self.emit(Event.CONNECTED, sock.fileno())
        if self.options.handshake_ivl > 0:
            self._handshake_clock.start(self.options.handshake_ivl, self.handshake_over)
        self.run(sock)

    def _end_handshake(self):
        self._handshake_clock.stop()
        super()._end_handshake()

    def _not_through(self, error):
        """The proxy does not connect us."""
        self._exchange = None
        self.emit(Event.HANDSHAKE_FAILED_NO_DETAIL, error.errno)
        self._try_next(error.strerror, error.errno == errno.ECONNREFUSED)

    def _drop_watcher(self):
        if self._watcher is not None:
            unwatch(self._watcher)
            self._watcher = None

    def _drop_sock(self):
        self._timeout.stop()
        self._drop_watcher()
        if self._exchange is not None:
            self._exchange.stop()
            self._exchange = None
        if self._sock is not None:
            fd = self._sock.fileno()
            self._sock.close()
            self._sock = None
            self.emit(Event.CLOSED, fd)

    # -- between attempts ---------------------------------------------------------------------------------------------

    def _connect_failed(self, reason, refused):
        if self.socket.context.exiting and self._lingering and self.socket.options.linger < 0:
            self.stop()  # nobody is there to deliver to
        elif refused and self.options.reconnect_stop & ReconnectStop.CONN_REFUSED:
            self.stop()  # what is queued has nowhere to go
        else:
            self._retry()

    def engine_ready(self, engine):
        self._interval = self.options.reconnect_ivl
        return super().engine_ready(engine)

    def engine_failed(self, engine, reason, error):
        self._forget_engine(engine, error)
        if engine.ready and self.options.immediate and not self._lingering:
            self._drop_pipe()
        if self._lingering and not (self.pipe is not None and self.pipe.inbox):
            self.stop()
            return
        if not engine.ready and self.options.reconnect_stop & ReconnectStop.HANDSHAKE_FAILED:
            self.stop()  # what is queued has nowhere to go
        else:
            self._retry()

    def _drop_pipe(self):
        """IMMEDIATE: the peer has gone, and what waits does not wait for it."""
        if self.pipe is not None:
            self.pipe.close()
            self.pipe = None

    def _retry(self):
        """Wait, each time longer up to RECONNECT_IVL_MAX, and try again."""
        options = self.options
        if options.reconnect_ivl < 0 or self._wants_no_more:
            self.stop()
            return
        interval = max(self._interval, _SHORTEST)
        if options.reconnect_ivl_max > options.reconnect_ivl:
            self._interval = min(max(interval * 2, _SHORTEST), options.reconnect_ivl_max)
        # Half of it again at random, so that a crowd of clients does not come back in step.
        # Not by `random`, which is slow to load, and not loadable when no descriptor is left.
        interval += int.from_bytes(os.urandom(4), "big") % (interval // 2 + 1)
        self.emit(Event.CONNECT_RETRIED, interval)
        self._clock.start(interval, self._attempt)

    @property
    def _wants_no_more(self):
        """After `disconnect`, with RECONNECT_STOP_AFTER_DISCONNECT: what is left waits for no other connection."""
        stops = self.options.reconnect_stop & ReconnectStop.AFTER_DISCONNECT
        return stops and self._lingering and not self.socket.closed

    def pipe_terminated(self, pipe):
        super().pipe_terminated(pipe)
        if self.closed or self.engine is not None:
            return
        if self._wants_no_more:
            self.stop()
        elif self.socket.context.exiting and self._between_attempts():
            self._connect_failed("the program ends", False)

    def abandoned(self):
        self._clock.stop()
        self._drop_sock()
        self._drop_lookup()
        super().abandoned()

    def _begin_again(self):
        for clock in (self._clock, self._timeout, self._handshake_clock):
            clock.move(self.socket.home)
        self._attempt()

    def _drop_lookup(self):
        if self._lookup is not None:
            if not self.socket.home.ending:  # else its hub runs no more, nor does it
                self._lookup.kill(block=False)
            self._lookup = None

    def _between_attempts(self):
        return self._sock is None and not self._lookup

    def stop(self):
        self._clock.stop()
        self._drop_sock()
        self._drop_lookup()
        super().stop()
