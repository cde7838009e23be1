"""How long a thread may be busy with us in one turn of its loop, and what waits for the next turns.

A loop rings all timers that are due and calls back for all descriptors that are ready before it does anything else, so
where there are thousands of either, each callback asks `Turn.over` first, and if it is, puts itself off.

Rules: all of it belongs to the thread of the loop. What waits is done in the order in which it came: nothing starves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic, thread_time
from typing import Any

#: Seconds of callbacks in one turn, and as much for what is done in `slices`, before others have theirs.
SPAN = 0.005
#: So many pipes that something was sent to at once are written to in a turn of their own.
_MANY = 1000


class Turn:
    """One turn of a loop after the other."""

    def __init__(self, loop: Any):
        self.loop = loop
        self._late: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._owed: dict[Callable[[], object], None] = {}  # those of them that are done whatever comes
        self._timer: Any = None
        self._waits = False  # the timer runs
        self._gathered: deque[Any] = deque()  # pipes with something to write
        self.gatherer = self.gather  # one object for all who call it
        #: Called as ``write(pipes, since, turn_then, turn_now, over)``, to write what has come to gathered pipes then:
        #: it takes from their left until there are none, or the turn is `over`. Who has pipes gathered sets it.
        self.write: Callable[..., object] = self.over
        #: Likewise, for one message to pipes of which none has got it yet; see `Distribution.share`.
        self.write_alike: Callable[..., bool] | None = None
        self._gathered_at = 0.0  # when the first of them came
        self._gathered_in = -1  # and in which turn
        # Callbacks are timed by the clock on the wall, from the first in a turn on.
        self.number = -1
        self._until = 0.0
        self.reads_first = False  # the first callback of a turn reads
        self.woken: Any = None  # the waiter that goes on when that is done
        # Slices, which greenlets make, too, by the processor's time: what they do at once shall not depend on others.
        self._budgeted = -1
        self._left = SPAN
        self._depth = 0
        self._since = 0.0
        self._look_at = 0.0

    # -- callbacks of the loop ----------------------------------------------------------------------------------------

    def over(self) -> bool:
        """Whether the callbacks of this turn took so long that one which can wait should: `put_off`."""
        number = self.loop.iteration
        if number != self.number:
            self.number = number
            self._until = monotonic() + SPAN
            return False
        if self._until and monotonic() > self._until:
            self._until = 0.0
        return not self._until

    def wake(self, queue: Any) -> None:
        """Wake who waits there. What the first callback of a turn has read wakes as soon as that is done, as there is
        mostly no other; the others go on together, when all has been read.
        """
        if self.reads_first:
            self.reads_first = False
            self.woken = queue.parked.popleft()
        else:
            queue.wake()

    def put_off(self, call: Callable[..., object], *args: Any) -> None:
        """Call in one of the next turns, after what waits already."""
        self._late.append((call, args))
        if not self._waits:
            self._wait()

    def judge(self, call: Callable[..., object], *args: Any) -> None:
        """Call what somebody's time is over for: not before what waits, which may be the very thing he waited for."""
        if self._late or self.over():
            self.put_off(call, *args)
        else:
            call(*args)

    def owe(self, call: Callable[[], object]) -> None:
        """As `put_off`, but also when the thread ends before."""
        self._owed[call] = None
        self.put_off(self._pay, call)

    def _pay(self, call: Callable[[], object]) -> None:
        self._owed.pop(call, None)
        call()

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.timer(0)
        self._timer.start(self._go_on)
        self._waits = True

    def _go_on(self) -> None:
        late = self._late
        self._timer.stop()
        self._waits = False
        self.over()  # the time begins
        try:
            for _ in range(len(late)):
                call, args = late.popleft()
                call(*args)
                if self.over():
                    break
        finally:
            if late and not self._waits:
                self._wait()

    # -- what is written to many peers --------------------------------------------------------------------------------

    def gather(self, pipe: Any) -> None:
        """Messages have come to a pipe that was empty, and to others at the same moment, perhaps to very many: so this
        does next to nothing, and one callback goes through all of them soon, as far as it gets in a turn.
        """
        if not self._gathered:
            self._gathered_at, self._gathered_in = monotonic(), self.loop.iteration
            self.loop.run_callback(self._begin_writing)
        self._gathered.append(pipe)

    def _begin_writing(self) -> None:
        if len(self._gathered) > _MANY:  # to send to so many has taken a turn's time already
            self.put_off(self._write_gathered)
        else:
            self._write_gathered()

    def _write_gathered(self) -> None:
        gathered = self._gathered
        self.over()  # the time begins
        try:
            self.write(gathered, self._gathered_at, self._gathered_in, self.loop.iteration, self.over)
        finally:
            if gathered:
                self._gathered_at, self._gathered_in = monotonic(), self.loop.iteration
                self.put_off(self._write_gathered)

    def finish(self) -> None:
        """The thread ends: do what is owed."""
        self._late.clear()
        self._gathered.clear()
        while self._owed:
            self._pay(next(iter(self._owed)))

    def forsake(self) -> None:
        """This is a forked child: what waits is the parent's to do."""
        self._late.clear()
        self._owed.clear()
        self._gathered.clear()
        self._depth = 0
        self._waits = False
        if self._timer is not None:
            self._timer.stop()

    # -- slices -------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A slice begins, perhaps within another."""
        if self._depth == 0:
            if self.loop.iteration != self._budgeted:
                self._budgeted, self._left = self.loop.iteration, SPAN
            self._since = thread_time()
            self._look_at = monotonic() + self._left
        self._depth += 1

    def spent(self) -> bool:
        """Whether all slices of this turn have taken the time that they may."""
        if monotonic() < self._look_at:
            return False
        left = self._left - (thread_time() - self._since)
        self._look_at = monotonic() + left
        return left <= 0

    def end(self) -> None:
        """The slice is over."""
        self._depth -= 1
        if self._depth == 0:
            self._left -= thread_time() - self._since
