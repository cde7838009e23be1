"""A thread as its sockets and the other threads know it: its hub, and how to have something done there.

Rules: `post` appends first and rings after. What is posted may be done late (when the hub runs again) or, once the
thread has ended, by whoever posts; so it must look anew at what it was posted for. All else belongs to the home's own
thread.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from contextlib import suppress
from weakref import WeakSet

from gevent import config, get_hub, reinit

from .alarms import Alarms
from .originals import original
from .turn import Turn

# Of the thread also where gevent has patched the names.
get_ident = original("_thread", "get_ident")
Lock = original("_thread", "RLock")
NO_OWNER = Lock()  # held by no thread
_lives = original("_thread", "_local")()  # .life of each thread
_ending: dict[int, Home] = {}  # thread -> its home, when that has no life any more
_homes: WeakSet[Home] = WeakSet()


def _saferepr(context):
    from pprint import saferepr

    return saferepr(context)


def _put_off_pprint():
    """Have gevent load pprint for the first error that it prints, where it would with its first hub: that takes a sixth
    of the time that a program needs to begin. Who has chosen what prints errors keeps that.
    """
    setting = config.settings["format_context"]
    if "value" not in vars(setting) and setting.environment_key not in os.environ:
        config.format_context = [_saferepr]


_put_off_pprint()


class Home:
    """The thread that makes it, until that ends."""

    def __init__(self):
        self.hub = get_hub()
        self.thread = get_ident()
        self.owner = Lock()  # which the thread holds for ever: whether it is the calling one is asked in one cheap call
        self.owner.acquire()
        self.ending = self.ended = False
        self.residents = {}  # while there are any the loop waits for other threads, too
        self.turn = Turn(self.hub.loop)  # of its loop
        self.alarms = Alarms(self.hub.loop, self.turn)
        self._calls = deque()
        self._bell = self.hub.loop.async_(ref=False)
        self._bell.start(self._answer)
        self.pid = os.getpid()
        _homes.add(self)

    @property
    def here(self):
        """Whether the calling thread may act for this one: it is the same, or there is none any more."""
        return self.ended or self.thread == get_ident()

    def post(self, call, *args):
        """From any thread: have this called by the home's hub."""
        self._calls.append((call, args))
        if self.ended:
            self._answer()
        else:
            with suppress(ValueError):  # the hub was destroyed, so its thread ends in a moment
                self._bell.send()

    def _answer(self):
        """Do what is there now, and leave to the next turn of the loop what comes meanwhile."""
        for _ in range(len(self._calls)):
            try:
                call, args = self._calls.popleft()
            except IndexError:  # two threads answer for one that has ended
                return
            if self._calls and not self.ended:
                self._bell.send()  # an error would leave the rest behind
            call(*args)

    def take_in(self, resident):
        """Something lives here that other threads may call: the loop goes on while it does."""
        self.residents[resident] = None
        self._keep_going()

    def let_out(self, resident):
        """From any thread: it has left."""
        self.residents.pop(resident, None)
        if self.here:
            self._keep_going()
        else:
            self.post(self._keep_going)

    def _keep_going(self):
        with suppress(ValueError):  # the hub was destroyed
            self._bell.ref = bool(self.residents)

    def end(self):
        """The thread ends, and calls this: nothing here will move any more."""
        self.ending = True
        _ending[self.thread] = self
        self.turn.finish()
        while True:
            try:
                resident, _ = self.residents.popitem()  # in one step: another thread may take one away at any moment
            except KeyError:
                break
            resident.abandoned()  # a socket that it closes may leave something that lingers, which comes next
        self.alarms.finish()
        self.ended = True
        self._answer()
        del _ending[self.thread]

    def forsake(self):
        """This is a forked child: nobody lives here any more, and what was asked for is the parent's to do. The thread
        that has forked goes on, and is the only one.
        """
        self.pid = os.getpid()
        self.residents.clear()
        self._calls.clear()
        if self.thread == get_ident():
            self._keep_going()
            if self.hub.loop is not None:
                self.turn.forsake()
                self.alarms.finish()
                reinit()  # it shares the parent's epoll till then; gevent does so by itself for its own fork alone
        else:
            self.ending = self.ended = True

    def __repr__(self):
        return f"<Home of thread {self.thread:#x}{' ended' if self.ended else ''}>"


def unwatch(watcher):
    """Close a watcher of a loop, which may have been destroyed before."""
    with suppress(ValueError):
        watcher.close()


class _Life:
    """Is dropped by the thread, as the last thing that it does."""

    def __init__(self):
        self.home = Home()

    def __del__(self, program_ends=sys.is_finalizing):
        if self.home.pid != os.getpid():
            return  # a forked child has none of its parent's other threads, and clears up after them
        if not program_ends():  # a daemon thread's greenlets go with the interpreter, and nobody is left to be told
            self.home.end()


def here():
    """The home of the calling thread."""
    life = getattr(_lives, "life", None)
    if life is None and get_ident() in _ending:
        return _ending[get_ident()]
    if life is None or life.home.hub.loop is None:  # destroyed, and another came in its place
        life = _lives.life = _Life()
    return life.home


def here_only(call, *args):
    """For a new greenlet: calls, but not in a forked child, if it has not begun when this process forks."""
    pid = os.getpid()

    def call_here():
        if os.getpid() == pid:
            call(*args)

    return call_here


def _forsake_homes():
    _ending.clear()
    for home in list(_homes):
        home.forsake()


# The handlers of other modules, which come later, find the homes as they are in the child.
os.register_at_fork(after_in_child=_forsake_homes)
