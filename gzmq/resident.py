"""What lives in one thread and has the ends of pipes there, as those who live in other threads reach it.

Rules: mail is read at home, by whoever holds the door; once the thread has ended, by any. Who leaves mail looks for the
home afterwards, and who moves in looks for mail afterwards, so none stays unread. Mail may be older than what it speaks
of, so it says nothing that is not checked.
"""

from __future__ import annotations

from collections import deque

from .home import NO_OWNER, Lock, get_ident

#: What to do about a socket or a context that a forked child has inherited.
NEW_IN_CHILD = "make a new context and sockets of it in the child"


class Resident:
    """A socket, or what stands in for one."""

    traffic = None  # counted where there is a wire; inproc has none

    def __init__(self, home, thread=None):
        self.thread = thread  # the one that it has settled in; till then it may move
        self.owned = NO_OWNER._is_owned  # whether the calling thread is that one
        self.pipes = {}
        self.mail = deque()  # what others want done here: (call, arguments)
        self._door = Lock()  # who holds it reads the mail or moves the resident
        self._reading = False
        self._live_at(home)

    def _live_at(self, home):
        self.home = home
        self.hub = home.hub

    def settle_at(self, home, for_good):
        """Move there, with ``for_good`` to stay, unless it has settled somewhere."""
        with self._door:
            if self.thread is None:
                if self.home is not home:
                    self._live_at(home)
                if for_good:
                    self.thread = get_ident()
                    self.owned = home.owner._is_owned

    def forsake(self):
        """This is a forked child: what was posted is the parent's to do, and no other thread holds the door."""
        self.mail.clear()
        self._door = Lock()
        self._reading = False

    def post(self, call, *args):
        """From any thread: have this called at home, at once if that is here."""
        self.mail.append((call, args))
        home = self.home
        if home.here:
            self.read_mail()
        else:
            home.post(self.read_mail)

    def read_mail(self):
        """Do what the mail says, unless somebody is about it, who will also find what has just come."""
        while self.mail and not self._reading and self._door.acquire(False):
            self._reading = True
            try:
                if not self.home.here:  # it has moved
                    self.home.post(self.read_mail)
                    return
                while self.mail:
                    call, args = self.mail.popleft()
                    call(*args)
            except BaseException:
                self.home.post(self.read_mail)  # the rest
                raise
            finally:
                self._reading = False
                self._door.release()

    def meet(self, pipe):
        """If both ends of the pipe have settled in one thread, let them tell each other without mail."""
        other = pipe.peer.sink
        if self.thread is not None and isinstance(other, Relay):
            resident = other.resident
            if resident.thread == self.thread and pipe in self.pipes and pipe.peer in resident.pipes:
                pipe.sink, pipe.peer.sink = self, resident


class Relay:
    """A resident, as a sink, for far ends in other threads, and while either may still move to one."""

    traffic = None

    def __init__(self, resident):
        self.resident = resident

    def read_activated(self, pipe):
        self.resident.post(self._tell, self.resident.read_activated, pipe)

    def write_activated(self, pipe):
        self.resident.post(self._tell, self.resident.write_activated, pipe)

    def pipe_terminated(self, pipe):
        self.resident.post(self._tell, self.resident.pipe_terminated, pipe)

    def _tell(self, call, pipe):
        """At home, where the pipe may be gone by now, or not yet have come."""
        if pipe in self.resident.pipes:
            call(pipe)
