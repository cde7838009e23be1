"""The publisher's end of a stream: keeps what it sent for a while, says where it stands, and repairs what is missed.

Rules: time comes in as seconds of any steady clock; what goes out is returned, as packets for the whole group.
"""

from __future__ import annotations

from collections import deque
from itertools import islice

from . import packet
from .packet import MOST_SEQUENCES, ODATA, RDATA, SPMR, UPSTREAM, Tsi, distance, following

#: Seconds from data to the SPMs that follow it, each from the one before; the last also between SPMs without data.
_HEARTBEATS = (0.1, 0.1, 0.1, 0.1, 1.3, 7.0, 16.0, 25.0, 30.0)
#: SPMs at the beginning, and at the end: any of them may be lost.
_AT_ONCE = 3


class Source:
    """One stream to ``group``. ``nla`` is our address, where NAKs go; ``window`` packets can be repaired."""

    def __init__(self, tsi: Tsi, port: int, nla: str, group: str, window: int, first: int = 0):
        self.tsi = tsi
        self._port = port
        self._nla = nla
        self._group = group
        self._held: deque[bytes] = deque(maxlen=window)
        self._trail = first
        self._lead = following(first, -1)
        self._spm_sequence = 0
        self._wanted: dict[int, None] = {}  # asked for since the last `repairs`
        self._step = len(_HEARTBEATS) - 1
        self.due = 0.0  # when `tick` is to be called
        self.repaired = 0

    def open(self, now: float) -> list[bytes]:
        """The first packets."""
        self.due = now + _HEARTBEATS[self._step]
        return [self._spm() for _ in range(_AT_ONCE)]

    def close(self) -> list[bytes]:
        """The last packets."""
        return [self._spm(fin=True) for _ in range(_AT_ONCE)]

    def data(self, tsdu: bytes, now: float) -> bytes:
        """The packet of the next TSDU."""
        self._lead = following(self._lead)
        sent = packet.data(ODATA, self.tsi, self._port, self._lead, self._trail, tsdu)
        if len(self._held) == self._held.maxlen:
            self._trail = following(self._trail)
        self._held.append(tsdu)
        self._beat_from(now)
        return sent

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """What a receiver asks for in a datagram: answers that cannot wait. `repairs` has the rest."""
        heard = packet.parse(data)
        if heard is None or heard.kind not in UPSTREAM or heard.tsi != self.tsi or heard.source_port != self._port:
            return []
        if heard.kind == SPMR:
            return [self._spm()]
        if heard.nla != self._nla or heard.group != self._group:
            return []
        held = [sequence for sequence in heard.sequences[:MOST_SEQUENCES] if self._has(sequence)]
        self._wanted.update(dict.fromkeys(held))
        return [packet.ncf(self.tsi, self._port, held, self._nla, self._group)] if held else []

    def repairs(self, most: int, now: float) -> list[bytes]:
        """Up to so many packets that were asked for, each once however many asked."""
        wanted = list(islice(self._wanted, most))
        sent = []
        for sequence in wanted:
            del self._wanted[sequence]
            if self._has(sequence):
                tsdu = self._held[distance(self._trail, sequence)]
                sent.append(packet.data(RDATA, self.tsi, self._port, sequence, self._trail, tsdu))
        if sent:
            self.repaired += len(sent)
            self._beat_from(now)
        return sent

    @property
    def has_repairs(self) -> bool:
        """Whether more was asked for."""
        return bool(self._wanted)

    def tick(self, now: float) -> list[bytes]:
        """The SPM that is due, if it is."""
        if now < self.due:
            return []
        self._step = min(self._step + 1, len(_HEARTBEATS) - 1)
        self.due = now + _HEARTBEATS[self._step]
        return [self._spm()]

    def _has(self, sequence: int) -> bool:
        return 0 <= distance(self._trail, sequence) < len(self._held)

    def _beat_from(self, now: float) -> None:
        self._step = 0
        self.due = now + _HEARTBEATS[0]

    def _spm(self, fin: bool = False) -> bytes:
        sequence = self._spm_sequence
        self._spm_sequence = following(sequence)
        return packet.spm(self.tsi, self._port, sequence, self._trail, self._lead, self._nla, fin)

    def __repr__(self) -> str:
        return f"<Source {self.tsi.gsi.hex()}.{self.tsi.port} {self._trail}..{self._lead}>"


class Rate:
    """A bucket of bytes that fills at ``kilobits`` a second and holds what comes in ``_BURST`` seconds."""

    _BURST = 0.02

    def __init__(self, kilobits: int, largest: int, now: float):
        self._per_second = kilobits * 125
        self._most = max(self._per_second * self._BURST, largest)
        self._left = self._most
        self._at = now

    def wait(self, size: int, now: float) -> float:
        """Take so many bytes: 0, or the seconds until they may be taken."""
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        if size < self._left + 1:  # a wait that is rounded down must not end in another, and another
            self._left -= size
            return 0.0
        return (size - self._left) / self._per_second
