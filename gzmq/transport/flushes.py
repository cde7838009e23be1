"""When to write what a socket sends: soon, and together with what it sends until then.

Rules: the loop's callback flushes once in a turn of the loop, and then the write watcher does, as for engines: a sender
that a flush wakes, and that fills the pipe for the next one, would keep the loop in its callbacks.
"""

from __future__ import annotations

from ..home import unwatch

_WRITE = 2  # libev's


class Flushes:
    """Calls ``flush`` for one descriptor."""

    def __init__(self, loop, fd, flush):
        self._loop = loop
        self._flush = flush
        self._watcher = loop.io(fd, _WRITE)
        self._scheduled = False  # a callback will flush
        self._watching = False  # the watcher will
        self._flushed_at = -1  # the turn of the loop in which we did last

    def soon(self):
        """There is something to write."""
        if self._scheduled or self._watching:
            return
        if self._flushed_at == self._loop.iteration:
            self.when_writable()
        else:
            self._scheduled = True
            self._loop.run_callback(self.now)

    def now(self):
        """Flush, and count it as this turn's."""
        self._scheduled = False
        self._flushed_at = self._loop.iteration
        self._flush()

    def when_writable(self):
        """Go on in the next turn of the loop at the earliest, once the descriptor takes more."""
        if not self._watching:
            self._watching = True
            self._watcher.start(self.now)

    def rest(self):
        """All is written."""
        if self._watching:
            self._watching = False
            self._watcher.stop()

    def close(self):
        """Flush no more, but for a callback that is on its way."""
        unwatch(self._watcher)
