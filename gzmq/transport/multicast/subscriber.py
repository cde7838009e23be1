"""Gives a socket what all publishers of a group send, in order, and asks them for what was missed."""

from __future__ import annotations

import random
from time import monotonic

from ...monitor import OwnEvent
from ...pgm import Audience
from ...pipe import Traffic
from .end import TURN, End


class Losses(Traffic):
    """As `Traffic`, with the packets that were given up, and the datagrams and streams that made no sense."""

    __slots__ = ("audience",)

    @property
    def dropped(self):
        audience = self.audience
        counts = {"lost": audience.lost, "malformed": audience.malformed + audience.errors}
        return {reason: count for reason, count in counts.items() if count}


class Subscriber(End):
    """A socket that subscribes. Publishers send everything; the socket's own subscriptions filter it."""

    def __init__(self, socket, endpoint):
        super().__init__(socket, endpoint)
        self._audience = Audience(
            endpoint.port, endpoint.group, self.window, self.options.maxmsgsize, random.SystemRandom().random
        )
        self.traffic = Losses()
        self.traffic.audience = self._audience
        self._lost = 0  # packets, that we have told of
        self._paused = False  # not reading, since the socket has more than it wants

    def on_readable(self):
        self._listen()
        if not self._paused:
            self.ring_at(self._audience.due)

    def _listen(self):
        """Take in a turn's worth of packets; whether that was all there is."""
        audience = self._audience
        messages = []
        count = 0
        now = monotonic()
        for data, origin in self.packets():
            messages += audience.receive(data, origin, now)
            count += 1
        self._hand_over(messages)
        return count < TURN

    def _hand_over(self, messages):
        lost = self._audience.lost
        if lost > self._lost:
            self.socket.emit(OwnEvent.PACKETS_LOST, lost - self._lost, self.endpoint)
            self._lost = lost
        if messages:
            self.traffic.messages_in += len(messages)
            if not self.pipe.send_all(messages):
                self._pause()

    def ring(self):
        """Judge what is late, once all that has come has been taken in: we may be the ones who are late."""
        if not self._listen():
            self.ring_at(0)
        elif not self._paused:
            audience = self._audience
            self._hand_over(audience.tick(monotonic()))
            for packet, address in audience.output():
                self.send(packet, address)
            if not self._paused:
                self.ring_at(audience.due)

    def _pause(self):
        """What we do not read we do not miss, so the clock stops as well."""
        self._paused = True
        self._read.stop()
        self.ring_at(None)

    # -- what the pipe says -------------------------------------------------------------------------------------------

    def read_activated(self, pipe):
        """A subscription: publishers need not know."""
        pipe.inbox.clear()

    def write_activated(self, pipe):
        """The socket's receivers have caught up."""
        if self._paused and not self.closed:
            self._paused = False
            self._read.start(self.on_readable)
            self.ring_at(0)

    def pipe_terminated(self, pipe):
        """The socket has closed its end."""
        self.stop()
