"""Alarms of a thread that can be set, set anew and stopped any number of times."""

from __future__ import annotations

from time import monotonic

from ..alarms import is_set
from ..waitqueue import grace

#: A `Timeout` is counted in so many parts: as many steps of a handshake are made, however busy the hub is.
PARTS = 4


class Clock:
    """Calls back once after so many milliseconds, unless stopped before."""

    __slots__ = ("_alarm", "_home")

    def __init__(self, home):
        self._alarm = None
        self._home = home

    def start(self, milliseconds, callback, *args):
        """Forget an earlier setting and call ``callback(*args)`` then."""
        self._set(milliseconds, callback, args)

    def _set(self, milliseconds, callback, args):
        self.stop()
        self._alarm = self._home.alarms.set(milliseconds / 1000, callback, args)

    def stop(self):
        """Do not call back."""
        if self._alarm is not None:
            self._home.alarms.cancel(self._alarm)
            self._alarm = None

    def move(self, home):
        """Stop, and belong to another thread from now on."""
        self.stop()
        self._home = home

    @property
    def running(self):
        """Whether it will call back."""
        return self._alarm is not None and is_set(self._alarm)


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
