"""The ways a message finds a pipe: round robin out, fair queueing in, and to all of many."""

from __future__ import annotations

from operator import length_hint
from time import monotonic

from ..pipe import FULL, TURN, TURN_OVER


class LoadBalancer:
    """Round robin over the pipes that can take a message; a full one is passed over until it has room."""

    __slots__ = ("next", "pipes")

    def __init__(self):
        self.pipes = []
        self.next = 0  # whose turn it is; to be raised by who sends to the pipe that `pick` gave

    def attach(self, pipe):
        self.pipes.append(pipe)

    def activated(self, pipe):
        if pipe not in self.pipes:
            self.pipes.append(pipe)

    def terminated(self, pipe):
        if pipe in self.pipes:
            index = self.pipes.index(pipe)
            del self.pipes[index]
            if index < self.next:
                self.next -= 1

    def writable(self):
        return self.pick() is not None

    def pick(self):
        """The pipe that the next message would go to, or None when every one is full."""
        pipes = self.pipes
        while pipes:
            index = self.next = self.next if self.next < len(pipes) else 0
            pipe = pipes[index]
            if pipe.room > 0 or pipe._no_room() is TURN_OVER:
                return pipe
            del pipes[index]
        return None

    def send(self, message):
        pipes = self.pipes
        while pipes:
            index = self.next
            if index >= len(pipes):
                index = 0
            pipe = pipes[index]
            sent = pipe.send(message)
            if sent:
                self.next = index + 1
                return True
            if sent is TURN_OVER:
                return TURN_OVER
            del pipes[index]
        return FULL


def send_or_drop(pipe, message):
    """Send to the one pipe that the message is for: True, also when that pipe stays full and the message is dropped.

    TURN_OVER the first time it is met full, so that what it holds gets a chance to leave.
    """
    waited = pipe.room <= 0 and pipe.waiting
    sent = pipe.send(message)
    if sent:
        return True
    if sent is TURN_OVER or (pipe.waiting and not waited):
        return TURN_OVER
    pipe.lose("hwm")
    return True


class FairQueue:
    """One message from each pipe that has any, in turn."""

    __slots__ = ("_next", "_turn", "active", "source")

    def __init__(self):
        self.active = []  # those that had some; who finds none here need not ask
        self._next = 0  # whose turn it is
        self.source = None  # the pipe that the last message came from
        self._turn = TURN

    def activated(self, pipe):
        if not pipe.queued:
            pipe.queued = True
            self.active.append(pipe)

    def readable(self):
        active = self.active
        while active:
            index = self._next if self._next < len(active) else 0
            if active[index].inbox:
                return True
            self._pass_over(index)
        return False

    def _pass_over(self, index):
        """A pipe is empty: the last in line takes its place."""
        active = self.active
        active[index].queued = False
        last = active.pop()
        if index < len(active):
            active[index] = last
        self._next = index

    def alone(self, only):
        """The only pipe that there is, if it is given, to be read in place of this; None where there are others, or one
        that has left is still to be read.
        """
        if only is None or any(pipe is not only for pipe in self.active):
            return None
        self.source = only
        return only

    def reader(self, only):
        """For who looks before he takes: what is empty if nothing has come, and what takes the next message. Of the
        only pipe that there is, if it is given, else of all.
        """
        if self.alone(only) is None:
            return self.active, self.recv_in_turn
        return only.opened(), only.recv_in_turn

    def recv_in_turn(self):
        """The next message, or None; and None once in a while, as a reader that never meets an empty queue gives way
        too.
        """
        active = self.active
        if self._turn <= 0:
            self._turn = TURN
            return None
        self._turn -= 1
        while active:
            index = self._next
            if index >= len(active):
                index = 0
            pipe = active[index]
            message = pipe.recv()
            if message is not None:
                self._next = index + 1
                self.source = pipe
                return message
            self._pass_over(index)
        return None


#: Messages queued in all pipes together, and for one pipe at the least, before a sender to many gives way: some 10 ms.
_DELIVERIES, _EACH = 10_000, 50


