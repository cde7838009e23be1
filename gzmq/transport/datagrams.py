"""Pumps one UDP socket: datagrams to messages of a pipe, and back; there is no connection to make or to lose.

Rules: all of it runs in callbacks of the hub, so nothing blocks and nothing switches; a callback reads and writes a
bounded number of datagrams; what the network does not take, and what is no message, is dropped and counted.
"""

from __future__ import annotations

from ..constants import Event
from ..pipe import TURN, Traffic
from .flushes import Flushes
from .session import Session

_READ = 1  # libev's
#: Datagrams read before others have their turn; as many are written as a sender may queue in its own.
_READ_TURN = 64
_LARGEST = 0xFFFF


class DatagramTraffic(Traffic):
    """As `Traffic`, with what was dropped, by reason."""

    __slots__ = ("malformed", "unsent")

    def __init__(self):
        super().__init__()
        self.malformed = self.unsent = 0

    @property
    def dropped(self):
        counts = {"malformed": self.malformed, "unsent": self.unsent}
        return {reason: count for reason, count in counts.items() if count}


class DatagramSession(Session):
    """An endpoint of a socket, and its pipe for as long as the socket wants it."""

    def __init__(self, socket, endpoint, verb):
        super().__init__(socket, None, socket.options.copy(), endpoint)
        self.verb = verb
        self.traffic = DatagramTraffic()

    def start(self, sock, codec, target):
        """Speak through a non-blocking socket, to ``target`` when messages do not say whom; False when refused."""
        self._codec = codec
        self.engine = DatagramEngine(self, sock, codec, target)
        if not self._make_pipe():
            self.stop()
            return False
        self.traffic.connected = True
        self.emit(Event.LISTENING if self.verb == "bind" else Event.CONNECTED, sock.fileno())
        self.engine.start(self.pipe, self.socket.pattern.receives)
        return True

    def _prepare(self, pipe):
        pipe.subscribe_to_all = True
        pipe.largest = self._codec.largest

    def stop(self):
        if not self.closed:
            self.traffic.connected = False
            self.emit(Event.CLOSED, self.engine.fd)
        super().stop()


class DatagramEngine:
    """Reads and writes the datagrams of one session."""

    ready = True

    def __init__(self, session, sock, codec, target):
        self._session = session
        self._traffic = session.traffic
        self._sock = sock
        self.fd = sock.fileno()
        self._codec = codec
        self._target = target
        self._loop = session.socket.hub.loop
        self._pipe = None
        self._receives = False
        self._finishing = False  # the socket has left: write what there is, then close
        self._read = self._loop.io(self.fd, _READ)
        self._flushes = Flushes(self._loop, self.fd, self.flush)

    def start(self, pipe, receives):
        """Serve a pipe; one whose socket never receives is not read for."""
        self._pipe = pipe
        self._receives = receives
        self.resume()

    # -- reading ------------------------------------------------------------------------------------------------------

    def on_readable(self):
        """The hub's callback: take in what has come, up to a turn's worth."""
        messages = []
        for _ in range(_READ_TURN):
            try:
                data, sender = self._sock.recvfrom(_LARGEST)
            except OSError:  # there is no more; or what became of something sent before
                break
            message = self._codec.decode(data, sender)
            if message is None:
                self._traffic.malformed += 1
            else:
                messages.append(message)
                self._traffic.bytes_in += len(data)
        self._traffic.messages_in += len(messages)
        if messages and not self._pipe.send_all(messages):
            self._read.stop()  # the system drops what does not fit into its buffer

    def resume(self):
        """The socket wants more, for the first time or again."""
        if self._receives and not self._finishing:
            self._read.start(self.on_readable)

    # -- writing ------------------------------------------------------------------------------------------------------

    def schedule_flush(self):
        """Write soon, together with what the socket sends until then."""
        self._flushes.soon()

    def flush(self):
        """Write what there is until there is no more, the descriptor takes no more, or our turn is over."""
        pipe = self._pipe
        if self._sock is None:
            return
        for _ in range(TURN):
            if not pipe.inbox:
                break
            if not self._send(pipe.inbox[0]):
                break
            pipe.inbox.popleft()
        if pipe.peer_waits:
            pipe.drained()
        if pipe.inbox:
            self._flushes.when_writable()
        else:
            self._flushes.rest()
            if self._finishing:
                self._session.stop()

    def _send(self, message):
        """Send one datagram; False when the descriptor takes none now."""
        pieces, target = self._codec.encode(message)
        try:
            sent = self._sock.sendmsg(pieces, (), 0, target or self._target)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:  # no route, no such host: datagrams are lost like that on the way as well
            self._traffic.unsent += 1
            return True
        self._traffic.messages_out += 1
        self._traffic.bytes_out += sent
        return True

    # -- the end ------------------------------------------------------------------------------------------------------

    def finish(self):
        """Write all that is left, then end: at once, if the system takes it at once, so that the port is free."""
        self._finishing = True
        self._read.stop()
        self.flush()

    def close(self):
        """End at once."""
        self._read.close()
        self._flushes.close()
        self._sock.close()
        self._sock = None

    def __repr__(self):
        return f"<DatagramEngine fd={self.fd}>"
