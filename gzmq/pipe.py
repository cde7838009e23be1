"""A pipe joins two sinks by two bounded queues of whole messages; each sink holds one end of it.

A sink is a socket, or the session of a connection. It hears, always from a callback or from the greenlet that caused
it, and must neither block nor switch:

    read_activated(pipe)     messages have come to a pipe that was empty
    write_activated(pipe)    a pipe that was full has room again
    pipe_terminated(pipe)    the other end has closed; what it sent can still be read

Rules, as the two ends may live in two threads:

- An end's fields are its own thread's to write, but for `peer_waits`, which the other end sets and this one clears,
  and `sink`, which whoever joins them sets. `closed` and `hwm` are read from the other side.
- `inbox` is the very deque that the other end appends to; each of its methods is atomic. Where both ends are of one
  thread it is made for the first message: of very many peers most get none, or say little.
- Append first, signal after: the edge is judged by the length once the message is in. A reader that has found the queue
  empty before will see it grow to what was added; one that has not will still look. An edge may be told twice.
- A full queue: first ask to hear of room, then look for room once more. The reader forgets the asking first, then
  tells; so the sender, when told, looks for room and asks again if there is none (`has_room`).
- A closed end hears nothing any more; what is sent to it until its peer has heard of that is lost.
- What is called on a sink from another thread goes through one that forwards it there (`resident.Relay`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from .buffers import Message

#: A sender or receiver that never meets an empty or full queue still gives way after so many messages.
TURN = 1000

#: What a pattern's ``send`` answers when the message did not go: no peer can take one, or the sender's turn is over.
FULL = False
TURN_OVER = None


class Traffic:
    """What has gone over the connections of one sink, counted by batches."""

    __slots__ = ("bytes_in", "bytes_out", "connected", "messages_in", "messages_out")

    dropped: Mapping[str, int] = {}  # besides what the pipe counts, by reason

    def __init__(self):
        self.connected = False
        self.messages_in = self.messages_out = self.bytes_in = self.bytes_out = 0


class _Nobody:
    """What a closed end, or one that was never given to anybody, has for a sink."""

    traffic = None

    def ignore(self, pipe):
        pass

    read_activated = write_activated = pipe_terminated = ignore


NOBODY = _Nobody()

#: In place of a queue that is still to be made. Whoever appends makes it; `room` is none till then.
NO_QUEUE = ()

# Of a queue, for every message: compiled, a method that is at hand takes half the time of one that is looked up.
_append, _popleft = deque.append, deque.popleft


class Pipe:
    """One end of a pipe. ``hwm`` bounds what this end has sent and the other has not yet read; 0 is no bound."""

    __slots__ = (
        "_left", "announced_id", "assigned_id", "closed", "direct", "endpoint", "hwm", "inbox", "largest", "lost",
        "outbox", "peer", "peer_waits", "queued", "room", "routing_id", "sink", "subscribe_to_all", "told",
        "writer",
    )  # fmt: skip

    def __init__(self, hwm, inbox, outbox):
        self.inbox = inbox
        self.outbox = outbox
        self.sink = NOBODY
        self.peer = None
        self.closed = False
        self.peer_waits = False  # the other end met a full queue and wants to hear of room
        self.queued = False  # stands in its sink's fair queue
        self._left = TURN  # messages that a reader may take before he gives way
        self.announced_id = b""  # what the peer calls itself
        self.assigned_id = b""  # what CONNECT_ROUTING_ID calls it
        self.routing_id = b""  # what a ROUTER calls it
        self.endpoint = ""
        self.direct = False  # a socket at both ends: what is sent is what is received
        self.subscribe_to_all = False  # nobody at the other end can say what he wants
        self.largest = 0  # bytes of one message at most, where each is a datagram; 0 is no bound
        self.told = None  # `metadata`, or the engine that has it
        self.lost = None  # what `lose` has counted
        self.writer = None  # the engine behind it, if that may be given what is encoded for all peers alike
        self.hwm = hwm
        self.room = 0 if outbox is NO_QUEUE else hwm if 0 < hwm < TURN else TURN  # nothing waits yet

    def set_hwm(self, hwm):
        """Bound this end's queue to ``hwm`` messages from now on; 0 is no bound."""
        self.hwm = hwm
        self.room = 0
        self._take_room()

    def _take_room(self):
        """Grant the sender another turn if the queue has room; True when it has."""
        if self.outbox is NO_QUEUE:
            self._make_queue()
        room = TURN if self.hwm == 0 else min(TURN, self.hwm - len(self.outbox))
        self.room = room
        return room > 0

    def send(self, message):
        """Queue a whole message: True, or FULL, or TURN_OVER (there is room, but others should run first)."""
        room = self.room
        if room <= 0:
            return self.send(message) if self.outbox is NO_QUEUE and self.has_room() else self._no_room()
        self.room = room - 1
        outbox = self.outbox
        _append(outbox, message)
        if len(outbox) == 1:
            peer = self.peer
            peer.sink.read_activated(peer)
        return True

    def _make_queue(self):
        self.outbox = self.peer.inbox = deque()

    def _no_room(self):
        if self.closed or self.peer.closed:
            return FULL
        if self._take_room():
            return TURN_OVER
        self.peer.peer_waits = True
        return TURN_OVER if self._take_room() else FULL  # room that another thread made while we were asking

    @property
    def waiting(self):
        """Whether this end met a full queue and wants to hear of room."""
        return not self.closed and self.peer.peer_waits

    def has_room(self):
        """Whether this end may send; if not, its sink will hear when it may."""
        return self.room > 0 or self._no_room() is TURN_OVER

    def send_all(self, messages):
        """Queue messages whatever the bound says; False once the queue is full. For engines and subscriptions."""
        if self.closed:
            return False
        if self.outbox is NO_QUEUE:
            self._make_queue()
        outbox = self.outbox
        outbox.extend(messages)
        if 0 < len(outbox) <= len(messages):
            peer = self.peer
            peer.sink.read_activated(peer)
        room = self.hwm - len(outbox) if self.hwm else TURN
        self.room = room if room < TURN else TURN
        return room > 0 or self._no_room() is TURN_OVER

    def send_first(self, message):
        """Queue a message ahead of all that wait, whatever the bound says."""
        if self.closed:
            return
        if self.outbox is NO_QUEUE:
            self._make_queue()
        self.outbox.appendleft(message)
        if len(self.outbox) == 1:
            self.peer.sink.read_activated(self.peer)

    def hear(self, message):
        """Put a message into this end's own inbox, as if the other end had sent it: a notice of what happens to it."""
        self.opened().append(message)
        self.sink.read_activated(self)  # always: the other end may have added one at the same time

    def opened(self):
        """`inbox`, which is the same from now on."""
        if self.inbox is NO_QUEUE:
            if self.closed or self.peer.closed:
                self.inbox = deque()
            else:
                self.peer._take_room()
        return self.inbox

    def recv(self):
        """The next message, or None."""
        inbox = self.inbox
        if not inbox:
            return None
        message = _popleft(inbox)
        if self.peer_waits:
            self.drained()
        return message

    def recv_in_turn(self):
        """As `recv`, but None also once in a while: a reader that never meets an empty queue gives way too."""
        inbox = self.inbox
        left = self._left
        if not inbox or left <= 0:
            self._left = TURN
            return None
        self._left = left - 1
        message = _popleft(inbox)
        if self.peer_waits:
            self.drained()
        return message

    def drained(self):
        """The reader has taken enough once half of the queue is free: tell a sender that waits."""
        peer = self.peer
        if self.peer_waits and len(self.inbox) <= peer.hwm // 2:
            self.peer_waits = False
            peer.sink.write_activated(peer)

    def forget_unsent(self, unwanted):
        """Take back the queued messages for which ``unwanted(message)`` holds, from a reader of the same thread."""
        queued = list(self.outbox)
        kept = [message for message in queued if not unwanted(message)]
        if len(kept) < len(queued):
            self.outbox.clear()
            self.outbox.extend(kept)

    def close(self):
        """Neither send nor read any more. What was sent stays readable at the other end."""
        if self.closed:
            return
        self.closed = True
        self.room = 0
        peer = self.peer
        if self.inbox:
            peer.lose("unsent", len(self.inbox))
            self.inbox.clear()
        self.peer = self.writer = None
        self.sink = NOBODY  # no cycle is left for the collector
        if not peer.closed:
            peer.sink.pipe_terminated(peer)

    @property
    def metadata(self):
        """What the peer says of itself, and where it is: {name: text}. Most never ask."""
        told = self.told
        if told is not None and type(told) is not dict:
            self.told = told = told.facts()
        return told

    def lose(self, reason, count=1):
        """Messages are lost. "hwm": there was no room for them. "unsent": the other end closed on them. "unwanted":
        they came, and the pattern passed them over.
        """
        lost = self.lost
        if lost is None:
            lost = self.lost = {}
        lost[reason] = lost.get(reason, 0) + count

    def drops(self):
        """How many messages were lost, by reason; mostly none."""
        return dict(self.lost) if self.lost else {}

    def parted(self):
        """The other end has closed: send no more."""
        self.room = 0

    def __repr__(self):
        state = " closed" if self.closed else ""
        return f"<Pipe {self.endpoint} out={len(self.outbox)}/{self.hwm or 'any'} in={len(self.inbox)}{state}>"


def pipe_pair(hwm_ab, hwm_ba, conflate_ab=False, conflate_ba=False):
    """Two ends (a, b) of a new pipe: ``hwm_ab`` messages may wait on the way from a to b, ``hwm_ba`` on the way back.

    A way that conflates holds the newest message only.
    """
    to_a: deque[Message] = deque(maxlen=1 if conflate_ba else None)
    to_b: deque[Message] = deque(maxlen=1 if conflate_ab else None)
    a = Pipe(0 if conflate_ab else hwm_ab, to_a, to_b)
    b = Pipe(0 if conflate_ba else hwm_ba, to_b, to_a)
    a.peer, b.peer = b, a
    return a, b


def quiet_pair(hwm_ab, hwm_ba):
    """As `pipe_pair`, of two ends in one thread that may never have much to say."""
    a, b = Pipe(hwm_ab, NO_QUEUE, NO_QUEUE), Pipe(hwm_ba, NO_QUEUE, NO_QUEUE)
    a.peer, b.peer = b, a
    return a, b
