"""Many things to do, in slices, between which the hub runs. Those of a thread share the time of a turn (`turn`)."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from .home import Home
from .turn import Turn

#: So many are done at once, whatever they take: what is small is over when `add` returns.
FEW = 10


class Slices:
    """Does things in the order in which they are added: few when `add` returns, others as long as the turn lasts."""

    def __init__(self, home: Home):
        self.home = home
        self._work: deque[tuple[deque[Any], Callable[[Any], object], Callable[[], object] | None]] = deque()
        self._waits = False  # for a turn of the loop
        self._busy = False

    def add(
        self, things: Iterable[Any], each: Callable[[Any], object], done: Callable[[], object] | None = None
    ) -> None:
        """Call ``each(thing)`` for all of them, and then ``done()``; what comes before them is done first.

        All at once when the thread ends.
        """
        self._work.append((deque(things), each, done))
        if not self._waits and not self._busy:
            self._do(FEW)

    def finish(self) -> None:
        """All that is left, now."""
        if self._work and not self._busy:
            self._do(sys.maxsize)

    def _go_on(self) -> None:
        self._waits = False
        if self._work and not self._busy:
            self._do(1)

    def _do(self, least: int) -> None:
        """At least so many, and more while there is time."""
        work, home = self._work, self.home
        if home.ending:
            least = sys.maxsize  # there are no more turns
        self._busy = True
        try:
            while work:
                things, each, done = work[0]
                for _ in range(min(least, len(things))):
                    least -= 1
                    each(things.popleft())
                if things:
                    self._do_timed(home.turn, things, each)
                    if things:
                        break
                work.popleft()
                if done is not None:
                    done()
        finally:
            self._busy = False
            if work and not self._waits:
                self._waits = True
                home.turn.owe(self._go_on)

    @staticmethod
    def _do_timed(turn: Turn, things: deque[Any], each: Callable[[Any], object]) -> None:
        """While there is time."""
        turn.begin()
        try:
            while things and not turn.spent():
                each(things.popleft())
        finally:
            turn.end()
