"""What is due in a thread at some time: of any number of alarms its loop has one timer, and none when there are none.

A loop calls back for all timers that are due before it does anything else; here those that are due together are served
a `turn` at a time.

Rules: all of it belongs to the thread of the loop. An alarm is called not before what has been put off when it rings.
One that is cancelled holds nothing any more, and its place is soon taken away.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from heapq import heapify, heappop, heappush
from itertools import count
from time import monotonic
from typing import Any

from .turn import Turn

#: Of an alarm: [when it is due, by the monotonic clock; its number; what to call, or None; arguments].
_DUE, _CALL, _ARGS = 0, 2, 3
Alarm = list[Any]

#: So many places of alarms that were cancelled do not matter.
_FEW = 100


class Alarms:
    """Those of one thread."""

    def __init__(self, loop: Any, turn: Turn):
        self._loop = loop
        self._turn = turn
        self._heap: list[Alarm] = []
        self._numbers = count()  # alarms of the same moment are served as they were set
        self._live = 0  # how many of the heap are not cancelled
        self._timer: Any = None
        self._wakes_at = 0.0  # when that rings
        self._serving = False  # or is about to: the timer is set afterwards

    def set(self, seconds: float, call: Callable[..., object], args: tuple[Any, ...]) -> Alarm:
        """Call so many seconds from now, also if the hub has not run lately."""
        due = monotonic() + seconds
        alarm = [due, next(self._numbers), call, args]
        heappush(self._heap, alarm)
        self._live += 1
        if not self._serving and (self._timer is None or due < self._wakes_at):
            self._wake_at(due)
        return alarm

    def cancel(self, alarm: Alarm) -> None:
        """Do not call, unless that was done."""
        if is_set(alarm):
            self._take(alarm)
            heap = self._heap
            if self._live == 0:
                heap.clear()
                self._drop_timer()  # the loop may end
            elif len(heap) > 2 * self._live + _FEW:
                heap[:] = filter(is_set, heap)
                heapify(heap)

    def _take(self, alarm: Alarm) -> tuple[Callable[..., object], tuple[Any, ...]]:
        """What it would have called."""
        call, args = alarm[_CALL], alarm[_ARGS]
        alarm[_CALL] = alarm[_ARGS] = None
        self._live -= 1
        return call, args

    # -- the timer ----------------------------------------------------------------------------------------------------

    def _wake_at(self, due: float) -> None:
        self._drop_timer()
        self._wakes_at = due
        self._timer = self._loop.timer(max(0.0, due - monotonic()))
        self._timer.start(self._ring, update=True)  # from now: from when the hub last ran it would ring for nothing

    def _drop_timer(self) -> None:
        if self._timer is not None:
            with suppress(ValueError):  # the loop was destroyed
                self._timer.close()
            self._timer = None

    def _ring(self) -> None:
        self._drop_timer()
        self._serving = True
        # What is due later is judged later: who waits now to be read may be whom it is about.
        self._turn.judge(self._serve, [monotonic(), next(self._numbers)])

    def _serve(self, until: Alarm) -> None:
        """Call what was due and set before that, as much of it as makes a turn."""
        heap, turn = self._heap, self._turn
        try:
            while heap and heap[0] < until:
                alarm = heappop(heap)
                if is_set(alarm):
                    call, args = self._take(alarm)
                    call(*args)
                    if turn.over():
                        break
        finally:
            while heap and not is_set(heap[0]):
                heappop(heap)
            if heap and heap[0] < until:
                turn.put_off(self._serve, until)
            else:
                self._serving = False
                if heap:
                    self._wake_at(heap[0][_DUE])

    # -- the end ------------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """The thread ends, or this is a forked child and they are the parent's: call none of them."""
        for alarm in self._heap:
            alarm[_CALL] = alarm[_ARGS] = None
        self._heap.clear()
        self._live = 0
        self._serving = False
        self._drop_timer()


def is_set(alarm: Alarm) -> bool:
    """Whether it will be called."""
    return alarm[_CALL] is not None
