"""Waits in a context's `term` for sockets in whatever thread, and says which of those threads make it wait for ever."""

from __future__ import annotations

import warnings
from time import monotonic
from typing import Any

from .home import Home, here
from .waitqueue import WaitQueue

#: Seconds within which the hub of another thread should answer.
_PATIENCE = 0.5


class Termination:
    """One call of `term`. ``context`` has what is still open and lingers: ``open`` and ``lingering``."""

    def __init__(self, context: Any):
        self._context = context
        self.home = here()
        self._queue = WaitQueue(self.home.hub)
        self._asked: dict[Home, list[bool]] = {}  # gets a True when that hub runs
        self._warned = False

    def wait(self) -> None:
        """Until all is closed and sent. Blocks the calling greenlet only."""
        self.home.take_in(self)
        try:
            while not self._context.quiet:
                if not self._queue.wait(_PATIENCE):
                    self._look_for_sleepers()
        finally:
            self.home.let_out(self)

    def wake(self) -> None:
        """From any thread: look again."""
        self.home.post(self._queue.wake)

    def abandoned(self) -> None:
        """The thread ends in the middle of it."""

    def _look_for_sleepers(self) -> None:
        """Do not wait for what only a hub can do that does not run, if waiting is not what was asked for; warn once."""
        asleep = {home for home in self._context.homes() if not self._answers(home)}
        if not asleep:
            return
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"{self._context!r} terminates, and {len(asleep)} threads with sockets of it do not let their hubs run:"
                " let them (gevent.sleep, or hub.join at their end), or close their sockets there, with LINGER 0"
                " for those that need not send what is left",
                RuntimeWarning,
                stacklevel=4,
            )
        self._context.give_up(asleep, monotonic())

    def _answers(self, home: Home) -> bool:
        if home.here:
            return True
        asked = self._asked.get(home)
        if asked is None or asked:
            answer = self._asked[home] = []
            home.post(answer.append, True)
            return True
        return False
