"""Claims of `Socket.limits`: what peers may make a socket hold, and what tells that one wanted more."""

import errno
import resource
import struct
import sys
from subprocess import PIPE, Popen

import gevent
import pytest

import gzmq as zmq

from ..zmtp.marriage import command, frame, greeting3, header, hello3
from .claims import refuses, until
from .siege import MB, SILENT

EXCEEDED = int(zmq.OwnEvent.LIMIT_EXCEEDED)


def which(events):
    """The name of the limit that the next event is about."""
    event = next(events)
    assert event.event == zmq.OwnEvent.LIMIT_EXCEEDED
    return zmq.Limits._fields[event.value]


def test_sockets_begin_with_those_of_their_context(context, make):
    """Those made from then on; others keep theirs, and one may have its own."""
    before = make(zmq.PUB)
    context.limits = zmq.Limits(subscriptions=7)
    assert (before.limits, make(zmq.PUB).limits) == (zmq.Limits(), zmq.Limits(subscriptions=7))
    before.limits = context.limits.changed(handshakes=1)
    assert (before.limits.handshakes, before.limits.subscriptions) == (1, 7)


@pytest.mark.parametrize("owner", ["socket", "context"])
def test_what_is_no_limit_is_refused(context, make, owner):
    """EINVAL below 1, TypeError for what is no number or no Limits."""
    whose = make(zmq.PUB) if owner == "socket" else context
    assert refuses(errno.EINVAL, setattr, whose, "limits", zmq.Limits(message_frames=0))
    for value in (7, None, (1,) * 7, zmq.Limits(handshakes=None), zmq.Limits(handshakes=1.5)):
        with pytest.raises(TypeError):
            whose.limits = value


def test_who_is_closed_has_none(make):
    """ENOTSOCK."""
    pub = make(zmq.PUB)
    pub.close()
    assert refuses(zmq.ENOTSOCK, setattr, pub, "limits", zmq.Limits())


# -- handshakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["bound"])
def test_the_oldest_handshake_makes_room_for_a_new_one(siege):
    """So those who stay silent keep nobody out, however many they are."""
    victim = siege(zmq.PULL, {"limits": zmq.Limits(handshakes=5)})
    events = victim.victim.events(EXCEEDED | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    socks = [victim.attack() for _ in range(20)]
    for sock in socks[:15]:
        assert which(events) == "handshakes"
        assert next(events)[:2] == (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, errno.EUSERS)
        victim.hangs_up_on(sock)
    victim.stands()
    for sock in socks[15:]:
        sock.close()


def test_who_has_shaken_hands_does_not_count(make):
    """Ten peers, one after the other, where one at once may do so."""
    pull = make(zmq.PULL, limits=zmq.Limits(handshakes=1), bind="tcp://127.0.0.1:*")
    for number in range(10):
        push = make(zmq.PUSH, connect=pull.last_endpoint)
        push.send(b"%d" % number)
        assert pull.recv() == b"%d" % number
    assert len(pull.peers()) == 10


@pytest.fixture
def few_descriptors():
    """Only so many more than are open now, or for None as many as before: ``few_descriptors(20)``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def few_descriptors(count):
        most = soft
        if count is not None:
            with open("/dev/null") as highest:
                most = highest.fileno() + count
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

    yield few_descriptors
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("role", ["bound"])
def test_when_no_descriptor_is_left_silent_peers_make_room(siege, few_descriptors):
    """Long before HANDSHAKE_IVL would end them; the monitor hears of EMFILE."""
    victim = siege()
    failed = victim.victim.events(zmq.EVENT_ACCEPT_FAILED)
    args = [sys.executable, "-c", SILENT, "bound", str(victim.address[1]), "60"]
    few_descriptors(30)
    with Popen(args, stdin=PIPE, stdout=PIPE) as process:
        assert next(failed).value == errno.EMFILE
        victim.stands()
        process.stdin.close()
        process.stdout.close()


def test_who_has_no_descriptor_connects_later(make, few_descriptors):
    """It is no error of `connect`, and nothing that the hub prints."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    few_descriptors(0)
    push = make(zmq.PUSH, reconnect_ivl=10)
    retried = push.events(zmq.EVENT_CONNECT_RETRIED)
    push.connect(pull.last_endpoint)
    push.send(b"late")
    next(retried)
    next(retried)
    few_descriptors(None)
    assert pull.recv() == b"late"


def test_a_handshake_has_bytes(siege):
    """Of one command: by its header."""
    victim = siege(zmq.PULL, {"limits": zmq.Limits(handshake_bytes=1000)})
    events = victim.victim.events(EXCEEDED)
    victim.refuses(greeting3() + header(1001, 4))
    assert which(events) == "handshake_bytes"


# -- messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood, limit",
    [(frame(b"x", 1) * 10, "message_frames"), (frame(b"x" * 600, 1) * 2, "message_bytes")],
    ids=["frames", "bytes"],
)
def test_an_unfinished_message_has_bounds(siege, flood, limit):
    """An event says which was met, DISCONNECTED that it was the end."""
    victim = siege(zmq.PULL, {"limits": zmq.Limits(message_frames=10, message_bytes=1000)})
    events = victim.victim.events(EXCEEDED | zmq.EVENT_DISCONNECTED)
    victim.refuses(hello3("PUSH") + flood)
    assert which(events) == limit
    assert next(events).event == zmq.EVENT_DISCONNECTED


# -- subscriptions ----------------------------------------------------------------------------------------------------

