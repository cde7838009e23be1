"""A timer of the hub's loop that can be set, set anew and stopped any number of times."""

from __future__ import annotations

from ..home import unwatch


class Clock:
    """Calls back once after so many milliseconds, unless stopped before."""

    __slots__ = ("_loop", "_timer")

    def __init__(self, loop):
        self._loop = loop
        self._timer = None

    def start(self, milliseconds, callback, *args):
        """Forget an earlier setting and call ``callback(*args)`` then."""
        self.stop()
        self._timer = self._loop.timer(milliseconds / 1000)
        self._timer.start(self._ring, callback, args, update=True)  # from now, not from when the hub last ran

    def _ring(self, callback, args):
        self.stop()
        callback(*args)

    def stop(self):
        """Do not call back."""
        if self._timer is not None:
            unwatch(self._timer)
            self._timer = None

    def move(self, loop):
        """Stop, and belong to another loop from now on."""
        self.stop()
        self._loop = loop

    @property
    def running(self):
        """Whether it will call back."""
        return self._timer is not None
