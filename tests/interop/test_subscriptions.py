"""Claims of PUB, SUB, XPUB and XSUB: subscriptions cross to libzmq and back, and do what they say."""

import pytest

import gzmq as zmq

from .claims import address, heard_by, silent, subscribe, unsubscribe


@pytest.fixture(params=["SUB", "XSUB"])
def subscriber(request):
    """Either type that subscribes."""
    return request.param


def test_our_publisher_hears_of_subscriptions(joined, anywhere, subscriber):
    """Our XPUB sees libzmq's topics and cancels, each once, and an empty one too."""
    xpub, theirs = joined("XPUB", subscriber, anywhere)
    for topic in (b"a", b"topic", b"", bytes(range(256))):
        subscribe(theirs, subscriber, topic)
        assert xpub.recv_multipart() == [b"\1" + topic]
        unsubscribe(theirs, subscriber, topic)
        assert xpub.recv_multipart() == [b"\0" + topic]


def test_their_publisher_hears_of_subscriptions(joined, anywhere, subscriber):
    """libzmq's XPUB sees the topics and cancels of ours."""
    ours, xpub = joined(subscriber, "XPUB", anywhere)
    for topic in (b"a", b"topic", b"", bytes(range(256))):
        subscribe(ours, subscriber, topic)
        assert xpub.recv_multipart() == [b"\1" + topic]
        unsubscribe(ours, subscriber, topic)
        assert xpub.recv_multipart() == [b"\0" + topic]


def test_subscriptions_made_before_connecting_are_sent(make, peer, subscriber):
    """More of them than any HWM, to a libzmq XPUB that comes later."""
    xpub = peer.socket("XPUB", bind="tcp://127.0.0.1:*")
    ours = make(subscriber, sndhwm=10)
    topics = {b"%d" % number for number in range(1200)}
    for topic in topics:
        subscribe(ours, subscriber, topic)
    ours.connect(address(xpub))
    assert {xpub.recv()[1:] for _ in topics} == topics
    assert silent(xpub)


def test_their_subscriptions_made_before_connecting_arrive(make, peer, subscriber):
    """The same the other way round."""
    xpub = make("XPUB", bind="tcp://127.0.0.1:*")
    theirs = peer.socket(subscriber)
    topics = {b"%d" % number for number in range(500)}
    for topic in topics:
        subscribe(theirs, subscriber, topic)
    theirs.connect(address(xpub))
    assert {xpub.recv()[1:] for _ in topics} == topics
    assert silent(xpub)


@pytest.mark.parametrize("publisher", ["PUB", "XPUB"])
@pytest.mark.parametrize("ours_publishes", [True, False], ids=["we publish", "libzmq publishes"])
def test_only_what_is_subscribed_to_arrives(joined, publisher, subscriber, ours_publishes):
    """Prefixes match; a topic asked for twice is cancelled twice."""
    if ours_publishes:
        pub, sub = joined(publisher, subscriber)
    else:
        sub, pub = joined(subscriber, publisher)

    def passes():
        for topic in (b"weather", b"news.one", b"new", b"news"):
            pub.send_multipart([topic, b"text"])
        pub.send(b"#end")
        found = []
        while not found or found[-1] != b"#end":
            found.append(sub.recv_multipart()[0])
        return found[:-1]

    subscribe(sub, subscriber, b"#")
    heard_by(pub, sub, b"#")
    assert passes() == []
    for _ in range(2):
        subscribe(sub, subscriber, b"news")
    subscribe(sub, subscriber, b"$1")
    heard_by(pub, sub, b"$1")
    assert passes() == [b"news.one", b"news"]
    unsubscribe(sub, subscriber, b"news")
    subscribe(sub, subscriber, b"$2")
    heard_by(pub, sub, b"$2")
    assert passes() == [b"news.one", b"news"]
    unsubscribe(sub, subscriber, b"news")
    subscribe(sub, subscriber, b"$3")
    heard_by(pub, sub, b"$3")
    assert passes() == []


def test_our_welcome_message_arrives(make, peer, subscriber):
    """XPUB_WELCOME_MSG of ours, at a subscriber that asked for it."""
    xpub = make("XPUB", bind="tcp://127.0.0.1:*", xpub_welcome_msg=b"welcome")
    theirs = peer.socket(subscriber)
    subscribe(theirs, subscriber, b"")
    theirs.connect(address(xpub))
    assert theirs.recv_multipart() == [b"welcome"]


