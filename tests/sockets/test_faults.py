"""Claims of every pattern over every fault of a wire: what arrives is in order and never doubled, what does not is
counted or was on the wire when that broke, and once the network is well nothing is lost any more.
"""

import zlib
from itertools import pairwise

import gevent
import pytest

import gzmq as zmq
from gzmq.testing import Wire

from .claims import until

PAUSE = 0.0005  # seconds between messages
#: Messages before a fault that comes in the middle, while it lasts, and after it.
BEFORE, DURING, AFTER = 20, 60, 100


class Stream:
    """Numbered messages one way."""

    def __init__(self, source, dials):
        self.sent = 0
        self.got = []
        self.garbled = 0
        self._source = source  # the socket that sends them
        self._dials = dials  # so that its session outlives the connections, and has counted all that it wrote

    def make(self):
        """The next message; it is sent once `sent` says so."""
        body = b"%d" % (self.sent + 1)
        return body + b" %08x" % zlib.crc32(body)

    def take(self, message):
        """A message came; where there was garbage on the wire, some are none of ours."""
        body, _, check = message[-1].partition(b" ")
        if check == b"%08x" % zlib.crc32(body):
            self.got.append(int(body))
        else:
            self.garbled += 1

    def send_on(self, send):
        """A greenlet: send without end."""
        while True:
            send(self.make())
            self.sent += 1
            gevent.sleep(PAUSE)

    def take_all(self, socket):
        """A greenlet: receive without end."""
        while True:
            self.take(socket.recv_multipart())

    def check(self):
        """Never doubled, never out of order, and all is accounted for that was sent."""
        assert all(one < other for one, other in pairwise(self.got))
        assert not self.got or self.got[-1] <= self.sent
        assert len(self.got) + self.dropped <= self.sent
        if self._dials:
            written = sum(peer.messages_out + peer.queued_out for peer in self._source.peers())
            assert written + self.dropped == self.sent

    @property
    def dropped(self):
        """Messages that never left, by any reason."""
        return sum(self._source.drops().values())


class Traffic:
    """Streams that run, and the greenlets in which they do."""

    def __init__(self, make, bound, wired):
        self.make = make
        self._bound, self._wired = bound, wired
        self.streams = []
        self.senders, self.receivers = [], []

    def bind(self, kind, **options):
        """A socket on the far side of the wire."""
        return self._bound(self.make(kind, sndtimeo=-1, rcvtimeo=-1, **options))

    def connect(self, kind, **options):
        """One on the near side."""
        return self._wired(self.make(kind, sndtimeo=-1, rcvtimeo=-1, reconnect_ivl=10, **options))

    def stream(self, source, receiver, send=None, dials=False, kind=Stream):
        """Messages from now on."""
        made = kind(source, dials)
        self.streams.append(made)
        self.senders.append(gevent.spawn(made.send_on, send or source.send))
        self.receivers.append(gevent.spawn(made.take_all, receiver))

    def run(self, count):
        """Until every stream has brought so many more."""
        goals = [(stream, len(stream.got) + count) for stream in self.streams]
        until(lambda: all(len(stream.got) >= goal for stream, goal in goals), 15)

    def stop(self):
        """Send no more, and wait for what is under way."""
        gevent.killall(self.senders)
        until(lambda: all(not stream.got or stream.got[-1] == stream.sent for stream in self.streams))
        gevent.killall(self.receivers)


# -- patterns: who binds is behind the wire ----------------------------------------------------------------------------


def push_to_pull(traffic, **options):
    pull, push = traffic.bind(zmq.PULL, **options), traffic.connect(zmq.PUSH, **options)
    traffic.stream(push, pull, dials=True)


def pull_from_push(traffic, **options):
    push, pull = traffic.bind(zmq.PUSH, **options), traffic.connect(zmq.PULL, **options)
    traffic.stream(push, pull)


def dealer_and_router(traffic, **options):
    router = traffic.bind(zmq.ROUTER, **options)
    dealer = traffic.connect(zmq.DEALER, routing_id=b"anna", **options)
    traffic.stream(dealer, router, dials=True)
    traffic.stream(router, dealer, lambda body: router.send_multipart([b"anna", body]))


def pub_and_sub(traffic, **options):
    pub, sub = traffic.bind(zmq.PUB, **options), traffic.connect(zmq.SUB, **options)
    sub.subscribe(b"")
    traffic.stream(pub, sub)


def sub_and_pub(traffic, **options):
    sub, pub = traffic.bind(zmq.SUB, **options), traffic.connect(zmq.PUB, **options)
    sub.subscribe(b"")
    traffic.stream(pub, sub)


def xpub_and_xsub(traffic, **options):
    xpub, xsub = traffic.bind(zmq.XPUB, **options), traffic.connect(zmq.XSUB, **options)
    xsub.send(b"\1")
    traffic.stream(xpub, xsub)
    traffic.stream(xsub, xpub, kind=Upward)


class Upward(Stream):
    """From the user of an XSUB to that of an XPUB, who hears of subscriptions as well."""

    def take(self, message):
        if message[0][:1] not in (b"\0", b"\1"):
            super().take(message)


def pairs(traffic, **options):
    one, other = traffic.bind(zmq.PAIR, **options), traffic.connect(zmq.PAIR, **options)
    traffic.stream(other, one, dials=True)
    traffic.stream(one, other)


