"""A socket as its pipes, its sessions and its context see it; the user's handle to it may be forgotten and collected.

Rules: nothing here blocks or switches, so callbacks of the hub may call all of it. A socket settles in the thread that
first sends, receives, polls or opens a wire with it, and from then on only that thread touches it. Till then it may be
handed over: it is at home where it was last called.
"""

from __future__ import annotations

import errno
import sys

from gevent import GreenletExit, getcurrent

from .constants import Errno, SocketOption, SocketType
from .datapath import DataPath
from .ends import Ends
from .error import zmq_error
from .home import NO_OWNER, get_ident, here
from .limits import Limits
from .options import Options
from .pattern import PATTERNS
from .pipe import NOBODY
from .resident import NEW_IN_CHILD, Relay, Resident
from .slices import Slices
from .waitqueue import WaitQueue, copies

_ANNOUNCING = frozenset({"REQ", "DEALER", "ROUTER"})
_CONFLATING = frozenset({"PUSH", "PULL", "PUB", "SUB", "DEALER"})


def _quiet_end():
    """Ends the calling greenlet without a word: one that runs a `threading.Thread` would print a GreenletExit."""
    runs = getattr(getattr(getcurrent(), "_run", None), "__self__", None)
    threading = sys.modules.get("threading")  # else there is no Thread
    return SystemExit() if threading is not None and isinstance(runs, threading.Thread) else GreenletExit()


