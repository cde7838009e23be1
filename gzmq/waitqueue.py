"""A FIFO of greenlets parked until something they wait for may have come true.

Rules: a wake-up is a hint, never a hand-over (whoever is woken looks again); a wake-up that its greenlet cannot use,
because it was killed or timed out meanwhile, passes on to the next in line, so none is ever lost; and what waits here
while the process forks never goes on in the child, where it is only a copy of the parent's.
"""

from __future__ import annotations

from collections import deque
from os import register_at_fork
from time import monotonic

from gevent import getcurrent
from gevent.hub import Waiter

from .home import here

#: In a forked child, what holds the copies of the parent's greenlets that wait: one that nobody holds is collected, and
#: that runs its `finally`.
copies: list[object] = []

#: Seconds by which a timer may be late though nobody kept the hub busy, and that it takes at most to take in what has
#: come while somebody did.
_USUAL, _CATCHING_UP = 0.002, 0.02

#: How often the process has forked on the way to this one, which asks for less than its number would.
_generation = 0


def _born():
    global _generation
    _generation += 1


register_at_fork(after_in_child=_born)


class WaitQueue:
    """Greenlets of one hub, waiting in order of arrival."""

    __slots__ = ("_generation", "_hub", "parked")

    def __init__(self, hub):
        self._hub = hub
        self._generation = _generation
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
        timers = []
        if timeout is not None:
            seconds = max(timeout, 0)
            timers.append(self._hub.loop.timer(seconds))
            # It counts from now, though the hub may not have run lately.
            timers[0].start(self._time_is_up, waiter, timers, monotonic() + seconds, update=True)
        woken = False
        try:
            woken = waiter.get()
            if self._generation != _generation:
                stay(self._hub)
            return woken
        finally:
            for timer in timers:
                timer.close()
            if not woken:
                self._leave(waiter)

    def _time_is_up(self, waiter, timers, due):
        """What came in time counts, though the hub was busy and has not seen it yet: take it in, and then give up."""
        timers.append(self._hub.loop.timer(grace(due)))
        timers[1].start(here().turn.judge, self._give_up, waiter, update=True)

    def _give_up(self, waiter):
        if waiter in self.parked:
            waiter.switch(False)

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


def grace(due):
    """Seconds to wait after a timer that was due then, by the monotonic clock, before anything is judged by it.

    0 still lets the loop look at descriptors, which it does after its timers; if the hub has not run in time it is
    longer, as one message may come in many pieces.
    """
    late = monotonic() - due
    return min(late, _CATCHING_UP) if late > _USUAL else 0


def stay(hub):
    """A copy of one of the parent's greenlets calls this, and stays. What is thrown into it ends it, as ever."""
    waiter = Waiter(hub)
    copies.append(waiter)
    while True:
        waiter.get()


def give_way(hub):
    """Let the other greenlets, the connections and the timers have their turn; a callback of the hub cannot.

    A callback of the loop, as gevent.sleep(0) is, would not do: the loop runs those of its kind many times over
    before it looks at descriptors and timers again.
    """
    if getcurrent() is hub:
        return
    generation = _generation
    timer = hub.loop.timer(0)
    try:
        hub.wait(timer)
    finally:
        timer.close()
    if generation != _generation:
        stay(hub)