class Questions(Stream):
    """REQ and REP: a question is repeated until its answer comes, which is the stream."""

    def ask_on(self, socket):
        while True:
            question = self.make()
            socket.send(question)
            while not socket.poll(200):
                socket.send(question)
            answer = socket.recv()
            self.sent += 1
            self.take([answer])
            gevent.sleep(PAUSE)


def req_and_rep(traffic, **options):
    rep = traffic.bind(zmq.REP, **options)
    req = traffic.connect(zmq.REQ, req_relaxed=True, req_correlate=True, **options)
    questions = Questions(req, False)
    traffic.streams.append(questions)
    traffic.senders.append(gevent.spawn(questions.ask_on, req))
    traffic.receivers.append(gevent.spawn(lambda: [rep.send(question) for question in rep]))


PATTERNS = [
    push_to_pull,
    pull_from_push,
    dealer_and_router,
    pub_and_sub,
    sub_and_pub,
    xpub_and_xsub,
    pairs,
    req_and_rep,
]


#: Those whose first messages nobody has subscribed to yet.
LATE = (pub_and_sub, sub_and_pub, xpub_and_xsub)
#: What bounds the harm that garbage can do: the longest message, and how long a handshake may take.
LIMITS = {"maxmsgsize": 1000, "handshake_ivl": 500}


# -- faults ------------------------------------------------------------------------------------------------------------


class Fault:
    """What is done to a wire from the beginning, in the middle, and after that, before all is calm again."""

    def __init__(self, first=None, then=None, last=None, lossless=False, waits=False):
        self.first, self.then, self.last = first, then, last
        self.lossless = lossless
        self.waits = waits  # nothing comes through while it lasts


def refused(wire):
    wire.refuse()
    wire.reset()


def limited(wire):
    wire.out.limit(10_000)
    wire.back.limit(10_000)


def dripping(wire):
    wire.out.drip(3)
    wire.back.drip(2)


JUNK = b"\xff\xfe\xfd"
FAULTS = {
    "nothing": Fault(lossless=True),
    "drip": Fault(dripping, lossless=True),
    "slow": Fault(limited, lossless=True),
    "stall": Fault(None, Wire.stall, Wire.resume, lossless=True, waits=True),
    "stall-out": Fault(None, lambda wire: wire.out.stall(), Wire.resume, lossless=True, waits=True),
    "stall-back": Fault(None, lambda wire: wire.back.stall(), Wire.resume, lossless=True, waits=True),
    "refused-first": Fault(Wire.refuse, Wire.accept, lossless=True, waits=True),
    "refused": Fault(None, refused, Wire.accept, waits=True),
    "reset": Fault(None, Wire.reset, Wire.reset),
    "hang-up": Fault(None, Wire.hang_up, Wire.hang_up),
    "half-out": Fault(None, lambda wire: wire.out.end()),
    "half-back": Fault(None, lambda wire: wire.back.end()),
    **{
        f"{what}-{way}-{at}": Fault(lambda wire, do=do, way=way, at=at: do(getattr(wire, way), at))
        for what, do in {
            "cut": lambda lane, at: lane.cut(at),
            "close": lambda lane, at: lane.cut(at, "close"),
            "end": lambda lane, at: lane.cut(at, "half"),
            "junk": lambda lane, at: lane.garble(at, JUNK),
        }.items()
        for way in ("out", "back")
        for at in (10, 70, 400)
        if at == 400 or what != "close"
    },
}


@pytest.fixture
def traffic(make):
    """Traffic over a wire whose far side is there first: ``traffic(seed=1)``; (it, a list for the wire)."""
    wires, made = [], []

    def start(endpoint="tcp://127.0.0.1:*", first=None, **how):
        def bound(socket):
            socket.bind(endpoint)
            wires.append(Wire(socket.last_endpoint, **how))
            if first is not None:
                first(wires[-1])
            return socket

        def wired(socket):
            socket.connect(wires[-1].endpoint)
            return socket

        made.append(Traffic(make, bound, wired))
        return made[-1], wires

    yield start
    for each in made:
        gevent.killall(each.senders + each.receivers)
    for wire in wires:
        wire.close()


def recovers(running, wire):
    """Everything is calm; a while after that nothing is lost any more."""
    wire.calm()
    running.run(AFTER)
    well = [stream.got[-1] for stream in running.streams]
    running.run(AFTER // 2)
    running.stop()
    for stream, since in zip(running.streams, well):
        stream.check()
        assert stream.got[stream.got.index(since) :] == list(range(since, stream.sent + 1))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.__name__)
def test_pattern_survives_fault(traffic, pattern, fault):
    """Each with its guarantee, as this module's docstring says it."""
    does = FAULTS[fault]
    running, wires = traffic(first=does.first, buffer=4096)
    pattern(running, **({} if does.lossless else LIMITS))
    wire = wires[0]
    for step in filter(None, (does.then, does.last)):
        if not does.waits:
            running.run(BEFORE)
        step(wire)
        gevent.sleep(DURING * PAUSE)
    recovers(running, wire)
    assert "junk" in fault or not any(stream.garbled for stream in running.streams)
    for stream in running.streams if does.lossless else ():
        assert stream.got == list(range(stream.got[0], stream.sent + 1))
        assert pattern in LATE or stream.got[0] == 1 + stream.dropped


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.__name__)
def test_pattern_survives_a_bad_network(traffic, pattern, seed, tmp_path):
    """Every connection with a fault of its own, over ipc, until all is calm."""
    running, wires = traffic(f"ipc://{tmp_path}/s", seed=seed)
    pattern(running, **LIMITS)
    gevent.sleep(0.3)
    recovers(running, wires[0])