FEW = zmq.Limits(topic_bytes=100, subscriptions=5, subscription_bytes=250)
GREEDY = {
    "subscriptions": [b"%d" % number for number in range(6)],
    "topic_bytes": [b"t" * 101],
    "subscription_bytes": [bytes((number,)) * 90 for number in range(3)],
}


@pytest.mark.parametrize("kind", [zmq.PUB, zmq.XPUB])
@pytest.mark.parametrize("limit", GREEDY)
@pytest.mark.parametrize("as_command", [True, False])
def test_who_subscribes_to_too_much_is_dropped(siege, kind, limit, as_command):
    """In commands and in messages; its subscriptions go with it, and others keep theirs."""
    victim = siege(kind, {"limits": FEW})
    events = victim.victim.events(EXCEEDED | zmq.EVENT_DISCONNECTED)
    topics = victim.victim.topics_count
    words = [command(b"SUBSCRIBE", topic) if as_command else frame(b"\1" + topic) for topic in GREEDY[limit]]
    victim.refuses(hello3("SUB") + b"".join(words) + command(b"PING", b"\0\0") + b"".join(words))
    assert (which(events), next(events).event) == (limit, zmq.EVENT_DISCONNECTED)
    assert victim.victim.topics_count == topics


def test_as_much_as_is_admitted(siege):
    """The limits themselves are; a topic twice, and after one is cancelled, are no more."""
    victim = siege(zmq.PUB, {"limits": FEW})
    events = victim.victim.events(EXCEEDED)
    topics = [b"t" * 100, b"u" * 100, b"v" * 48, b"w", b"x"]
    words = b"".join(command(b"SUBSCRIBE", topic) for topic in topics * 2)
    words += (command(b"CANCEL", b"w") + command(b"SUBSCRIBE", b"y") + command(b"CANCEL", b"y")) * 10
    sock = victim.attack(hello3("SUB") + words + command(b"SUBSCRIBE", b"z"))
    until(lambda: victim.victim.topics_count == 6)  # with the friend's
    sock.close()
    victim.is_alone()
    assert len(events._events) == 0


def test_groups_are_topics(make):
    """A DISH that joins too many is dropped by a RADIO."""
    radio = make(zmq.RADIO, limits=FEW)
    events = radio.events(EXCEEDED)
    radio.bind("tcp://127.0.0.1:*")
    dish = make(zmq.DISH, reconnect_ivl=-1, connect=radio.last_endpoint)
    for number in range(6):
        dish.join(b"%d" % number)
    assert which(events) == "subscriptions"
    until(lambda: radio.peers() == [])


def test_over_inproc_too(make, inproc):
    """The pipe ends."""
    pub = make(zmq.PUB, limits=FEW, bind=inproc)
    sub = make(zmq.SUB, connect=inproc)
    for number in range(6):
        sub.subscribe(b"%d" % number)
    assert (pub.peers(), pub.topics_count) == ([], 0)


def test_a_message_that_subscribes_to_too_much_in_the_middle(siege):
    """The frames before it are the user's, those behind are nobody's."""
    victim = siege(zmq.XPUB, {"limits": FEW})
    victim.refuses(hello3("SUB") + frame(b"\1a", 1) + frame(b"\1" + b"t" * 101, 1) + frame(b"\1b"))
    notices = []
    while victim.victim.events & zmq.POLLIN:
        notices.append(victim.victim.recv())
    assert notices == [b"\1good", b"\1a", b"\0a"]


@pytest.mark.parametrize("manual", [0, 1])
def test_notices_that_nobody_receives_are_bounded(siege, manual):
    """A peer that subscribes and cancels for ever: what an XPUB's user does not receive is dropped, and counted."""
    victim = siege(zmq.XPUB, {"limits": zmq.Limits(subscriptions=100)})
    victim.victim.xpub_manual = manual
    pair = command(b"SUBSCRIBE", b"t" * 1000) + command(b"CANCEL", b"t" * 1000)
    sock = victim.attack(hello3("SUB") + pair * 2000)
    until(lambda: max(peer.dropped.get("hwm", 0) for peer in victim.victim.peers()) > 3800)
    sock.close()
    victim.is_alone()
    victim.victim.xpub_manual = 0
    count = 0
    while victim.victim.events & zmq.POLLIN:
        victim.victim.recv()
        count += 1
    assert count <= 100


def test_no_honest_subscriber_meets_the_defaults(make):
    """Field note A13: 50 000 topics, and those of a proxy for 100 subscribers with 1000 each."""
    pub = make(zmq.XPUB, bind="tcp://127.0.0.1:*")
    events = pub.events(EXCEEDED)
    proxy = make(zmq.XSUB, connect=pub.last_endpoint)
    for number in range(100_000):
        proxy.send(b"\1" + b"%d" % number)
        if number % 1000 == 0:
            gevent.sleep(0)
    until(lambda: pub.topics_count == 100_000, 30)
    assert len(events._events) == 0 and zmq.Limits().subscription_bytes > 100 * MB


def test_the_monitor_hears_of_the_end(make):
    """Of libzmq's events; which limit it was is gzmq's own event."""
    pull = make(zmq.PULL, limits=zmq.Limits(message_frames=5))
    monitor = pull.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    monitor.rcvtimeo = 5000
    pull.bind("tcp://127.0.0.1:*")
    push = make(zmq.PUSH, reconnect_ivl=-1, connect=pull.last_endpoint)
    push.send_multipart([b"x"] * 6)
    assert struct.unpack("=Hi", monitor.recv_multipart()[0])[0] == zmq.EVENT_DISCONNECTED
