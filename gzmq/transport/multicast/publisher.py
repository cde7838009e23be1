"""Sends what a socket sends to a group, at RATE, and again to who missed it."""

from __future__ import annotations

import os
import random
from time import monotonic

from ...constants import Errno
from ...error import zmq_error
from ...pgm import Packer, Rate, Source, Tsi, tsdu_size
from ..clock import Clock, Timeout
from ..flushes import Flushes
from .end import TURN, End

#: Bytes of a data packet before its TSDU, and the fewest of a TSDU: the offset and one byte.
_DATA_HEADER, _SMALLEST_TSDU = 24, 3
#: Seconds that a publisher stays after its last packet, within LINGER: some heartbeats, so that the tail is repaired.
_STAY = 0.5


class Publisher(End):
    """A socket that publishes."""

    hears_group = False

    def __init__(self, socket, endpoint):
        super().__init__(socket, endpoint)
        carrier, options, loop = self.carrier, self.options, socket.hub.loop
        size = tsdu_size(options.multicast_maxtpdu, carrier.ip_header, carrier.udp_header)
        if size < _SMALLEST_TSDU:
            carrier.close()
            least = options.multicast_maxtpdu - size + _SMALLEST_TSDU
            why = f"MULTICAST_MAXTPDU is {options.multicast_maxtpdu}, and {least} is the least"
            raise zmq_error(Errno.EINVAL, f"cannot use {endpoint}: {why}")
        tsi = Tsi(os.urandom(6), _port_other_than(endpoint.port))
        self._source = Source(tsi, endpoint.port, carrier.address, endpoint.group, self.window)
        self._packer = Packer(size)
        self._rate = Rate(options.rate, options.multicast_maxtpdu, monotonic())
        self._overhead = _DATA_HEADER + carrier.ip_header + carrier.udp_header
        self._tsdu = None  # waits for the rate
        self._packet = None  # waits for the descriptor
        self._sent_at = 0.0  # the last data
        self._lingering = False
        self._rate_clock = Clock(socket.home)
        self._repair_clock = Clock(socket.home)
        self._stay_clock = Clock(socket.home)
        self._linger_clock = Timeout(socket.home)
        self._flushes = Flushes(loop, carrier.fd, self.flush)

    def start(self):
        for packet in self._source.open(monotonic()):
            self.send(packet)
        self.ring_at(self._source.due)
        super().start()

    # -- data ---------------------------------------------------------------------------------------------------------

    def read_activated(self, pipe):
        """The socket has sent to an empty pipe."""
        self._schedule()

    def write_activated(self, pipe):
        """A publisher receives nothing."""

    def _schedule(self):
        if not (self._rate_clock.running or self.closed):
            self._flushes.soon()

    def flush(self):
        """Send what is due until there is no more, the rate is used up, or our turn is over."""
        if self.closed:
            return
        now = monotonic()
        try:
            for _ in range(TURN):
                if self._packet is None and not self._make_packet(now):
                    break
                self.carrier.send(self._packet)
                self.traffic.bytes_out += len(self._packet)
                self._packet = None
            else:
                self._flushes.when_writable()
                return
        except (BlockingIOError, InterruptedError):
            self._flushes.when_writable()
            return
        except OSError:
            self._packet = None  # lost, as on any network; receivers will ask for it
            self._flushes.when_writable()
            return
        self._rest(now)

    def _make_packet(self, now):
        """The next packet, if there is one and the rate admits it."""
        if self._tsdu is None:
            self._tsdu = self._next_tsdu()
            if self._tsdu is None:
                return False
        wait = self._rate.wait(len(self._tsdu) + self._overhead, now)
        if wait:
            self._rate_clock.start(wait * 1000, self._flushes.now)
            return False
        self._packet = self._source.data(self._tsdu, now)
        self._tsdu = None
        self._sent_at = now
        return True

    def _next_tsdu(self):
        inbox = self.pipe.inbox
        before = len(inbox)
        tsdu = self._packer.next(inbox)
        self.traffic.messages_out += before - len(inbox)
        if self.pipe.peer_waits:
            self.pipe.drained()
        return tsdu

    def _rest(self, now):
        """All is sent, or waits for the rate."""
        self._flushes.rest()
        self.ring_at(self._source.due)
        if self._lingering and self._tsdu is None:
            left = self._sent_at + _STAY - now
            if left > 0:
                self._stay_clock.start(left * 1000, self._flushes.now)
            else:
                self._say_goodbye()

    # -- repair -------------------------------------------------------------------------------------------------------

    def on_readable(self):
        now = monotonic()
        for data, _ in self.packets():
            for answer in self._source.receive(data, now):
                self.send(answer)
        self._repair()

    def _repair(self):
        """Send what was asked for, a turn's worth at a time."""
        for packet in self._source.repairs(TURN, monotonic()):
            self.send(packet)
        if self._source.has_repairs:
            self._repair_clock.start(0, self._repair)
        self.ring_at(self._source.due)

    def ring(self):
        for packet in self._source.tick(monotonic()):
            self.send(packet)
        self.ring_at(self._source.due)

    # -- the end ------------------------------------------------------------------------------------------------------

    def pipe_terminated(self, pipe):
        """The socket has closed its end: send what is left, and repair the tail, for as long as LINGER allows."""
        linger = self.socket.options.linger
        if linger == 0:
            self._say_goodbye()
            return
        self._lingering = True
        self.socket.context.hold(self, self.socket.home)
        if linger > 0:
            self.linger_until = monotonic() + linger / 1000
            self._linger_clock.start(linger, self._say_goodbye)
        self._schedule()

    def _say_goodbye(self):
        if not self.closed:
            for packet in self._source.close():
                self.send(packet)
        self.stop()

    def stop(self):
        for clock in (self._rate_clock, self._repair_clock, self._stay_clock, self._linger_clock):
            clock.stop()
        self._flushes.close()
        super().stop()


def _port_other_than(port):
    """A port for a stream: that of the group is for what goes upstream."""
    while (made := random.SystemRandom().randrange(1, 1 << 16)) == port:
        pass
    return made
