"""Timers of the hub's loop that can be set, set anew and stopped any number of times."""

from __future__ import annotations

from time import monotonic

from ..home import unwatch
from ..waitqueue import grace

#: A `Timeout` is counted in so many parts: as many steps of a handshake are made, however busy the hub is.
PARTS = 4


class Clock:
    """Calls back once after so many milliseconds, unless stopped before."""

    __slots__ = ("_home", "_timer")

    def __init__(self, home):
        self._timer = None
        self._home = home

    def start(self, milliseconds, callback, *args):
        """Forget an earlier setting and call ``callback(*args)`` then."""
        self._set(milliseconds, callback, args)

    def _set(self, milliseconds, callback, args):
        self.stop()
        timer = self._timer = self._home.hub.loop.timer(milliseconds / 1000)
        # From now, not from when the hub last ran.
        timer.start(self._home.turn.judge, self._ring, timer, callback, args, update=True)

    def _ring(self, timer, callback, args):
        if self._timer is timer:  # not stopped meanwhile
            self.stop()
            callback(*args)

    def stop(self):
        """Do not call back."""
        if self._timer is not None:
            unwatch(self._timer)
            self._timer = None

    def move(self, home):
        """Stop, and belong to the loop of another thread from now on."""
        self.stop()
        self._home = home

    @property
    def running(self):
        """Whether it will call back."""
        return self._timer is not None


class Timeout(Clock):
    """A clock for what a peer, or we, have to do in time: it judges nobody by time in which the hub did not run.

    It counts parts of the time. One that rings late counts as one; and before the call the connections have another
    turn, as the loop rings its timers before it looks at what descriptors have to say.
    """

    __slots__ = ()

    def start(self, milliseconds, callback, *args):
        """Forget an earlier setting and call ``callback(*args)`` then."""
        self._await_part(PARTS, milliseconds / PARTS, callback, args)

    def _await_part(self, left, part, callback, args):
        self._set(part, self._counts, (left - 1, part, monotonic() + part / 1000, callback, args))

    def _counts(self, left, part, due, callback, args):
        """A part is over, and so many are left."""
        if left > 0:
            self._await_part(left, part, callback, args)
        else:
            self._set(grace(due) * 1000, callback, args)
