"""A receiver's end of a group: the streams of all publishers that are heard there."""

from __future__ import annotations

from collections.abc import Callable

from ..buffers import Message
from .packet import INTRODUCING, UPSTREAM, Tsi, parse
from .receiver import Receiver
from .stream import Unpacker

#: Seconds of silence after which a publisher is forgotten, and how many are remembered.
SILENCE, MOST_SOURCES = 300.0, 1000
#: Packets that wait for a missing one at the least: a publisher may keep more than our own options would let it.
_SMALLEST_WINDOW = 1024


class Audience:
    """Hears what is sent to ``group`` and ``port``. ``window`` packets of each publisher may wait for a missing one."""

    def __init__(self, port: int, group: str, window: int, max_message_size: int, draw: Callable[[], float]):
        self._port = port
        self._group = group
        self._window = max(window, _SMALLEST_WINDOW)
        self._max_message_size = max_message_size
        self._draw = draw
        self._receivers: dict[Tsi, Receiver] = {}
        self.lost = 0  # packets that were given up
        self._errors_before = 0  # of publishers that are forgotten
        self.due: float | None = None  # when `tick` is to be called; None when nothing is waited for
        self.malformed = 0  # datagrams that are no packets

    def receive(self, data: bytes, origin: str, now: float) -> list[Message]:
        """The messages that a datagram from the address ``origin`` completes."""
        heard = parse(data)
        if heard is None:
            self.malformed += 1
            return []
        if (heard.source_port if heard.kind in UPSTREAM else heard.dest_port) != self._port:
            return []
        receiver = self._receivers.get(heard.tsi)
        if receiver is None:
            if heard.kind not in INTRODUCING:
                return []
            receiver = self._meet(heard.tsi)
            self.due = now + SILENCE if self.due is None else self.due
        lost = receiver.lost
        messages = receiver.receive(heard, origin, now)
        self.lost += receiver.lost - lost
        due = receiver.due
        if due is not None and (self.due is None or due < self.due):
            self.due = due
        return messages

    def _meet(self, tsi: Tsi) -> Receiver:
        """A publisher that was not heard before; the one that was silent for longest makes room if need be."""
        if len(self._receivers) >= MOST_SOURCES:
            self._forget(min(self._receivers.values(), key=lambda receiver: receiver.heard_at))
        unpacker = Unpacker(self._max_message_size)
        receiver = Receiver(tsi, self._port, self._group, self._window, unpacker, self._draw)
        self._receivers[tsi] = receiver
        return receiver

    def _forget(self, receiver: Receiver) -> None:
        del self._receivers[receiver.tsi]
        self._errors_before += receiver.errors

    def tick(self, now: float) -> list[Message]:
        """Do what is due by now. The messages that need not wait any more."""
        messages: list[Message] = []
        times = []
        for receiver in list(self._receivers.values()):
            if now - receiver.heard_at >= SILENCE:
                self._forget(receiver)
                continue
            lost = receiver.lost
            messages += receiver.tick(now)
            self.lost += receiver.lost - lost
            times.append(receiver.due or receiver.heard_at + SILENCE)
        self.due = min(times, default=None)
        return messages

    def output(self) -> list[tuple[bytes, str]]:
        """Packets to send now, and the addresses to send them to; "" is the group."""
        taken: list[tuple[bytes, str]] = []
        for receiver in self._receivers.values():
            taken += receiver.output
            receiver.output.clear()
        return taken

    @property
    def errors(self) -> int:
        """Times that a stream made no sense, or could not be joined where it said."""
        return self._errors_before + sum(receiver.errors for receiver in self._receivers.values())
