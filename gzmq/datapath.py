"""What sends for a socket, and what receives: its pattern, or its only pipe; watched, bounded, converting, or refusing.

Rules: `send`, `recv`, `recv_first` and `recv_whole` are loaded anew for every message, and after every wait, as they
change with the pipes and with the time of the socket. Once they refuse they do so for good.
"""

from __future__ import annotations

import errno

from .buffers import content, parts
from .error import zmq_error
from .pipe import TURN, TURN_OVER
from .resident import Resident
from .standstill import Watch, warn

#: The context's MAX_MSGSZ as long as nobody sets it.
_NO_LIMIT = 2**31 - 1


class DataPath(Resident):
    """The half of a socket's core that messages go through."""

    def __init__(self, home, context, options):
        super().__init__(home)
        self.context = context
        self.options = options
        self.pattern = None
        self._watch = Watch()
        self._refuses = False  # its time is over
        self._writes_through = False  # the hub has stood still: what is sent next is written at once

    def route_by(self, pattern):
        """Leave it to this pattern where messages go, and which comes next."""
        self.pattern = pattern
        self.send = self._unwatched = None
        self._take_path()
        self.send = self._send_watched

    def _take_path(self):
        """As the pattern has it now."""
        send = self.pattern.send if self.context.options.max_msgsz >= _NO_LIMIT else self._send_within
        if self.send is self._unwatched:
            self.send = send
        self._unwatched = send
        self.recv = self.pattern.recv
        self.expect_views()

    def narrow(self):
        """There is another pipe, or one less."""
        only = next(iter(self.pipes)) if len(self.pipes) == 1 else None
        self.pattern.narrow(only)
        if not self._refuses:
            self._take_path()

    def expect_views(self):
        """Choose what receives when bytes are wanted: once a socket of the context shares a buffer, what converts.

        Until then nobody need look at what comes.
        """
        shares = self.context.shares
        self.recv_first = self._recv_first if shares else self.recv  # the first frame is bytes
        self.recv_whole = self._recv_whole if shares else self.recv  # all are
        self.context.aware(self)

    def _recv_first(self):
        message = self.recv()
        if type(message) is list:
            message[0] = content(message[0])
        return message

    def _recv_whole(self):
        message = self.recv()
        return list(map(content, message)) if type(message) is list else message

    def _send_within(self, message):
        """The pattern's send, where the context has a MAX_MSGSZ."""
        limit = self.context.options.max_msgsz
        for frame in parts(message):
            if len(frame) > limit:
                raise zmq_error(errno.EMSGSIZE, f"cannot send {len(frame)} bytes: the context's MAX_MSGSZ is {limit}")
        return self.pattern.send(message)

    def end_with(self, refuse):
        """The socket's time is over: whatever is called is this, which raises."""
        self._refuses = True
        self.send = self.recv = self.recv_first = self.recv_whole = refuse

    # -- without a loop running -----------------------------------------------------------------------------------

    def _send_watched(self, message):
        """Send; if the hub has not run for long, ask for a turn of it first, and then write without waiting for it."""
        still = self._watch.look(self.hub.loop)
        if still:
            self._writes_through = True
            pipes = self.waiting()
            warn(self, sum(len(pipe.outbox) for pipe in pipes), {pipe.endpoint for pipe in pipes}, still)
            return TURN_OVER
        sent = self._unwatched(message)
        if sent and self._writes_through:
            self._writes_through = False
            for pipe in self.waiting():
                if pipe.peer is not None:  # what failed before may have ended others
                    pipe.peer.sink.flush()
        if self._watch.left <= 0 and self.send == self._send_watched:
            self.send = self._unwatched
        return sent

    def waiting(self):
        """The pipes with messages that wait for a wire."""
        self.pattern.hand_out()
        return [pipe for pipe in self.pipes if pipe.outbox and pipe.peer and pipe.peer.sink.traffic is not None]

    def stood_still(self, session, seconds):
        """A session has waited so many seconds for the hub to run: warn, and watch what is sent from now on."""
        warn(self, len(session.pipe.inbox) if session.pipe is not None else 0, [session.endpoint], seconds)
        self._watch.left = TURN
        if self.send is self._unwatched:
            self.send = self._send_watched
