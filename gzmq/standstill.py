"""Notices that a greenlet sends and never lets the hub run, which alone moves messages; and says so, once."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from time import monotonic
from typing import Any

from .pipe import TURN

#: Seconds: after so many a send does not wait any longer for the hub to run by itself; a flush that is as late has the
#: next sends watched; and what has waited as long is told.
SHORT, LATE, LONG = 0.02, 0.1, 2.0

_warned = False


class Watch:
    """How the hub has run between the sends of one socket: a look at each of the first thousand, and of as many after
    each time that it stood still.
    """

    __slots__ = ("_since", "_turn", "left")

    def __init__(self) -> None:
        self.left = TURN  # sends that are still to be watched
        self._turn = -1  # of the loop, at the last look
        self._since = 0.0  # when that turn was first seen

    def look(self, loop: Any) -> float:
        """At a send: the seconds for which the hub has stood still, or 0 while they are few."""
        now, turn = monotonic(), loop.iteration
        if turn != self._turn:
            self._turn, self._since = turn, now
        elif now - self._since > SHORT:
            still, self._since = now - self._since, now
            self.left = TURN
            return still
        self.left -= 1
        return 0


def warn(socket: Any, waiting: int, endpoints: Iterable[str], seconds: float) -> None:
    """Tell that so many messages on their way to these endpoints have waited for the hub; once in a process."""
    global _warned
    if waiting and seconds >= LONG and not _warned:
        _warned = True
        _tell(
            f"{_messages(waiting, endpoints)} waited {seconds:.1f} s, as only the hub moves messages, and nothing let"
            f" it run ({socket!r}): use gevent.sleep in place of time.sleep and in long computations, or call"
            " gevent.monkey.patch_all() before everything else"
        )


def warn_of_lost(context: Any, waiting: int, endpoints: Iterable[str]) -> None:
    """Tell that at the end of the program so many messages are lost that other threads have sent."""
    if waiting:
        _tell(
            f"{_messages(waiting, endpoints)} been lost at the end of the program: the threads that sent them live on,"
            f" and do not let their hubs run ({context!r}): let them, by hub.join before a job of a threadpool returns,"
            " or send from the thread whose hub runs"
        )


def _messages(count: int, endpoints: Iterable[str]) -> str:
    where = ", ".join(sorted(set(endpoints))[:3])
    return f"a message to {where} has" if count == 1 else f"{count} messages to {where} have"


def _tell(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=_users_level())


def _users_level() -> int:
    """The first frame that is not ours, as `warnings.warn` counts; compiled functions have none."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(__package__ + "."):
        level, frame = level + 1, frame.f_back
    return level
