"""A FIFO of greenlets parked until something they wait for may have come true.

Rules: a wake-up is a hint, never a hand-over (whoever is woken looks again); a wake-up that its greenlet cannot use,
because it was killed or timed out meanwhile, passes on to the next in line, so none is ever lost.
"""

from __future__ import annotations

from collections import deque

from gevent.hub import Waiter


class WaitQueue:
    """Greenlets of one hub, waiting in order of arrival."""

    __slots__ = ("_hub", "parked")

    def __init__(self, hub):
        self._hub = hub
        self.parked: deque[Waiter] = deque()

    def __len__(self):
        return len(self.parked)

    def __repr__(self):
        return f"<WaitQueue parked={len(self.parked)}>"

    def wait(self, timeout=None, again=False):
        """Park the calling greenlet until woken (True) or until ``timeout`` seconds have passed (False).

        ``again`` puts a greenlet whose wake-up came to nothing back at the head of the line.
        """
        waiter = Waiter(self._hub)
        if again:
            self.parked.appendleft(waiter)
        else:
            self.parked.append(waiter)
        timer = None
        if timeout is not None:
            timer = self._hub.loop.timer(max(timeout, 0))
            timer.start(waiter.switch, False, update=True)  # counts from now, though the hub may not have run lately
        woken = False
        try:
            woken = waiter.get()
            return woken
        finally:
            if timer is not None:
                timer.close()
            if not woken:
                self._leave(waiter)

    def _leave(self, waiter):
        """Take back a place in line; if a wake-up was already on its way to it, the next in line gets that."""
        try:
            self.parked.remove(waiter)
        except ValueError:
            self.wake()

    def wake(self):
        """Wake the greenlet at the head of the line, if any. Never switches, so callbacks may call it."""
        if self.parked:
            self._hub.loop.run_callback(self.parked.popleft().switch, True)

    def wake_all(self):
        """Wake every parked greenlet, in order."""
        while self.parked:
            self.wake()
