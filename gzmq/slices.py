"""Many small things to do, a slice in each turn of the loop, so that none of them keeps the hub from running."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from .home import Home, unwatch

#: How many in one turn: such as ends of connections, of which each takes some 20 microseconds.
SLICE = 200


class Slices:
    """Calls each of ``steps`` and at last ``done``, from the first `go_on` on, ``size`` in a turn; all at once when the
    thread ends.
    """

    def __init__(
        self, home: Home, steps: Iterable[Callable[[], object]], done: Callable[[], object], size: int = SLICE
    ):
        self._home = home
        self._steps = deque(steps)
        self._done = done
        self._size = size
        self._timer: Any = None

    def go_on(self) -> None:
        """The next slice; the others follow. So what has few steps is done when this returns."""
        if self._timer is not None:
            unwatch(self._timer)
            self._timer = None
        steps = self._steps
        for _ in range(len(steps) if self._home.ending else min(self._size, len(steps))):
            steps.popleft()()
        if not steps:
            self._done()
            return
        self._timer = self._home.hub.loop.timer(0)
        self._timer.start(self.go_on)