class Distribution:
    """Every pipe of a set gets the message; a full pipe loses it, and counts that.

    The sender gives way now and then, so that what it sent can leave before a queue that nobody drains is called full.
    """

    __slots__ = (
        "_direct", "_left", "_lowest", "_message", "_rest", "_sharers", "_since", "_socket", "_then", "_turn", "_waits",
        "pipes",
    )  # fmt: skip

    def __init__(self):
        self.pipes = {}  # an ordered set
        self._lowest = TURN  # of their high-water marks, if that is lower
        self._left = self._turn = TURN
        self._direct = False  # some lead to another socket of this process
        self._message = None  # what is shared now,
        self._sharers = None  # with whom,
        self._rest = None  # an iterator over those, whom it has not reached yet,
        self._socket = None  # by which socket,
        self._since = 0.0  # and since when,
        self._then = -1  # and in which turn of the loop;
        self._waits = False  # it goes on in another

    def attach(self, pipe):
        self.pipes[pipe] = None
        if pipe.direct:
            self._direct = True
        if 0 < pipe.hwm < self._lowest:
            self._lowest = pipe.hwm
            self._share_turn()
        elif len(self.pipes) <= _DELIVERIES // _EACH:
            self._share_turn()

    def terminated(self, pipe):
        self.pipes.pop(pipe, None)
        self._share_turn()

    def _share_turn(self):
        """The more there are to send to, the fewer messages are a turn."""
        self._turn = min(self._lowest, max(_EACH, _DELIVERIES // (len(self.pipes) or 1)))
        self._left = min(self._left, self._turn)

    def send(self, message, pipes):
        """Send to each of `pipes`, the keys of a dictionary: True, or TURN_OVER before anyone got it."""
        if self._left <= 0:
            self._left = self._turn
            return TURN_OVER
        self._left -= 1
        if self._message is not None:
            self.hand_out()
        for pipe in pipes:
            # Over inproc the list becomes the receiver's own, who may change it.
            own = message[:] if pipe.direct else message
            # The second call follows a TURN_OVER: here the turn is the whole distribution's.
            if not (pipe.send(own) or pipe.send(own)):
                pipe.lose("hwm")
        return True

    def share(self, message, pipes, socket):
        """As `send`, but where they are very many, in turns of the loop that others have a part in.

        One message is shared at a time, the last. It is in no queue meanwhile: most of those it is for can be written
        to at once. Over inproc it would come late.
        """
        turn = socket.home.turn
        if self._left <= 0 or self._direct or turn.write_alike is None:
            return self.send(message, pipes)
        self._left -= 1
        self.hand_out()
        self._message, self._socket = message, socket
        self._sharers = list(pipes)
        self._rest = iter(self._sharers)
        self._ask(turn)
        return True

    def _ask(self, turn):
        self._since, self._then = monotonic(), turn.loop.iteration
        if not self._waits:
            self._waits = True
            turn.owe(self._go_on)

    def _go_on(self):
        self._waits = False
        if self._message is None:
            return  # handed out meanwhile
        home = self._socket.home
        if home.ending:  # there is no loop to write in any more, but who takes the connections over
            for pipe in self._rest:
                if pipe.peer is not None:
                    pipe.peer.opened().append(self._message)
            return
        turn = home.turn
        turn.over()  # the time begins
        done = False
        try:
            done = turn.write_alike(self._message, self._rest, self._deliver, self._since, self._then, turn.over)
        finally:
            if done:
                self._message = self._rest = self._sharers = self._socket = None
            else:
                self._ask(turn)

    def _deliver(self, message, pipe):
        if pipe.closed or pipe.peer.closed:
            self._socket.dropped("unsent")
        elif not (pipe.send(message) or pipe.send(message)):
            pipe.lose("hwm")

    def hand_out(self):
        """Put what is shared now into the queues of all who have not got it."""
        message, rest = self._message, self._rest
        if message is not None:
            for pipe in rest:
                if not pipe.send(message):
                    self._deliver(message, pipe)
            self._message = self._rest = self._sharers = self._socket = None

    def unreached(self):
        """The pipes for which what is shared now is still to be queued or written."""
        left = length_hint(self._rest) if self._message is not None else 0
        return frozenset(self._sharers[-left:]) if left else ()

    @staticmethod
    def has_room(pipes):
        """Whether none of `pipes` is full."""
        return all(pipe.room > 0 or pipe._no_room() is TURN_OVER for pipe in pipes)
