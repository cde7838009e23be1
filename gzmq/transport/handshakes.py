"""Who shakes hands at one listener: in the order in which they came, and for as long as each may take.

As with a `Timeout` nobody is judged by time in which the hub did not run; but one timer serves all, as they all have as
long. What it counts is a time of its own: however late it rings, a part of the whole is over and no more.
"""

from __future__ import annotations

from time import monotonic

from ..waitqueue import grace
from .clock import PARTS, Clock


class Handshakes:
    """Those under way; ``over(session)`` is called for one that takes more milliseconds; 0: it may take for ever."""

    __slots__ = ("_clock", "_due", "_over", "_part", "_seen", "_span", "_time")

    def __init__(self, home, milliseconds, over):
        self._clock = Clock(home)
        self._span = max(milliseconds, 0)
        self._part = self._span / PARTS
        self._over = over
        self._time = 0.0  # milliseconds by our own time
        self._seen = 0.0  # when that was so, by the monotonic clock
        self._due = {}  # session -> when it is over, by our own time; the oldest first

    def __len__(self):
        return len(self._due)

    def __iter__(self):
        return iter(self._due)

    def __contains__(self, session):
        return session in self._due

    def begin(self, session):
        """The last in the order begins."""
        if self._span and not self._clock.running:
            self._seen = monotonic()
            self._clock.start(self._part, self._ring, self._seen + self._part / 1000)
        self._due[session] = self._now() + self._span

    def end(self, session):
        """It is done, or its connection has ended."""
        if self._due.pop(session, None) is not None and not self._due:
            self._clock.stop()

    def _now(self):
        return self._time + min((monotonic() - self._seen) * 1000, self._part)

    def _ring(self, due):
        """Go on until the oldest is due; then let the connections have one more turn."""
        self._time, self._seen = self._now(), monotonic()
        left = next(iter(self._due.values())) - self._time
        if left > 0:
            wait = min(left, self._part)
            self._clock.start(wait, self._ring, self._seen + wait / 1000)
        else:
            self._clock.start(grace(due) * 1000, self._judge, self._time)

    def _judge(self, time):
        """Who was due then is over."""
        for session, due in list(self._due.items()):
            if due > time:
                break
            if self._due.pop(session, None) is not None:  # the end of another may have ended it
                self._over(session)
        if self._due and not self._clock.running:
            self._ring(monotonic())
