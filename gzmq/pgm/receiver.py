"""A receiver's end of one publisher's stream: puts packets in order, asks for those that are missing, and gives up.

Rules: time comes in as seconds of any steady clock; packets to send are in `output`. Nothing is kept, and no time is
spent, in proportion to a number that a packet merely says.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from ..buffers import Message
from . import packet
from .packet import MOST_SEQUENCES, NAK, NCF, SPM, Packet, Tsi, distance, following
from .stream import Unpacker

#: What a missing packet waits for (RFC 3208, 6.3): its turn to be asked for, the answer to that, and the data itself.
_BACK_OFF, _WAIT_NCF, _WAIT_DATA = "BACK-OFF", "WAIT-NCF", "WAIT-DATA"
#: For so many seconds; the turn comes at random within them.
_SECONDS = {_BACK_OFF: 0.05, _WAIT_NCF: 0.2, _WAIT_DATA: 0.2}
#: And so often, before it is lost.
MOST_TRIES = 50
#: Seconds to wait for a first SPM before asking for one.
_WAIT_SPM = 0.025


class _Gap:
    """A packet that is missing."""

    __slots__ = ("deadline", "sequence", "state", "tries")

    def __init__(self, sequence: int):
        self.sequence = sequence
        self.state = _BACK_OFF
        self.deadline = 0.0
        self.tries = {_BACK_OFF: 0, _WAIT_NCF: 0, _WAIT_DATA: 0}

    def __lt__(self, other: _Gap) -> bool:  # a heap compares entries with the same deadline
        return self.sequence < other.sequence


class Receiver:
    """One publisher, as it is heard here. At most ``window`` packets wait for one that is missing."""

    def __init__(self, tsi: Tsi, port: int, group: str, window: int, unpacker: Unpacker, draw: Callable[[], float]):
        self.tsi = tsi
        self._port = port
        self._group = group
        self._window = window
        self._unpacker = unpacker
        self._draw = draw  # a random number from 0 to 1
        self.nla = ""  # where to send NAKs, from the last SPM
        self._spm_sequence = -1
        self._next = -1  # the sequence to deliver next; -1 before anything was heard
        self._lead = 0  # the newest that we know of
        self._kept: dict[int, bytes | None] = {}  # came, or (None) are lost, and wait for one before them
        self._gaps: dict[int, _Gap] = {}
        self._clock: list[tuple[float, _Gap]] = []  # a heap; entries of gaps that have moved on are passed over
        self._asks_at: float | None = None  # when to ask for an SPM
        self.heard_at = -1.0  # never
        self._origin = ""  # the address that the last packet came from
        self.output: list[tuple[bytes, str]] = []  # packets, and the addresses to send them to; "" is the group
        self.lost = 0  # packets

    @property
    def errors(self) -> int:
        """Times that the stream made no sense."""
        return self._unpacker.errors

    # -- in -----------------------------------------------------------------------------------------------------------

    def receive(self, heard: Packet, origin: str, now: float) -> list[Message]:
        """The messages that a packet from an address completes."""
        if heard.kind != NAK:
            self._origin = origin
        if self.heard_at < 0:
            self._asks_at = now + _WAIT_SPM
        self.heard_at = now
        if heard.kind == SPM:
            return self._spm(heard, now)
        if heard.kind in (NCF, NAK):
            return self._asked(heard, now)
        return self._data(heard, now)

    def _data(self, heard: Packet, now: float) -> list[Message]:
        sequence = heard.sequence
        if self._next < 0:
            self._begin(sequence)
        ahead = distance(self._next, sequence)
        if ahead < 0 or self._kept.get(sequence) is not None:
            return []
        # A TSDU that comes in fragments is none that libzmq makes: an empty one makes no sense either.
        tsdu = b"" if heard.fragment else heard.tsdu
        if ahead == 0 and self._lead == following(sequence, -1):
            self._next = following(sequence)
            self._lead = sequence
            return self._unpacker.feed(tsdu)
        messages = self._learn_lead(sequence, now)
        if distance(self._next, sequence) >= 0:
            self._gaps.pop(sequence, None)
            self._kept[sequence] = tsdu
        messages += self._learn_trail(heard.trail)
        messages += self._deliver()
        return messages

    def _spm(self, heard: Packet, now: float) -> list[Message]:
        if self._spm_sequence >= 0 and distance(self._spm_sequence, heard.sequence) < 0:
            return []
        self._spm_sequence = heard.sequence
        self.nla = heard.nla
        self._asks_at = None
        if self._next < 0:
            self._begin(following(heard.lead))
            return []
        messages = self._learn_lead(heard.lead, now)
        messages += self._learn_trail(heard.trail)
        messages += self._deliver()
        return messages

    def _asked(self, heard: Packet, now: float) -> list[Message]:
        """Somebody misses what we may miss too, or the publisher says that it comes."""
        messages: list[Message] = []
        if heard.group != self._group or self._next < 0:
            return messages
        for sequence in heard.sequences[:MOST_SEQUENCES]:
            if heard.kind == NCF:
                messages += self._learn_lead(sequence, now)
            gap = self._gaps.get(sequence)
            if gap is not None and heard.kind == NCF:
                self._set(gap, _WAIT_DATA, now)
            elif gap is not None and gap.state is _BACK_OFF:
                self._set(gap, _WAIT_NCF, now)
        return messages

    # -- what is missing ----------------------------------------------------------------------------------------------

    def _begin(self, sequence: int) -> None:
        self._next = sequence
        self._lead = following(sequence, -1)

    def _learn_lead(self, lead: int, now: float) -> list[Message]:
        """The publisher has sent up to here: what has not come of it is missing, or too long ago to be waited for."""
        if distance(self._lead, lead) <= 0:
            return []
        messages = self._learn_trail(following(lead, 1 - self._window))
        for ahead in range(1, distance(self._lead, lead) + 1):
            gap = _Gap(following(self._lead, ahead))
            self._gaps[gap.sequence] = gap
            self._set(gap, _BACK_OFF, now)
        self._lead = lead
        return messages

    def _learn_trail(self, trail: int) -> list[Message]:
        """What is before this will not come any more."""
        messages: list[Message] = []
        if distance(self._next, trail) <= 0:
            return messages
        for sequence in sorted(self._kept, key=lambda kept: distance(self._next, kept)):
            if distance(sequence, trail) <= 0:
                break
            self._skip_to(sequence)
            messages += self._take()
        self._skip_to(trail)
        return messages

    def _skip_to(self, sequence: int) -> None:
        """All from the next packet to this one are lost."""
        count = distance(self._next, sequence)
        if not count:
            return
        for gap in [gap for gap in self._gaps if distance(gap, sequence) > 0]:
            del self._gaps[gap]
        self._next = sequence
        self.lost += count
        self._unpacker.lost()
        if distance(self._lead, sequence) > 0:
            self._lead = following(sequence, -1)

    def _deliver(self) -> list[Message]:
        """What waited for what has now come, or is lost."""
        messages: list[Message] = []
        while self._next in self._kept:
            messages += self._take()
        return messages

    def _take(self) -> list[Message]:
        """The messages that the next packet completes, which has come or is lost."""
        tsdu = self._kept.pop(self._next)
        self._next = following(self._next)
        if tsdu is not None:
            return self._unpacker.feed(tsdu)
        self.lost += 1
        self._unpacker.lost()
        return []

    # -- time ---------------------------------------------------------------------------------------------------------

    def _set(self, gap: _Gap, state: str, now: float) -> None:
        """Wait for this from now on."""
        gap.state = state
        gap.deadline = now + _SECONDS[state] * (self._draw() if state is _BACK_OFF else 1)
        heapq.heappush(self._clock, (gap.deadline, gap))

    def _is_current(self, deadline: float, gap: _Gap) -> bool:
        return gap.deadline == deadline and self._gaps.get(gap.sequence) is gap

    @property
    def due(self) -> float | None:
        """When `tick` is to be called; None when nothing is waited for."""
        while self._clock and not self._is_current(*self._clock[0]):
            heapq.heappop(self._clock)
        times = [self._clock[0][0]] if self._clock else []
        if self._asks_at is not None:
            times.append(self._asks_at)
        return min(times, default=None)

    def tick(self, now: float) -> list[Message]:
        """Ask for what is missing; give up what does not come. The messages that need not wait any more."""
        if self._asks_at is not None and self._asks_at <= now:
            self._asks_at = None
            asked = packet.spmr(self.tsi, self._port)
            self.output += [(asked, ""), (asked, self._origin)]
        asking: list[int] = []
        while self._clock and self._clock[0][0] <= now:
            deadline, gap = heapq.heappop(self._clock)
            if self._is_current(deadline, gap):
                self._late(gap, asking, now)
        asking.sort(key=lambda sequence: distance(self._next, sequence))
        for start in range(0, len(asking), MOST_SEQUENCES):
            named = asking[start : start + MOST_SEQUENCES]
            self.output.append((packet.nak(self.tsi, self._port, named, self.nla, self._group), self.nla))
        return self._deliver()

    def _late(self, gap: _Gap, asking: list[int], now: float) -> None:
        """What a gap waits for has not come in time; for a turn, that is when it comes."""
        gap.tries[gap.state] += 1
        if gap.state is _BACK_OFF and self.nla:
            asking.append(gap.sequence)
            self._set(gap, _WAIT_NCF, now)
        elif gap.tries[gap.state] >= MOST_TRIES:
            del self._gaps[gap.sequence]
            self._kept[gap.sequence] = None
        else:
            self._set(gap, _BACK_OFF, now)
            if not self.nla and self._asks_at is None:  # nobody is known who could be asked for the packet
                self._asks_at = now + _WAIT_SPM

    def __repr__(self) -> str:
        state = f"next={self._next} kept={len(self._kept)} missing={len(self._gaps)} lost={self.lost}"
        return f"<Receiver {self.tsi.gsi.hex()}.{self.tsi.port} {state}>"
