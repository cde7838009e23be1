"""What a publisher and a receiver of a group have in common: the sink of a pipe, and a carrier.

Rules: all of it runs in callbacks of the hub, so nothing blocks and nothing switches; a callback reads and writes a
bounded number of packets; a packet that the network does not take is a packet lost, which repair is there for.
"""

from __future__ import annotations

from contextlib import suppress
from time import monotonic

from ...home import unwatch
from ...pipe import Traffic, pipe_pair
from ..clock import Clock
from .carrier import CARRIERS

_READ = 1  # libev's
#: Packets read, or written, before others have their turn.
TURN = 64


class End:
    """One end of a group: the far sink of a socket's pipe."""

    verb = "connect"
    hears_group = True
    linger_until = None  # by the monotonic clock

    def __init__(self, socket, endpoint):
        self.socket = socket
        self.options = options = socket.options.copy()
        self.endpoint = str(endpoint)
        self.closed = False
        self.traffic = Traffic()
        self.carrier = CARRIERS[endpoint.scheme](endpoint, options, self.hears_group)
        self._clock = Clock(socket.home)
        self._read = socket.hub.loop.io(self.carrier.fd, _READ)
        theirs, self.pipe = pipe_pair(options.sndhwm, options.rcvhwm, *socket.conflates)
        theirs.endpoint = self.pipe.endpoint = self.endpoint
        theirs.subscribe_to_all = True
        self.pipe.sink = self

    def start(self):
        """Join the pipe to the socket, and begin."""
        if self.socket.attach(self.pipe.peer) and self.socket.ready(self.pipe.peer):
            self.traffic.connected = True
            self._read.start(self.on_readable)
        else:
            self.stop()

    @property
    def window(self):
        """How many packets can be repaired: those that full RATE sends in RECOVERY_IVL."""
        options = self.options
        return max(1, options.rate // 8 * options.recovery_ivl // options.multicast_maxtpdu)

    def on_readable(self):
        """The hub's callback: take in what has come."""
        raise NotImplementedError

    def ring(self):
        """The clock's callback."""
        raise NotImplementedError

    def packets(self):
        """What has come, up to a turn's worth: (data, address)."""
        for _ in range(TURN):
            try:
                data, origin = self.carrier.receive()
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # what became of something sent before
            self.traffic.bytes_in += len(data)
            yield data, origin

    def send(self, packet, address=""):
        """Send to an address, or to the group, now or never."""
        with suppress(OSError):
            self.carrier.send(packet, address)
            self.traffic.bytes_out += len(packet)

    def ring_at(self, due):
        """Set the clock to a time, or (None) stop it."""
        if due is None:
            self._clock.stop()
        else:
            self._clock.start(max(0.0, due - monotonic()) * 1000, self.ring)

    def close(self):
        """The socket wants this endpoint no more (unbind, disconnect, close)."""
        if not self.pipe.closed and not self.pipe.peer.closed:
            self.pipe.peer.sink.pipe_terminated(self.pipe.peer)
            self.pipe.peer.close()

    def abandoned(self):
        """The thread ends while we linger. Nobody else goes on with this: what is not sent yet is lost."""
        self.stop()

    def stop(self):
        """End at once."""
        if self.closed:
            return
        self.closed = True
        self.traffic.connected = False
        self._clock.stop()
        unwatch(self._read)
        self.carrier.close()
        self.pipe.close()
        self.socket.context.let_go(self)

    def __repr__(self):
        return f"<{type(self).__name__} {self.endpoint}{' closed' if self.closed else ''}>"
