"""Accepts connections at one endpoint and gives each a session."""

from __future__ import annotations

import errno
from _socket import SOCK_STREAM
from _socket import socket as RawSocket
from itertools import islice

from ..constants import Event
from ..home import unwatch
from ..slices import Slices
from .clock import Timeout
from .handshakes import Handshakes
from .session import Session

_READ = 1  # libev's
#: Connections accepted before others have their turn. What follows from each, a handshake and its first messages, takes
#: some tenths of a millisecond, and comes for all of them together in the next turns of the loop.
_BATCH = 16
#: Milliseconds to rest when the process has no descriptor left, and how many then make room.
_REST, _SLOWEST = 100, 64
_OUT_OF_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Listener:
    """A bound endpoint of a socket."""

    verb = "bind"
    config = None  # what peers are told, once there was one

    def __init__(self, socket, transport, sock, endpoint, release=None):
        self.socket = socket
        self.transport = transport
        self.endpoint = endpoint
        self.options = socket.options.copy()
        self._sock = sock
        self._release = release  # what to free besides the descriptor
        self._sessions = {}
        self._shaking = Handshakes(socket.home, self.options.handshake_ivl, Session.handshake_over)
        self._rest = Timeout(socket.home)
        self._watcher = socket.hub.loop.io(sock.fileno(), _READ)
        self._watcher.start(self._accept)
        socket.emit(Event.LISTENING, sock.fileno(), endpoint, (endpoint, ""))

    def _accept(self):
        for _ in range(_BATCH):
            try:
                fd, address = self._sock._accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self.socket.emit(Event.ACCEPT_FAILED, error.errno, self.endpoint, (self.endpoint, ""))
                if error.errno in _OUT_OF_RESOURCES:
                    self._take_rest()
                    return
                continue
            # As the listening one: what is not said here, the system is asked for.
            self._serve(RawSocket(self._sock.family, SOCK_STREAM, self._sock.proto, fd), address)
            if self.socket.home.turn.over():
                return  # the loop calls again for those who wait

    def _serve(self, sock, address):
        sock.setblocking(False)
        try:
            self.transport.tune_accepted(sock, self.options)
        except OSError as error:
            self.socket.emit(Event.ACCEPT_FAILED, error.errno, self.endpoint, (self.endpoint, ""))
            sock.close()
            return
        if not self.transport.admits(sock, self.options):
            self.socket.emit(Event.ACCEPT_FAILED, errno.EACCES, self.endpoint, (self.endpoint, ""))
            sock.close()
            return
        session = Session(self.socket, self.transport, self.options, self.endpoint, self)
        session.peer_address = address
        if self.socket.monitors:
            session.learn_ends(sock)
            session.emit(Event.ACCEPTED, sock.fileno())
        self._sessions[session] = None
        session.run(sock)
        engine = session.engine
        if engine is not None and not engine.ready:
            session.timed = True
            self._shaking.begin(session)
            if len(self._shaking) > self.options.limits.handshakes:
                next(iter(self._shaking)).give_way("handshakes")

    def shaken(self, session):
        """A session's handshake is over."""
        self._shaking.end(session)

    def _take_rest(self):
        """The connection that waits would wake us at once, again and again."""
        self._watcher.stop()
        self._rest.start(_REST, self._rested, list(islice(self._shaking, _SLOWEST)))

    def _rested(self, slow):
        """Who has not shaken hands meanwhile makes room for those who wait, who may be honest."""
        for session in slow:
            if session in self._shaking:
                session.give_way()
        self._watcher.start(self._accept)

    def forget(self, session):
        """A session has ended."""
        self._sessions.pop(session, None)

    def stop(self):
        """End at once, and all connections that it accepted; what is unsent is lost."""
        for session in list(self._sessions):
            session.stop()
        self.close()

    def close(self):
        """Free the endpoint at once, and let go of the connections it accepted."""
        fd = self._sock.fileno()
        unwatch(self._watcher)
        self._rest.stop()
        self._sock.close()
        if self._release is not None:
            self._release()
        self.socket.emit(Event.CLOSED, fd, self.endpoint, (self.endpoint, ""))
        Slices(self.socket.home).add(self._sessions, Session.close)
