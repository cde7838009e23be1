"""Many small things to do, a slice in each turn of the loop, so that none of them keeps the hub from running."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from .home import Home, unwatch

#: How many in one turn: such as ends of connections, of which each takes some 20 microseconds.
SLICE = 200
#: Of smaller ones, such as topics, of which each takes a few.
SMALL_SLICE = 500


class Slices:
    """Does things in the order in which they are added, ``size`` in a turn of the loop, so few when `add` returns.

    All at once when the thread ends.
    """

    def __init__(self, home: Home, size: int = SLICE):
        self.home = home
        self._size = size
        self._work: deque[tuple[deque[Any], Callable[[Any], object], Callable[[], object] | None]] = deque()
        self._turn = -1  # the one in which we last did something
        self._left = size  # so many may still be done in it
        self._timer: Any = None
        self._busy = False

    def add(
        self, things: Iterable[Any], each: Callable[[Any], object], done: Callable[[], object] | None = None
    ) -> None:
        """Call ``each(thing)`` for all of them, and then ``done()``; what comes before them is done first."""
        self._work.append((deque(things), each, done))
        if self._timer is None and not self._busy:
            turn = self.home.hub.loop.iteration
            self._do(self._left if turn == self._turn else self._size)

    def go_on(self) -> None:
        """The next slice; the others follow."""
        if self._timer is not None:
            unwatch(self._timer)
            self._timer = None
        self._do(self._size)

    def finish(self) -> None:
        """All that is left, now."""
        while self._work and not self._busy:
            self._do(self._size)

    def _do(self, count: int) -> None:
        work = self._work
        self._busy = True
        try:
            while work and (count > 0 or not work[0][0] or self.home.ending):
                things, each, done = work[0]
                for _ in range(len(things) if self.home.ending else min(count, len(things))):
                    each(things.popleft())
                    count -= 1
                if not things:
                    work.popleft()
                    if done is not None:
                        done()
        finally:
            self._busy = False
            self._left, self._turn = count, self.home.hub.loop.iteration
        if work and self._timer is None:
            self._timer = self.home.hub.loop.timer(0)
            self._timer.start(self.go_on)
