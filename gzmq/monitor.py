"""Events of a socket's connections, as messages on a PAIR socket (zmq_socket_monitor(3))."""

from __future__ import annotations

import struct
from contextlib import suppress

from .constants import Event, Flag
from .error import Again


class Monitor:
    """Sends events from a bound PAIR; a reader who is too slow loses the newest, and never blocks the socket."""

    def __init__(self, pair, address, events):
        self._pair = pair
        self.address = address
        self._events = events
        pair.linger = 0
        pair.bind(address)

    def emit(self, event, value, endpoint):
        """Send one event: two frames, its number and value, and the endpoint."""
        if event & self._events and not self._pair.closed:
            frames = [struct.pack("=Hi", event, value), endpoint.encode()]
            with suppress(Again):
                self._pair.send_multipart(frames, Flag.DONTWAIT)

    def stop(self):
        """Say that no more will come, and leave."""
        self.emit(Event.MONITOR_STOPPED, 0, "")
        self._pair.close()
