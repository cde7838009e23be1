"""A context as its sockets, its sessions and the end of the program see it; the user's handles to it may be forgotten.

Rules: any thread may call all of it. What is under the lock neither waits nor calls out of here.
"""

from __future__ import annotations

import atexit
import errno
import os
import sys
import weakref
from contextlib import suppress
from typing import Any

from .constants import ContextOption, Errno
from .error import zmq_error
from .home import Home, Lock, here
from .options import ContextOptions
from .resident import NEW_IN_CHILD
from .slices import Slices
from .standstill import warn_of_lost
from .termination import Termination


class ContextCore:
    """The sockets of a context, what lingers of closed ones, and the inproc names."""

    live: weakref.WeakSet[ContextCore] = weakref.WeakSet()

    def __init__(self, io_threads: int) -> None:
        self.options = ContextOptions()
        self.options.set(ContextOption.IO_THREADS, io_threads)
        self.inproc: dict[str, Any] = {}  # name -> the listener bound there
        self.inproc_waiting: dict[str, list[Any]] = {}  # name -> connections made before anyone bound
        self.lock = Lock()  # held while the directory or the lists of what is open change
        self.exiting = False  # the program ends
        self.shares = False  # whether some socket has sent a buffer from where it is
        self._unaware: dict[Any, None] = {}  # those that do not know it yet
        self.state = "open"
        self.pid = os.getpid()
        self.cores: dict[Any, None] = {}  # of the sockets that are open
        self.lingering: dict[Any, Home] = {}
        self._terminations: list[Termination] = []
        self._orphans: list[Any] = []
        ContextCore.live.add(self)
        _flush_at_end_of_child(self.pid)

    # -- what sockets and sessions report -----------------------------------------------------------------------------

    @property
    def ending(self) -> bool:
        """Whether it terminates or has: nobody can make a socket or bind any more."""
        return self.state != "open"

    def check_open(self) -> None:
        """Raise ETERM once the context terminates."""
        if self.ending:
            why = "the context was terminated"
            if self.pid != os.getpid():
                why = f"the context is of process {self.pid}, which forked: {NEW_IN_CHILD}"
            raise zmq_error(Errno.ETERM, why)

    def add(self, core: Any) -> None:
        """A socket was made."""
        with self.lock:
            self.check_open()
            limit = self.options.get(ContextOption.MAX_SOCKETS)
            if len(self.cores) >= limit:
                raise zmq_error(errno.EMFILE, f"{limit} sockets are open; raise MAX_SOCKETS or close some")
            self.cores[core] = None
        self._take_orphans()

    def remove(self, core: Any) -> None:
        """A socket was closed."""
        self.cores.pop(core, None)
        self.aware(core)
        self._look_if_quiet()

    def hold(self, session: Any, home: Home) -> None:
        """A session still has messages of a closed socket, and lives at ``home``."""
        self.lingering[session] = home
        home.take_in(session)

    def let_go(self, session: Any) -> None:
        """It has sent or dropped them."""
        home = self.lingering.pop(session, None)
        if home is not None:
            home.let_out(session)
        self._look_if_quiet()

    def share(self) -> bool:
        """A socket is about to send a buffer from where it is. Over inproc that arrives as it is, so all must look.

        False while the sockets of another thread have not heard of it.
        """
        if not self.shares:
            with self.lock:
                if not self.shares:
                    self._unaware.update(self.cores)
                    self.shares = True
            for core in list(self._unaware):
                core.post(core.expect_views)
        return not self._unaware

    def aware(self, core: Any) -> None:
        """A socket looks, or is no more."""
        self._unaware.pop(core, None)

    def forget_others(self) -> None:
        """Forget the sockets of all other threads: nothing of theirs moves any more."""
        lost = []  # what they have sent: the far ends of pipes
        with self.lock:
            for core in [core for core in self.cores if not core.home.here and core.thread is not None]:
                del self.cores[core]
                self.aware(core)
                lost += [pipe.peer for pipe in core.waiting()]
            for session in [session for session, home in self.lingering.items() if not home.here]:
                del self.lingering[session]
                if session.traffic is not None and session.pipe is not None:
                    lost.append(session.pipe)
        warn_of_lost(self, sum(len(pipe.inbox) for pipe in lost), [pipe.endpoint for pipe in lost])
        self._look_if_quiet()

    def adopt(self, orphan: Any) -> None:
        """From a thread that ends: one that lives, and uses this context, goes on with what lingers; the first of them
        that makes a socket or terminates the context, if there is none now.
        """
        with self.lock:
            homes = [*(termination.home for termination in self._terminations), *(core.home for core in self.cores)]
            home = next((home for home in homes if not home.ending), None)
            if home is None:
                self._orphans.append(orphan)
                return
        home.post(self._bring_up, orphan, home)

    def _bring_up(self, orphan: Any, home: Home) -> None:
        if home.ending:  # in this very moment
            self.adopt(orphan)
        else:
            orphan.go_on(home)

    def _take_orphans(self) -> None:
        with self.lock:
            orphans = self._orphans[:]
            self._orphans.clear()
        for orphan in orphans:
            self._bring_up(orphan, here())

    @property
    def quiet(self) -> bool:
        """Whether every socket is closed and everything sent."""
        return not self.cores and not self.lingering

    def _look_if_quiet(self) -> None:
        if self.quiet:
            for termination in tuple(self._terminations):
                termination.wake()

    def homes(self) -> set[Home]:
        """Where there is something open or lingering."""
        with self.lock:
            return {core.home for core in self.cores} | {*self.lingering.values()}

    def give_up(self, asleep: set[Home], now: float) -> None:
        """These hubs do not run: forget of theirs the sockets that have been closed, and what has lingered enough."""
        with self.lock:
            for core in [core for core in self.cores if core.leaving and core.home in asleep]:
                del self.cores[core]
            for session in [
                session
                for session, home in self.lingering.items()
                if home in asleep and session.linger_until is not None and session.linger_until < now
            ]:
                del self.lingering[session]
        self._look_if_quiet()

    # -- the end ------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether it was terminated."""
        return self.state == "terminated"

    def begin_to_end(self) -> None:
        """Wake every waiting call with ETERM, and let nobody make or bind a socket any more."""
        with self.lock:
            if self.state == "terminated":
                return
            self.state = "terminating"
            cores = list(self.cores)
            links = [link for links in self.inproc_waiting.values() for link in links]
        slices = Slices(here())
        slices.add(cores, lambda core: core.in_own_thread(core.refuse, Errno.ETERM, "the context was terminated"))
        slices.add(links, lambda link: link.end_wait())  # for a bind, which nobody can do any more
        self._take_orphans()

    def term(self) -> None:
        """Begin, and wait until every socket is closed and everything sent. Blocks the calling greenlet only."""
        self.begin_to_end()
        termination = Termination(self)
        self._terminations.append(termination)
        try:
            termination.wait()
        finally:
            self._terminations.remove(termination)
        self.state = "terminated"
        ContextCore.live.discard(self)

    def close_all(self, linger: int | None = None) -> None:
        """Close all sockets, each in its own thread; many of them not all before this returns."""
        Slices(here()).add(self.cores, lambda core: core.leave(linger))

    def forsake(self) -> None:
        """This is a forked child: nothing of it is ours. No peer is told, and nobody waits."""
        ContextCore.live.discard(self)
        self.lock = Lock()
        self.state = "terminated"
        for core in list(self.cores):
            core.forsake()
        for end in (*self.cores, *self.lingering):
            with suppress(Exception):  # another thread of the parent may have been in the middle of anything
                end.stop()

    def __repr__(self) -> str:
        return f"{self.state} sockets={len(self.cores)} lingering={len(self.lingering)}"


@atexit.register
def _flush_at_exit() -> None:
    """A program that falls off its end still delivers what it sent.

    LINGER bounds that. Without a bound it lasts as long as the peers are there: a peer that cannot be reached at that
    moment is not waited for, where zmq_ctx_term(3) would wait for ever.
    """
    for context in list(ContextCore.live):
        if context.pid == os.getpid():
            context.exiting = True
            context.forget_others()
            for core in context.cores:
                core.left_open = True
            context.close_all()
            context.term()


_flushing = 0  # the child of multiprocessing that will call that


def _flush_at_end_of_child(pid: int) -> None:
    """A child of multiprocessing ends by os._exit, without what atexit knows, but calls its own finalizers."""
    global _flushing
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None and _flushing != pid:
        from multiprocessing.util import Finalize

        _flushing = pid
        Finalize(None, _flush_at_exit, exitpriority=0)


def _forsake_contexts() -> None:
    for context in list(ContextCore.live):
        context.forsake()


os.register_at_fork(after_in_child=_forsake_contexts)
