"""Pumps one file descriptor through a ZMTP connection: the same code for every stream transport.

Rules: all of it runs in callbacks of the hub, so nothing blocks and nothing switches; every error of the descriptor or
of the peer ends in `fail`, exactly once; a callback reads one bounded chunk and writes a bounded number of bytes.
"""

from __future__ import annotations

import errno
import os
from _socket import SHUT_WR
from time import monotonic

from ..home import unwatch
from ..standstill import LATE
from ..zmtp import TRAFFIC, Lost, ProtocolError
from .clock import Timeout
from .heartbeat import Heartbeat
from .reading import read_into

_READ, _WRITE = 1, 2  # libev's
#: What an engine waits for to write: a callback that flushes, the descriptor to become writable, or nothing any more.
_NOTHING, _FLUSH, _WRITABLE, _NEVER = range(4)
#: Bytes that are read at once where frames are large, and written before others have their turn.
LARGE_CHUNK, TURN_BYTES = 1 << 20, 1 << 19
#: So many times as much as for small frames, if that is no more.
_LARGE_CHUNKS = 16
#: A frame of more bytes than this is read to its place; of those that are smaller, one system call reads several.
_HUGE = LARGE_CHUNK // 4
# The malloc of glibc asks the system for each large block anew, and gets it made of zeros, until a larger one has been
# given back. From then on it keeps them, and receiving large bodies takes a quarter less time.
bytes(4 * LARGE_CHUNK)
#: Messages written before others have their turn: of small ones, as subscriptions, that many bytes are too many.
_TURN_MESSAGES = 2000
#: Buffers that one sendmsg takes.
_IOV_MAX = min(os.sysconf("SC_IOV_MAX"), 1024)
#: Milliseconds to wait, once all is written, for the peer to have read it and to close too.
_CLOSE_WAIT = 1000