class SocketCore(DataPath):
    """Joins a pattern, the pipes it routes over, and the greenlets that wait for either."""

    def __init__(self, context, socket_type):
        super().__init__(here(), context, Options(SocketType(socket_type), context.options))
        self.connections = Ends()  # the listeners, and the sessions that it made
        self.become(PATTERNS[socket_type])
        self.watchers = {}  # pollers to call on any change
        self.event_fd = None  # one of those: the option FD, once somebody has asked for it
        self.last_endpoint = b""
        self.monitors = {}  # what hears of events
        self.drops = {}  # messages dropped, by reason, besides what the pipes of this moment have counted
        self.closed = False
        self._small = Slices(self.home)  # what the pattern does little by little
        self._news = Slices(self.home)  # what it tells many peers
        self._closing = None  # what is left of that, when it takes several turns of the loop
        self.leaving = False  # somebody has closed it, perhaps from another thread
        self.left_open = False  # it was the end of the program that closed it
        context.add(self)
        self.expect_views()  # another thread may have shared since
        self.home.take_in(self)

    def _live_at(self, home):
        super()._live_at(home)
        self.receivers = WaitQueue(home.hub)
        self.senders = WaitQueue(home.hub)

    def become(self, pattern):
        """Route by a pattern, the type's own or a variety of it; EINVAL once the socket is bound or connected."""
        if self.connections:
            raise zmq_error(
                errno.EINVAL, f"{self.type_name} has to be told before it binds or connects how it routes ({self!r})"
            )
        self.route_by(pattern(self))

    @property
    def type_name(self):
        """The Socket-Type on the wire, "PUSH"."""
        return self.pattern.name

    @property
    def peers(self):
        """The Socket-Types that this one talks to."""
        return self.pattern.peers

    @property
    def protocol(self):
        """What is spoken over a wire, a key of `zmtp.PROTOCOLS`."""
        return self.pattern.protocol

    @property
    def announced_id(self):
        """The ROUTING_ID that peers hear of (28/REQREP: of REQ, DEALER and ROUTER)."""
        return self.options.routing_id if self.pattern.name in _ANNOUNCING else b""

    @property
    def conflates(self):
        """Whether only the newest message is kept on the way (out, in), by the option CONFLATE."""
        conflate = bool(self.options.conflate) and self.type_name in _CONFLATING
        return conflate and self.pattern.sends, conflate and self.pattern.receives

    # -- what transports and sessions call ------------------------------------------------------------------------

    def attach(self, pipe):
        """A transport offers this socket one end of a pipe; False when the socket or its pattern refuses it."""
        if pipe.sink is NOBODY:
            pipe.sink = self
        if self.closed or self.pattern.attach(pipe) is False:
            return False
        self.pipes[pipe] = None
        if len(self.pipes) <= 2:
            self.narrow()
        if pipe.inbox:
            self.read_activated(pipe)
        if self.senders.parked or self.watchers:
            self._changed(self.senders)
        return True

    def ready(self, pipe):
        """The peer behind the pipe is known, for the first time or anew; False when the pattern refuses it."""
        accepted = self.pattern.ready(pipe) is not False
        if accepted and self.options.hello_msg:
            pipe.send_first([self.options.hello_msg])
        if self.senders.parked or self.watchers:
            self._changed(self.senders)
        return accepted

    def lost(self, pipe, accepted):
        """The peer behind the pipe, which was ready, has gone: one that we accepted, or one that may come back."""
        self.pattern.lost(pipe)
        notice = self.options.disconnect_msg if accepted else self.options.hiccup_msg
        if notice:
            pipe.hear([notice])

    def part(self, pipe):
        """The pattern wants this peer no more."""
        self.pipe_terminated(pipe)
        pipe.close()

    def expel(self, pipe, limit):
        """The peer has asked for more than this field of `Limits` admits: end it, and drop what is unsent to it."""
        self.tell_limit(limit, pipe.endpoint)
        if pipe.outbox:
            pipe.outbox.clear()
        self.part(pipe)

    def tell_limit(self, limit, endpoint):
        """A peer has exceeded this field of `Limits`."""
        if self.monitors:
            from .monitor import OwnEvent  # they have loaded it

            self.emit(OwnEvent.LIMIT_EXCEEDED, Limits._fields.index(limit), endpoint)

    def readable_again(self):
        """The pattern can give a message that it had to keep back till now."""
        self._changed(self.receivers)

    def in_slices(self, things, each):
        """Call ``each`` for things of which there may be very many, after those before them, in slices."""
        self._small.home = self.home
        self._small.add(things, each)

    def to_peers(self, peers, tell):
        """Call ``tell`` for peers, of whom there may be many: in slices, too, but not after what is `in_slices`."""
        self._news.home = self.home
        self._news.add(peers, tell)

    def dropped(self, reason, count=1):
        """Messages were dropped that no pipe has counted."""
        self.drops[reason] = self.drops.get(reason, 0) + count

    def account(self, pipe):
        """A pipe has gone: what it dropped is kept."""
        for reason, count in pipe.drops().items():
            self.dropped(reason, count)
        pipe.lost = None

    def emit(self, event, value=0, endpoint="", ends=("", "")):
        """Tell whoever listens; ``ends`` are the endpoints (here, there) as far as they are known."""
        for monitor in tuple(self.monitors):
            monitor.emit(event, value, endpoint, ends)

    # -- what pipes call --------------------------------------------------------------------------------------------

    def read_activated(self, pipe):
        self.pattern.read_activated(pipe)
        if self.receivers.parked:
            self.home.turn.wake(self.receivers)
        if self.watchers:
            self._notify()

    def write_activated(self, pipe):
        if pipe.has_room():
            self.pattern.write_activated(pipe)
            self._changed(self.senders)

    def pipe_terminated(self, pipe):
        pipe.parted()
        self.pipes.pop(pipe, None)
        self.account(pipe)
        if self.closed:
            return  # it routes no more
        self.pattern.terminated(pipe)
        if len(self.pipes) <= 1:
            self.narrow()
        self._changed(self.senders)
        self._changed(self.receivers)

    def _changed(self, queue):
        """Wake who may be able to go on: one greenlet (it wakes the next if there is more), and every poller."""
        if queue.parked:
            if self.pattern.addressed and queue is self.senders:
                queue.wake_all()
            else:
                queue.wake()
        if self.watchers:
            self._notify()

    def _notify(self):
        for notify in tuple(self.watchers):
            notify()

    # -- the end ------------------------------------------------------------------------------------------------------

    def close(self, linger=None):
        """Free the listeners, leave the pipes to their sessions, wake all who wait with ENOTSOCK."""
        if self.closed:
            return
        if linger is not None:
            self.options.set(SocketOption.LINGER, linger)
        self.closed = self.leaving = True
        self.refuse(Errno.ENOTSOCK, "the socket is closed")
        self.pattern.hand_out()
        for listener in self.connections.listeners():
            self.connections.remove(listener)
            listener.close()
        self._closing = Slices(self.home)
        self._closing.add(self.connections.each(), self._leave, self._leave_peers)

    # What is left is forgotten one by one, as freeing it all at once would take its time, too.

    def _leave(self, end):
        """A connection that was made, and its pipe with it."""
        end.close()
        self.connections.remove(end)

    def _leave_peers(self):
        self._closing.add(self.pipes, self._leave_peer, self._end)

    def _leave_peer(self, pipe):
        pipe.close()
        self.account(pipe)
        self.pipes.pop(pipe, None)

    def _end(self):
        """The last of `close`, which for a socket of many peers comes some turns of the loop later."""
        self._closing = None
        if not self.home.ending:
            for monitor in tuple(self.monitors):
                monitor.stop()
        self.monitors.clear()
        self.watchers.clear()
        if self.event_fd is not None:
            self.event_fd.close()
        self.pattern.socket = None  # no cycle is left for the collector
        self.thread = None
        self.owned = NO_OWNER._is_owned
        self.home.let_out(self)
        self.context.remove(self)

    def refuse(self, code, why):
        """From now on every call raises this error, and who waits wakes to it."""

        type_name, context = self.pattern.name, self.context  # a closure over self would be a cycle

        def refuse(*_):
            if context.exiting and getcurrent().parent is not None:
                raise _quiet_end()  # the program has ended, and its greenlets with it
            raise zmq_error(code, f"{why} ({type_name})")

        self.end_with(refuse)
        self.check_usable = self._look_at_clock = refuse
        if not context.exiting and not self.home.ending:
            self.receivers.wake_all()
            self.senders.wake_all()
            self._notify()

    def leave(self, linger=None):
        """`close` from any thread."""
        self.leaving = True
        self.in_own_thread(self.close, linger)

    def forsake(self):
        """This is a forked child: whoever waits here is a copy, and hears nothing any more. `stop` comes next."""
        super().forsake()
        copies.append((self.receivers, self.senders, self.watchers, self.monitors))
        self._live_at(self.home)
        self.watchers, self.monitors = {}, {}

    def stop(self):
        """This is a forked child: give back what was inherited. The parent goes on with it, and no peer is told."""
        self.options.set(SocketOption.LINGER, 0)
        far = [pipe.peer.sink for pipe in self.pipes if pipe.peer is not None]
        ends = list(self.connections.each())
        for end in ends + [sink for sink in far if not isinstance(sink, (Resident, Relay))]:
            end.stop()
        self.connections.clear()
        self.closed = False  # also if it, or another thread, was about to close it
        self.close()
        if self._closing is not None:
            self._closing.finish()
        self.refuse(Errno.ENOTSOCK, f"the socket is of process {self.context.pid}, which forked: {NEW_IN_CHILD}")

    def abandoned(self):
        """The thread ends, and calls this. What has not settled there can still be used in another."""
        if self.thread is not None:
            self.close()

    # -- threads ------------------------------------------------------------------------------------------------------

    def check_usable(self):
        """Every call begins with this or with `settle`. Raises ENOTSOCK or ETERM when the socket's time is over,
        ENOTSUP in a thread that is not the socket's own.
        """
        if self.thread is None:
            self._move_to(here())
        elif self.thread != get_ident():
            raise zmq_error(
                errno.ENOTSUP,
                f"this socket is in use in another thread, whose hub runs it: make one in this thread ({self!r})",
            )
        if self.mail:
            self.read_mail()
            self._look_at_clock()

    def _look_at_clock(self):
        """Until `refuse` puts itself here: the socket's time is not over."""

    def settle(self):
        """`check_usable` before the socket is used: from now on it belongs to the calling thread alone."""
        self.check_usable()
        if self.thread is None:
            self._move_to(here(), for_good=True)
            self.check_usable()
            for pipe in list(self.pipes):
                self.meet(pipe)

    def _move_to(self, home, for_good=False):
        before = self.home
        if before is not home:
            self._small.finish()
            self._news.finish()
        self.settle_at(home, for_good)
        if self.home is not before:
            before.let_out(self)
            if not self.closed:
                self.home.take_in(self)

    def in_own_thread(self, call, *args):
        """From any thread: call now if this may be the socket's own, else as soon as its hub gets to it."""
        if self.thread is None:
            self._move_to(here())
        if self.home.here:
            call(*args)
        else:
            self.post(call, *args)

    def __repr__(self):
        where = "closed" if self.closed else str(self.connections) or "no endpoint"
        return f"{self.pattern.name} {where} pipes={len(self.pipes)}"
