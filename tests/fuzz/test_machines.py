"""State machines (hypothesis): connections and decoders in any order of what can happen to them, beside a model."""

from collections import deque
from itertools import islice

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gzmq.buffers import parts
from gzmq.limits import LIMITS
from gzmq.zmtp import CLOSED, TRAFFIC
from gzmq.zmtp.framing import Decoder
from gzmq.zmtp.legacy import LegacyDecoder

from ..zmtp.marriage import frame, frame1, said, single
from .targets import OTHER_SIDE, SIDES, _listen

STEADY = settings(deadline=None, derandomize=True, max_examples=40, stateful_step_count=40)
FRAMES = st.binary(max_size=12) | st.sampled_from([255, 256, 300, 9000]).map(lambda size: b"x" * size)
MESSAGES = st.lists(FRAMES, min_size=1, max_size=4)
TOPICS = st.binary(max_size=5)


class Pair(RuleBasedStateMachine):
    """Two married connections: all that one says arrives at the other, once and in order, until one closes."""

    @initialize(side=st.sampled_from(["null", *OTHER_SIDE]))
    def meet(self, side):
        """An XPUB and an XSUB, who may say most things."""
        self.ends = [
            single("XPUB", security=SIDES[side]),
            single("XSUB", security=SIDES[OTHER_SIDE.get(side, side)]),
        ]
        self.queues = [deque(), deque()]  # sent, and not yet encoded
        self.wires = [bytearray(), bytearray()]  # encoded, and not yet arrived
        self.sent = [[], []]
        self.got = [[], []]  # by the other end
        self.closed = False

    @rule(end=st.integers(0, 1), message=MESSAGES)
    def send(self, end, message):
        """Messages of the publisher, and those of an XSUB that are no subscriptions."""
        if end == 1:
            message = [b"\2" + message[0], *message[1:]]
        self._queue(end, message)

    @rule(topic=TOPICS, mark=st.sampled_from([b"\0", b"\1"]))
    def subscribe(self, topic, mark):
        """Or cancel."""
        self._queue(1, [mark + topic])

    def _queue(self, end, message):
        if not self.closed:
            self.queues[end].append(message)
            self.sent[end].append(message)

    @precondition(lambda self: not self.closed)
    @rule(end=st.integers(0, 1), deciseconds=st.integers(0, 0xFFFF))
    def ping(self, end, deciseconds):
        """At any time of the traffic; also in the middle of a multipart that is on its way."""
        if self.ends[end].state == TRAFFIC:
            self.ends[end].ping(deciseconds)

    @rule(end=st.integers(0, 1), limit=st.integers(1, 5000))
    def write(self, end, limit):
        """What is due goes on the wire."""
        connection = self.ends[end]
        self.wires[end] += said(connection)
        if connection.state == TRAFFIC:
            buffers = []
            connection.encode(self.queues[end], buffers, limit)
            self.wires[end] += b"".join(buffers)

    @rule(end=st.integers(0, 1), size=st.sampled_from([1, 2, 9, 64, 200, 5000, 100_000]))
    def carry(self, end, size):
        """So many bytes arrive."""
        piece = bytes(islice(self.wires[end], size))
        del self.wires[end][:size]
        self.got[end] += map(parts, _listen(self.ends[1 - end], piece))

    @rule(end=st.integers(0, 1))
    def close(self, end):
        """One ends: it hears nothing any more."""
        self.ends[end].close()
        self.queues[end].clear()
        self.closed = True

    @invariant()
    def all_in_order(self):
        """What has arrived is the beginning of what was sent."""
        for end in range(2 * hasattr(self, "got")):
            assert self.got[end] == self.sent[end][: len(self.got[end])]

    def teardown(self):
        """Whatever happened, all arrives in the end where nobody has closed."""
        if not hasattr(self, "ends") or self.closed:
            return
        for _ in range(400):
            for end in range(2):
                self.write(end, 1 << 20)
                self.carry(end, 1 << 20)
        assert self.got == self.sent
        assert CLOSED not in (end.state for end in self.ends)


class Frames(RuleBasedStateMachine):
    """A decoder in any cuts, by `feed` and by `room`, beside the messages that were encoded."""

    @initialize(kind=st.sampled_from([(Decoder, frame), (LegacyDecoder, frame1)]))
    def begin(self, kind):
        """Of 3.x or of 1.0."""
        decoder, self.wire = kind
        self.decoder = decoder(-1, lambda body: None, LIMITS)
        self.waiting = bytearray()
        self.sent, self.got = [], []

    @rule(message=MESSAGES)
    def encode(self, message):
        """One more message."""
        self.sent.append(message)
        self.waiting += b"".join(self.wire(body, at < len(message) - 1) for at, body in enumerate(message))

    @rule(body=FRAMES)
    def command(self, body):
        """In between; 1.0 has none."""
        if self.wire is frame:
            self.waiting += frame(body, 4)

    @rule(size=st.integers(1, 3000))
    def feed(self, size):
        """As `receive_data` does."""
        piece = bytes(islice(self.waiting, size))
        del self.waiting[:size]
        self.got += map(parts, self.decoder.feed(piece))

    @precondition(lambda self: self.decoder.wanted and self.waiting)
    @rule(size=st.integers(1, 3000))
    def fill(self, size):
        """Into the room that the decoder has."""
        with self.decoder.room() as room:
            count = min(size, len(room), len(self.waiting))
            room[:count] = self.waiting[:count]
        del self.waiting[:count]
        self.got += map(parts, self.decoder.filled(count))

    @invariant()
    def all_in_order(self):
        """What has come out is the beginning of what went in, and nothing is wanted that was not announced."""
        if hasattr(self, "got"):
            assert self.got == self.sent[: len(self.got)] and self.decoder.wanted <= 9000

    def teardown(self):
        """The rest."""
        if hasattr(self, "decoder"):
            self.got += map(parts, self.decoder.feed(bytes(self.waiting)))
            assert self.got == self.sent and not self.decoder.wanted


Pair.TestCase.settings = Frames.TestCase.settings = STEADY
TestPair, TestFrames = Pair.TestCase, Frames.TestCase