class Engine:
    """One connection of a session."""

    __slots__ = (
        "_alone", "_asked_at", "_asked_in", "_batch", "_buffers", "_chunk", "_close_clock", "_finishing",
        "_flushed_at", "_large", "_late", "_loop", "_prompt", "_prompt_in", "_read", "_session", "_turn", "_write",
        "_written", "closed", "connection", "due", "fd", "heard", "heartbeat", "paused", "pipe", "ready", "sock",
        "traffic",
    )  # fmt: skip

    def __init__(self, session, sock, connection, loop):
        self._session = session
        self.traffic = session.traffic
        self.sock = sock
        self._loop = loop
        self._turn = session.socket.home.turn
        self.fd = sock.fileno()
        self.connection = connection
        self._chunk = connection.at_once(session.options.in_batch_size)
        self._large = self._chunk // 2  # while a frame of more bytes is under way, more are read at once
        self._batch = session.options.out_batch_size
        self.pipe = None  # once the handshake is done
        self.ready = False
        self.closed = False
        self.heard = 0  # how often bytes have come
        self.heartbeat = None
        self._buffers = None  # encoded and not yet written; each goes as soon as it is, as somebody may wait for that
        self._written = 0  # bytes of the first of them
        self.due = _NOTHING  # what is to come before anything can be written out of turn
        self._asked_at = 0.0  # when that was asked for
        self._asked_in = -1  # and in which turn of the loop
        self._prompt = session.socket.pattern.prompt
        self._alone = True  # the last flush wrote one message, or none
        self._prompt_in = -1  # the turn of the loop in which we did last write without a flush
        self._flushed_at = -1  # the turn of the loop in which we did last
        self.paused = False  # not reading, since the socket has more than it wants
        self._late = False  # nor that, since others are read this turn
        self._finishing = False  # the socket has left: write what there is, then close
        self._close_clock = None  # once we wait for the peer's end
        self._read = loop.io(self.fd, _READ)
        self._write = None  # until the descriptor takes no more at once, as mostly it never does

    def start(self):
        """Start reading, and say hello; where there is no handshake the peer is ready at once.

        Who connects to us mostly has spoken by the time we accept him: he gets our answer to that together with our
        hello. Each write that comes by itself costs more than all else here, and wakes him once more.
        """
        self._read.start(self.on_readable)
        if not (self._session.dials or self.connection.introduced):
            self._read_some()
        if not self.heard and self._shake_hands():
            self.flush()

    # -- reading ------------------------------------------------------------------------------------------------------

    def on_readable(self):
        """The hub's callback: read, or where very many can be read, see to it in one of the next turns of the loop."""
        turn, before = self._turn, self._turn.number
        if turn.over():
            self._read.stop()
            self._late = True
            turn.put_off(self._read_late)
            return
        turn.reads_first = turn.number != before
        try:
            self._read_some()
        finally:
            turn.reads_first = False
            woken = turn.woken
            if woken is not None:
                turn.woken = None
                woken.switch(True)

    def _read_late(self):
        if self._late:
            self._late = False
            if not (self.paused or self.closed):
                self._read.start(self.on_readable)
                self._read_some()

    def _read_some(self):
        """Read once, and hand over the messages that are complete now."""
        connection = self.connection
        count = 0  # bytes that are in their place already
        try:
            if connection.under_way > self._large:
                count, data = self._read_large()
            else:
                data = self.sock.recv(self._chunk)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.fail(str(error), Lost(error.errno))
            return
        if not (data or count):
            self.fail("the peer closed the connection")
            return
        self.heard += 1
        self.traffic.bytes_in += count + len(data)
        try:
            messages = connection.filled(count, data) if count else connection.receive_data(data)
        except ProtocolError as error:
            self._refuse(error)
        else:
            self._go_on(messages)

    def _read_large(self):
        """Read while a large frame is under way: how many bytes of it have come to their place, and what else came."""
        connection = self.connection
        if connection.under_way <= _HUGE:
            return 0, self.sock.recv(connection.at_once(min(LARGE_CHUNK, _LARGE_CHUNKS * self._chunk)))
        decoder = connection.decoder
        room = decoder.room(LARGE_CHUNK)
        try:
            return read_into(self.fd, room, decoder.wanted)
        finally:
            room.release()

    def _go_on(self, messages):
        """What follows from what the connection has read."""
        connection = self.connection
        if not self.ready and not self._shake_hands():
            return
        if messages:
            self.traffic.messages_in += len(messages)
            if not self._finishing and not self.pipe.send_all(messages) and not self.closed:
                self._pause()
        if connection.output and not self.closed:  # the socket may have had enough of the peer
            if connection.peer_ttl:
                self._beat().peer_promised(connection.peer_ttl)
            self.flush()

    def _shake_hands(self):
        """The next step of the handshake, if it is for us to take; False once the connection has ended."""
        question = self.connection.take_zap_question()
        if question is not None:
            self._session.authenticate(self, question)
        elif self.connection.state is TRAFFIC:
            return self._become_ready()
        return not self.closed

    def authenticated(self, reply):
        """The ZAP handler's message has come, or None as there is no handler."""
        if not self.closed:
            try:
                messages = self.connection.zap_replied(reply)
            except ProtocolError as error:
                self._refuse(error)
            else:
                self._go_on(messages)

    def _become_ready(self):
        self.ready = True
        if not self._session.engine_ready(self):
            self.fail("the socket refused the peer")
            return False
        self.pipe = self._session.pipe
        if self._session.options.heartbeat_ivl > 0:
            self._beat()
        if self.pipe.inbox:
            self.schedule_flush()
        return True

    def _beat(self):
        """The clocks of the heartbeat, which few connections need."""
        if self.heartbeat is None:
            self.heartbeat = Heartbeat(self, self._session.options, self._session.socket.home)
        return self.heartbeat

    def _refuse(self, error):
        """The peer broke the protocol: keep what it said before, tell it why, and close."""
        if self.connection.introduced and not self.ready and not self._become_ready():
            return  # the handshake was good, and the fault came right behind it
        if error.messages and not self._finishing:
            self.pipe.send_all(error.messages)
        self.flush()
        self.fail(error.reason, error)

    def _pause(self):
        self.paused = True
        self._read.stop()

    def resume(self):
        """The socket wants more again."""
        if self.paused and not self.closed:
            self.paused = False
            if not self._late:
                self._read.start(self.on_readable)

    # -- writing ------------------------------------------------------------------------------------------------------

    def schedule_flush(self):
        """Write soon, together with what the socket sends until then.

        The first time in a turn of the loop by a callback, then only once the loop has been round: a sender that our
        flush wakes, and that fills the pipe for the next one, would keep the loop in its callbacks. What comes alone
        again and again, as requests and replies do, is written at once.
        """
        if self.due:
            return
        turn = self._loop.iteration
        if self._flushed_at == turn:
            self._write_later()
        elif not (self._prompt and self._alone and turn != self._prompt_in and self._write_now(turn)):
            self._asked_in = turn
            self.due = _FLUSH
            self._asked_at = monotonic()
            self._loop.run_callback(self.flush)

    def write_gathered(self, since, then, now):
        """What `schedule_flush` asks for, asked of `Turn.gather` in the turn of the loop that was ``then``."""
        if self.due:
            return  # what is left from before is about to be written, and this with it
        if self._flushed_at == now:
            self._write_later()
        else:
            self._asked_at, self._asked_in, self.due = since, then, _FLUSH
            self.flush()

    def go_on_from(self, encoded, written):
        """So much has been written of what was encoded for all alike: see to the rest."""
        self._buffers, self._written = [encoded], written
        self._write_later()

    def _write_now(self, turn):
        """Whether the one message that there is has been written. The socket is sending it, so nothing may happen to
        its pipes: what fails is left to `flush`, which meets it again.
        """
        pipe, connection = self.pipe, self.connection
        if self._finishing or pipe is None or pipe.peer_waits or len(pipe.inbox) != 1 or connection.output:
            return False
        self._prompt_in = turn
        self._buffers = []  # nothing is left from before: that waits for a flush
        connection.encode(pipe.inbox, self._buffers, self._batch)
        self.traffic.messages_out += 1
        try:
            self._write_some()
        except OSError:
            return False
        return self._buffers is None

    def _write_later(self):
        """Go on when the loop next finds the descriptor writable."""
        self._alone = False
        if self.due != _WRITABLE:
            self.due = _WRITABLE
            if self._write is None:
                self._write = self._loop.io(self.fd, _WRITE)
            self._write.start(self._on_writable)

    def _on_writable(self):
        """The hub's callback: flush, or where very many can be written to, do so in one of the next turns."""
        if self._turn.over():
            self._write.stop()
            self._turn.put_off(self._write_late)
        else:
            self.flush()

    def _write_late(self):
        if self.due == _WRITABLE:
            self._write.start(self._on_writable)
            self.flush()

    def flush(self):
        """Write what is due until there is no more, the descriptor takes no more, or our turn is over."""
        if self.due == _FLUSH:
            self.due = _NOTHING
            late = monotonic() - self._asked_at
            if late > LATE:
                self._session.hub_was_late(late, self._loop.iteration - self._asked_in)
        if self.closed:
            return
        self._flushed_at = self._loop.iteration
        left, before = TURN_BYTES, self.traffic.messages_out
        try:
            while self._buffers or self._fill():
                if left <= 0 or self.traffic.messages_out > before + _TURN_MESSAGES:
                    self._write_later()
                    return
                left -= self._write_some()
        except (BlockingIOError, InterruptedError):
            self._write_later()
            return
        except OSError as error:
            self.fail(str(error))
            return
        if self.due == _WRITABLE:
            self.due = _NOTHING
            self._write.stop()
        self._alone = self.traffic.messages_out <= before + 1
        if self._finishing:
            self._say_goodbye()

    def _fill(self):
        """Encode the next batch; False when there is nothing to write."""
        connection, pipe = self.connection, self.pipe
        before = 0 if pipe is None else len(pipe.inbox)
        if not (before or connection.output):
            return False
        self._buffers = buffers = []
        if connection.output:
            buffers.append(b"".join(connection.output))
            connection.output = None
        if before:
            inbox = pipe.inbox
            connection.encode(inbox, buffers, self._batch)
            self.traffic.messages_out += before - len(inbox)
            if pipe.peer_waits:
                pipe.drained()
        return True

    def _write_some(self):
        """One write; the number of bytes it took."""
        buffers, left = self._buffers, self._written
        first = memoryview(buffers[0])[left:] if left else buffers[0]
        alone = len(buffers) == 1
        sent = self.sock.send(first) if alone else self.sock.sendmsg([first, *buffers[1:_IOV_MAX]])
        self.traffic.bytes_out += sent
        if alone and sent == len(first):
            self._buffers = None
            self._written = 0
            return sent
        left += sent
        done = 0
        for buffer in buffers:
            size = len(buffer)
            if left < size:
                break
            left -= size
            done += 1
        if done == len(buffers):
            self._buffers = None
        else:
            del buffers[:done]
        self._written = left
        return sent

    # -- the end ------------------------------------------------------------------------------------------------------

    def facts(self):
        """As `Session.facts`, whenever somebody asks."""
        return self._session.facts(self)

    def finish(self):
        """Write all that is left, then close so that none of it is lost on the way."""
        self._finishing = True
        self.resume()
        self.schedule_flush()

    def _say_goodbye(self):
        """All is written. Closing with unread input would reset the connection and cost the peer what is under way,
        so end our half and read on, for a moment, until the peer ends its half.
        """
        if self._close_clock is None:
            try:
                self.sock.shutdown(SHUT_WR)
            except OSError as error:
                self.fail(str(error))
                return
            self._close_clock = Timeout(self._session.socket.home)
            self._close_clock.start(_CLOSE_WAIT, self.fail, "the peer did not close in time")

    def fail(self, reason, error=None):
        """End the connection and tell the session why; ``error`` is the ProtocolError if it was one, or Lost."""
        if not self.closed:
            self.close()
            self._session.engine_failed(self, reason, error or Lost(errno.ECONNRESET))

    def unplug(self):
        """The thread ends, and its loop with it."""
        self._unwatch()
        self._stop_clocks()

    def _stop_clocks(self):
        for clock in (self._close_clock, self.heartbeat):
            if clock is not None:
                clock.stop()
        self._close_clock = self.heartbeat = None

    def plug_in(self, home):
        """Go on in another thread's loop; only for the end, so that no heartbeat is needed any more."""
        self._loop = loop = home.hub.loop
        self._turn = home.turn
        self.due, self._late = _NOTHING, False
        self._flushed_at = -1
        self._read = loop.io(self.fd, _READ)
        if not self.paused:
            self._read.start(self.on_readable)

    def _unwatch(self):
        unwatch(self._read)
        if self._write is not None:
            unwatch(self._write)
            self._write = None

    def close(self):
        """End the connection at once."""
        self.closed = True
        self.due = _NEVER
        self._unwatch()
        self._stop_clocks()
        self.sock.close()
        self.connection.close()
        self._buffers = None

    def __repr__(self):
        state = "closed" if self.closed else "ready" if self.ready else "handshake"
        return f"<Engine fd={self.fd} {state}>"
