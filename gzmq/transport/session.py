"""Keeps one pipe of a socket joined to whatever connection carries it.

Rules: a session is the far sink of its pipe, and outlives its engines; what the socket queued stays in the pipe until
an engine takes it. Once the socket has closed its end, the session lingers: it delivers what is left and is gone.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from time import monotonic

from ..constants import Event
from ..pipe import Traffic, pipe_pair, quiet_pair
from ..standstill import LATE
from ..zmtp import PROTOCOLS, Config, Lost
from .broadcast import write_alike, write_gathered
from .clock import Timeout
from .engine import Engine

#: At hand: looking up the member of an enum costs as much as telling nobody.
_HANDSHAKE_SUCCEEDED = Event.HANDSHAKE_SUCCEEDED

#: What a socket sends to all its peers is told at once to so many sessions, which takes some microseconds each; the
#: others, if there are more, are gathered.
_MANY = 100


class Session:
    """One connection that a listener accepted; `Dialer` adds making connections anew."""

    assigned_id = b""  # what the socket calls the peer, if it decides that
    peer_address = None  # as accept(2) gave it
    timed = False  # its listener waits for its handshake
    dials = False  # `endpoint` is where we connect to, and not where we are bound
    config = None  # what peers are told of us, once there was one
    pipe = None  # our end; its peer is the socket's
    engine = None
    closed = False
    linger_until = None  # by the monotonic clock
    _lingering = False
    _linger_clock = None  # once it is needed
    _inquiry = None  # of the ZAP handler
    _learnt = ""  # the end that `learn_ends` has asked for

    def __init__(self, socket, transport, options, endpoint, listener=None):
        self.socket = socket
        self.transport = transport
        self.options = options
        self.endpoint = endpoint
        self.traffic = Traffic()
        self.listener = listener  # the one that accepted us

    # -- connections --------------------------------------------------------------------------------------------------

    def run(self, sock):
        """Speak the socket's protocol on a connected, non-blocking descriptor."""
        connection = PROTOCOLS[self.socket.protocol](self._introduction())
        self.engine = Engine(self, sock, connection, self.socket.hub.loop)
        self.engine.start()

    def _introduction(self):
        """What the peer is told of us: one value for all that a listener accepts."""
        socket, options, kept_by = self.socket, self.options, self.listener or self
        config, identity = kept_by.config, socket.announced_id
        if config is None or config.identity != identity:  # which can be set anew
            config = kept_by.config = Config(
                socket_type=socket.type_name,
                peers=socket.peers,
                identity=identity,
                metadata=options.metadata_properties(),
                security=options.security,
                max_message_size=options.maxmsgsize,
                limits=options.limits,
            )
        return config

    def learn_ends(self, sock):
        """The other end's endpoint, or the port that we connect from, for monitors."""
        with suppress(OSError):  # it has gone already
            self._learnt = self.transport.describe(sock.getsockname() if self.dials else sock.getpeername())

    def authenticate(self, engine, question):
        """Ask the ZAP handler, and tell the engine."""
        from .zap import Inquiry  # loaded by the transport, for those who ask

        address = self.transport.peer_facts(engine.sock, self.peer_address).get("Peer-Address", "")
        self._inquiry = Inquiry(self.socket, self.options, question, address, engine)
        self._inquiry.start()

    @property
    def shaking(self):
        """Whether a handshake is under way."""
        return self.engine is not None and not self.engine.ready

    def handshake_over(self):
        """It has taken as long as it may."""
        if self.shaking:
            self.engine.fail(f"no handshake within {self.options.handshake_ivl} ms", Lost(errno.ETIMEDOUT))

    def give_way(self, limit=""):
        """Others want to shake hands, and we have not done so."""
        if self.engine is not None:
            self.engine.fail("too many shake hands at once", Lost(errno.EUSERS, limit=limit))

    def facts(self, engine):
        """What messages say of the peer: what it says itself, and where it is."""
        located = self.transport.located if self.peer_address else None
        where = located(self.peer_address, engine.fd) if located else self.transport.peer_facts(engine.sock)
        return {**engine.connection.facts(), **where}

    def _end_handshake(self):
        if self.timed:
            self.timed = False
            self.listener.shaken(self)
        if self._inquiry is not None:
            self._inquiry.close()
            self._inquiry = None

    def engine_ready(self, engine):
        """The handshake is done: join the peer to the socket. False when the socket refuses it."""
        self._end_handshake()
        if self.pipe is None and not self._make_pipe():
            return False
        ours = self.pipe.peer
        ours.announced_id = engine.connection.peer_identity
        ours.told = engine if self.peer_address and self.transport.located else self.facts(engine)
        if not self._lingering and not self.socket.ready(ours):
            return False
        self.traffic.connected = True
        if engine.connection.alike and not self.socket.pattern.prompt:
            ours.writer = engine
        if self.socket.monitors:
            self.emit(_HANDSHAKE_SUCCEEDED)
        if self._lingering:
            self._start_linger()
        return True

    def _make_pipe(self):
        """A new pipe between the socket and us; False when the socket refuses it."""
        options = self.options
        if options.conflate:
            theirs, ours = pipe_pair(options.sndhwm, options.rcvhwm, *self.socket.conflates)
        else:
            theirs, ours = quiet_pair(options.sndhwm, options.rcvhwm)
        theirs.endpoint = ours.endpoint = self.endpoint
        theirs.assigned_id = self.assigned_id
        ours.sink = self
        if not self.socket.pattern.prompt and len(self.socket.pipes) >= _MANY:
            self.read_activated = _gatherer(self.socket.home.turn)
        self._prepare(theirs)
        if not self.socket.attach(theirs):
            return False
        self.pipe = ours
        return True

    def _prepare(self, pipe):
        """The socket's end of a new pipe is there, and the socket has not seen it yet."""

    def engine_failed(self, engine, reason, error):
        """The connection has ended for this reason; ``error`` is a ProtocolError, or Lost, for the monitor."""
        self._forget_engine(engine, error)
        self.stop()

    def _forget_engine(self, engine, error):
        self._end_handshake()
        self.engine = None
        if self.traffic.connected and not self._lingering:
            self.pipe.peer.writer = None
            self.socket.lost(self.pipe.peer, self.listener is not None)
        self.traffic.connected = False
        if error.limit:
            self.socket.tell_limit(error.limit, self.endpoint)
        if not engine.ready:
            self.emit(error.event, error.code)
        self.emit(Event.DISCONNECTED, engine.fd)

    # -- what the pipe says -------------------------------------------------------------------------------------------

    def read_activated(self, pipe):
        """The socket has sent to an empty pipe."""
        if self.engine is not None:
            self.engine.schedule_flush()
        else:
            loop = self.socket.hub.loop
            loop.run_callback(self.hub_runs, monotonic(), loop.iteration)

    def hub_runs(self, since, turn):
        """The hub's next turn, for which a message has waited since then."""
        late = monotonic() - since
        if late > LATE:
            self.hub_was_late(late, self.socket.hub.loop.iteration - turn)

    def hub_was_late(self, seconds, turns):
        """What the socket sent has waited so long for the hub, which has made so many turns meanwhile: one that goes
        round and round does not stand still, but has much to do.
        """
        if not self.closed and turns <= 1:
            self.socket.stood_still(self, seconds)

    def flush(self):
        """The socket does not wait for the hub: write what can be written."""
        if self.engine is not None:
            self.engine.flush()

    def write_activated(self, pipe):
        """The socket's receivers have caught up."""
        if self.engine is not None:
            self.engine.resume()

    def pipe_terminated(self, pipe):
        """The socket has closed its end: deliver what is left for as long as LINGER allows."""
        linger = self.socket.options.linger
        if linger == 0 or not self._unsent():
            self.stop()
            return
        self._lingering = True
        self.socket.context.hold(self, self.socket.home)
        if linger > 0:
            self.linger_until = monotonic() + linger / 1000
            self._stop_after(linger)
        if not self.socket.home.ending:
            self._start_linger()

    def _unsent(self):
        """Whether the socket may have messages on their way."""
        return self.pipe.inbox or (self.engine is not None and self.engine.ready)

    def _start_linger(self):
        if self.engine is not None and self.engine.ready:
            self.engine.finish()

    def _stop_after(self, milliseconds):
        self._linger_clock = Timeout(self.socket.home)
        self._linger_clock.start(milliseconds, self.stop)

    def _stop_linger_clock(self):
        if self._linger_clock is not None:
            self._linger_clock.stop()

    # -- in another thread --------------------------------------------------------------------------------------------

    def abandoned(self):
        """The thread ends, and calls this: one that lives goes on with what is left to deliver."""
        self._stop_linger_clock()
        self._end_handshake()
        if self.engine is not None:
            if self.engine.ready:
                self.engine.unplug()
            else:
                self.engine.close()
                self.engine = None
        self.socket.context.adopt(self)

    def go_on(self, home):
        """The thread that has adopted the session calls this; here it stays."""
        self.socket.settle_at(home, for_good=False)
        self.socket.context.hold(self, home)
        if self.linger_until is not None:
            self._stop_after(max(0.0, self.linger_until - monotonic()) * 1000)
        if self.engine is not None:
            self.engine.plug_in(home)
            self._start_linger()
        else:
            self._begin_again()

    def _begin_again(self):
        """The thread ended before there was a handshake."""
        self.stop()

    # -- the end ------------------------------------------------------------------------------------------------------

    def close(self):
        """The socket wants this session no more (unbind, disconnect, close)."""
        if self.pipe is None or self.pipe.closed:
            self.stop()
        elif not self.pipe.peer.closed:
            self.pipe.peer.sink.pipe_terminated(self.pipe.peer)
            self.pipe.peer.close()

    def stop(self):
        """End at once; what is unsent is lost."""
        if self.closed:
            return
        self.closed = True
        self._end_handshake()
        self._stop_linger_clock()
        if self.engine is not None:
            self.engine.close()
            self.engine = None
        if self.pipe is not None:
            theirs = self.pipe.peer
            self.pipe.close()
            if theirs is not None:
                self.socket.account(theirs)
        if self.listener is not None:
            self.listener.forget(self)
        self.socket.context.let_go(self)

    def emit(self, event, value=0):
        """Tell the socket's monitor."""
        if self.socket.monitors:
            ends = (self._learnt, self.endpoint) if self.dials else (self.endpoint, self._learnt)  # here, there
            self.socket.emit(event, value, self.endpoint, ends)

    def __repr__(self):
        state = "closed" if self.closed else "lingering" if self._lingering else "open"
        return f"<{type(self).__name__} {self.endpoint} {state} {self.engine!r}>"


def _gatherer(turn):
    """What hears of messages for very many."""
    if turn.write_alike is None:
        turn.write, turn.write_alike = write_gathered, write_alike
    return turn.gatherer
