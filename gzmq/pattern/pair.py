"""PAIR and CHANNEL: exactly one peer at a time (RFCs 31 and 52)."""

from __future__ import annotations

from .base import FULL, Pattern


class Pair(Pattern):
    """The first pipe is the peer; further ones are refused until it has gone."""

    name = "PAIR"
    peers = frozenset({"PAIR"})

    def __init__(self, socket):
        super().__init__(socket)
        self._pipe = None
        self._last = None  # a peer that has gone, while its last messages are unread
        self._source = None

    def attach(self, pipe):
        # 31/EXCLPAIR: a PAIR socket "SHALL NOT accept any further connections" while it has one.
        if self._pipe is not None:
            return False
        self._pipe = pipe
        return True

    def terminated(self, pipe):
        if pipe is self._pipe:
            self._pipe = None
            if pipe.inbox:
                self._last = pipe

    def read_activated(self, pipe):
        pass

    def send(self, message):
        return self._pipe.send(message) if self._pipe is not None else FULL

    def recv(self):
        if self._last is not None:
            message = self._last.recv()
            if message is not None:
                self._source = self._last
                return message
            self._last = None
        self._source = self._pipe
        return self._pipe.recv_in_turn() if self._pipe is not None else None

    @property
    def source(self):
        return self._source

    def readable(self):
        return bool((self._last is not None and self._last.inbox) or (self._pipe is not None and self._pipe.inbox))

    def writable(self):
        pipe = self._pipe
        return pipe is not None and (pipe.room > 0 or pipe._no_room() is not FULL)


class Channel(Pair):
    """A PAIR whose messages have one frame."""

    name = "CHANNEL"
    peers = frozenset({"CHANNEL"})
    thread_safe = True