def test_their_welcome_message_arrives(make, peer, subscriber):
    """XPUB_WELCOME_MSG of libzmq's."""
    xpub = peer.socket("XPUB", bind="tcp://127.0.0.1:*", xpub_welcome_msg=b"welcome")
    ours = make(subscriber)
    subscribe(ours, subscriber, b"")
    ours.connect(address(xpub))
    assert ours.recv_multipart() == [b"welcome"]


def test_a_subscriber_that_leaves_is_cancelled(make, peer, subscriber):
    """Our XPUB's user hears of it."""
    xpub = make("XPUB", bind="tcp://127.0.0.1:*")
    theirs = peer.socket(subscriber, connect=address(xpub))
    subscribe(theirs, subscriber, b"topic")
    assert xpub.recv() == b"\1topic"
    theirs.close(0)
    assert xpub.recv() == b"\0topic"


def test_ours_that_leaves_is_cancelled(make, peer, subscriber):
    """libzmq's XPUB's user hears of it."""
    xpub = peer.socket("XPUB", bind="tcp://127.0.0.1:*")
    ours = make(subscriber, connect=address(xpub))
    subscribe(ours, subscriber, b"topic")
    assert xpub.recv() == b"\1topic"
    ours.close()
    assert xpub.recv() == b"\0topic"


def test_inverted_matching(make, peer, subscriber):
    """INVERT_MATCHING at both ends: what is subscribed to stays away."""
    pub = make("PUB", bind="tcp://127.0.0.1:*", invert_matching=1)
    theirs = peer.socket(subscriber, connect=address(pub), invert_matching=1)
    subscribe(theirs, subscriber, b"no")
    heard_by(pub, theirs, b"yes")
    pub.send(b"no")
    pub.send(b"yes")
    assert theirs.recv() == b"yes"


@pytest.mark.parametrize("ours_publishes", [True, False], ids=["we publish", "libzmq publishes"])
def test_what_a_subscriber_says_reaches_the_publisher(joined, ours_publishes):
    """A message of an XSUB that is no subscription."""
    xpub, xsub = joined("XPUB", "XSUB") if ours_publishes else reversed(joined("XSUB", "XPUB"))
    subscribe(xsub, "XSUB", b"topic")
    assert xpub.recv() == b"\1topic"
    xsub.send_multipart([b"\2hello", b"", b"world"])
    assert xpub.recv_multipart() == [b"\2hello", b"", b"world"]


@pytest.mark.parametrize("theirs, ours", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize(
    "message", [[b"\1a", b"\1b"], [b"\1a", b"user"], [b"user", b"\1a"], [b"user", b"\1a", b"more"]]
)
def test_mixed_multiparts_mean_the_same_to_both(make, peer, message, theirs, ours):
    """ONLY_FIRST_SUBSCRIBE of the XPUB and of the XSUB: our pair, and each of ours with libzmq's."""

    def heard(xpub, xsub):
        xpub.set(zmq.ONLY_FIRST_SUBSCRIBE, theirs)
        xsub.set(zmq.ONLY_FIRST_SUBSCRIBE, ours)
        xpub.bind("tcp://127.0.0.1:*")
        xsub.connect(address(xpub))
        subscribe(xsub, "XSUB", b"first")
        assert xpub.recv_multipart() == [b"\1first"]
        xsub.send_multipart(message)
        xsub.send(b"\1end")
        found = []
        while [b"\1end"] not in found:
            found.append(xpub.recv_multipart())
        return found, xpub.get(zmq.TOPICS_COUNT), xsub.get(zmq.TOPICS_COUNT)

    makers = (make, peer.socket)
    answers = [heard(xpub("XPUB"), xsub("XSUB")) for xpub in makers for xsub in makers]
    assert all(answer == answers[-1] for answer in answers)


def test_their_subscribers_get_our_last_value(make, peer):
    """XPUB_MANUAL_LAST_VALUE."""
    xpub = make("XPUB", bind="tcp://127.0.0.1:*", xpub_manual_last_value=1)
    subs = [peer.socket("SUB", connect=address(xpub)) for _ in range(2)]
    for number, sub in enumerate(subs):
        subscribe(sub, "SUB", b"A")
        assert xpub.recv() == b"\1A"
        xpub.set(zmq.SUBSCRIBE, b"A")
        xpub.send(b"A%d" % number)
    xpub.send(b"A!")
    assert [[sub.recv() for _ in range(2)] for sub in subs] == [[b"A0", b"A!"], [b"A1", b"A!"]]
