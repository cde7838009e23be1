"""Claims of PUB, SUB, XPUB and XSUB sockets."""

import errno

import gevent
import pytest

import gzmq as zmq

from .claims import drain, must_not_recv, refuses, subscribed, until


def test_a_subscriber_gets_what_it_asked_for(joined):
    """Prefixes of the first frame, the whole message."""
    pub, sub = joined(zmq.PUB, zmq.SUB)
    sub.subscribe(b"a")
    subscribed(pub, sub)
    for message in ([b"abc", b"1"], [b"b", b"2"], [b"a", b"3"]):
        pub.send_multipart(message)
    assert drain(sub) == [[b"abc", b"1"], [b"a", b"3"]]


def test_a_subscriber_binds_and_publishers_connect(joined):
    """Field note A12: the other way round works the same."""
    sub, pub = joined(zmq.SUB, zmq.PUB)
    sub.subscribe(b"")
    subscribed(pub, sub)
    pub.send(b"x")
    assert sub.recv() == b"x"


def test_what_a_subscriber_receives_is_its_own(make, inproc):
    """Changing the list of frames changes nobody else's."""
    pub = make(zmq.PUB, bind=inproc)
    subs = [make(zmq.SUB, connect=inproc) for _ in range(3)]
    for sub in subs:
        sub.subscribe(b"")
    pub.send_multipart([b"a", b"b"])
    for sub in subs:
        message = sub.recv_multipart()
        assert message == [b"a", b"b"]
        message.clear()


def test_an_unsubscribed_topic_comes_no_more(joined):
    """At once on the subscriber's side, whatever is on its way."""
    pub, sub = joined(zmq.PUB, zmq.SUB)
    sub.subscribe(b"a")
    subscribed(pub, sub)
    sub.unsubscribe(b"a")
    pub.send(b"a")
    must_not_recv(sub)


def test_a_topic_asked_for_twice_is_cancelled_twice(joined):
    """Subscriptions count."""
    pub, sub = joined(zmq.PUB, zmq.SUB)
    for _ in range(2):
        sub.subscribe(b"a")
    sub.unsubscribe(b"a")
    subscribed(pub, sub)
    pub.send(b"a")
    assert sub.recv() == b"a"


def test_one_subscriber_hears_many_publishers(make):
    """Connected to three, fair to each."""
    pubs = [make(zmq.PUB, bind="tcp://127.0.0.1:*") for _ in range(3)]
    sub = make(zmq.SUB)
    sub.subscribe(b"")
    for pub in pubs:
        sub.connect(pub.last_endpoint.decode())
    for pub in pubs:
        subscribed(pub, sub)
    for number, pub in enumerate(pubs):
        pub.send(b"%d" % number)
    assert sorted(drain(sub)) == [[b"0"], [b"1"], [b"2"]]


def test_a_restarted_publisher_hears_the_subscriptions_again(make):
    """Field note A13: 50 000 topics, far beyond SNDHWM, survive."""
    pub = make(zmq.PUB, bind="tcp://127.0.0.1:*")
    address = pub.last_endpoint.decode()
    sub = make(zmq.SUB, connect=address, reconnect_ivl=10)
    for i in range(50_000):
        sub.subscribe(b"topic %d;" % i)
    subscribed(pub, sub)
    pub.close()
    pub = make(zmq.PUB, bind=address)
    subscribed(pub, sub)
    pub.send(b"topic 49999;")
    pub.send(b"topic 0;")
    assert drain(sub) == [[b"topic 49999;"], [b"topic 0;"]]


def test_a_stopped_subscriber_costs_the_others_nothing(make, inproc):
    """29/PUBSUB: drops are the slow subscriber's own."""
    pub = make(zmq.PUB, bind=inproc, sndhwm=10)
    stopped = make(zmq.SUB, connect=inproc, rcvhwm=10)
    quick = make(zmq.SUB, connect=inproc, rcvhwm=10)
    for sub in (stopped, quick):
        sub.subscribe(b"")
    got = []
    reader = gevent.spawn(lambda: [got.append(quick.recv()) for _ in range(1000)])
    for i in range(1000):
        pub.send(b"%d" % i)
    reader.join(5)
    assert got == [b"%d" % i for i in range(1000)]
    assert len(drain(stopped)) == 20


def test_xpub_hears_first_and_last(joined):
    """A subscription is news once, its cancellation too."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB)
    sub.subscribe(b"a")
    assert xpub.recv() == b"\1a"
    sub.subscribe(b"a")
    sub.unsubscribe(b"a")
    must_not_recv(xpub)
    sub.unsubscribe(b"a")
    assert xpub.recv() == b"\0a"


def test_xpub_verbose_hears_every_subscription(joined):
    """XPUB_VERBOSE: duplicates too, but cancellations once."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB, bound={"xpub_verbose": 1})
    for _ in range(2):
        sub.subscribe(b"a")
        assert xpub.recv() == b"\1a"


@pytest.mark.parametrize("verboser, heard", [(0, [b"\0a"]), (1, [b"\0a", b"\0a"])])
def test_xpub_verboser_hears_every_cancellation(make, inproc, verboser, heard):
    """XPUB_VERBOSER: of each subscriber, not of the last one only."""
    xpub = make(zmq.XPUB, bind=inproc, xpub_verboser=verboser)
    subs = [make(zmq.SUB, connect=inproc) for _ in range(2)]
    for sub in subs:
        sub.subscribe(b"a")
    drain(xpub)
    for sub in subs:
        sub.unsubscribe(b"a")
    assert drain(xpub) == [[message] for message in heard]


def test_topics_count_counts_distinct_topics(joined):
    """At either side."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB)
    for topic in (b"a", b"a", b"b"):
        sub.subscribe(topic)
    until(lambda: xpub.topics_count == 2)
    assert drain(xpub) == [[b"\1a"], [b"\1b"]]
    assert (xpub.topics_count, sub.topics_count) == (2, 2)


def test_xpub_hears_of_a_subscriber_that_leaves(joined):
    """Its topics are cancelled for it."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB)
    sub.subscribe(b"a")
    assert xpub.recv() == b"\1a"
    sub.close()
    assert xpub.recv() == b"\0a"


def test_xpub_manual_decides_for_its_peers(joined):
    """XPUB_MANUAL: what is asked for is what the application says."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB, bound={"xpub_manual": 1})
    sub.subscribe(b"A")
    sub.subscribe(b"B")
    assert xpub.recv() == b"\1A"
    xpub.subscribe(b"B")
    assert xpub.recv() == b"\1B"
    for topic in (b"A", b"B"):
        xpub.send(topic)
    assert drain(sub) == [[b"B"]]


def test_xpub_welcomes(joined):
    """XPUB_WELCOME_MSG: the first thing a new subscriber gets."""
    _, sub = joined(zmq.XPUB, zmq.SUB, bound={"xpub_welcome_msg": b"W"})
    sub.subscribe(b"W")
    assert sub.recv() == b"W"


def test_xpub_nodrop_blocks(make, inproc):
    """XPUB_NODROP: EAGAIN instead of a drop."""
    xpub = make(zmq.XPUB, bind=inproc, xpub_nodrop=1, sndhwm=2)
    sub = make(zmq.SUB, connect=inproc, rcvhwm=2)
    sub.subscribe(b"")
    assert xpub.recv() == b"\1"
    for _ in range(4):
        xpub.send(b"x", zmq.DONTWAIT)
    assert refuses(errno.EAGAIN, xpub.send, b"x", zmq.DONTWAIT)
    assert len(drain(sub)) == 4


def test_xsub_subscribes_by_messages(joined):
    """And forwards everything else to the publishers' users."""
    xpub, xsub = joined(zmq.XPUB, zmq.XSUB)
    xsub.send(b"\1a")
    assert xpub.recv() == b"\1a"
    xsub.send(b"hello")
    assert xpub.recv() == b"hello"
    xpub.send(b"abc")
    assert xsub.recv() == b"abc"
    xsub.send(b"\0a")
    assert xpub.recv() == b"\0a"


def test_invert_matching_sends_to_the_others(joined):
    """INVERT_MATCHING: what was not asked for."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB, bound={"invert_matching": 1}, connected={"invert_matching": 1})
    sub.subscribe(b"a")
    assert xpub.recv() == b"\1a"
    for topic in (b"a", b"b"):
        xpub.send(topic)
    assert drain(sub) == [[b"b"]]


def test_messages_to_a_pub_go_nowhere(joined):
    """Field note C8: no growth."""
    pub, xsub = joined(zmq.PUB, zmq.XSUB)
    for _ in range(5000):
        xsub.send(b"hello")
    xsub.send(b"\1")
    with gevent.Timeout(5):
        while not xsub.poll(5):
            pub.send(b"probe")
    assert not any(pipe.inbox for pipe in pub._core.pipes)


@pytest.mark.parametrize("kind, call", [(zmq.SUB, "send"), (zmq.PUB, "recv")])
def test_the_wrong_direction_is_refused(make, kind, call):
    """ENOTSUP."""
    socket = make(kind)
    assert refuses(errno.ENOTSUP, getattr(socket, call), *([b"x"] if call == "send" else []))


def test_a_second_connect_to_the_same_endpoint_is_nothing(make, inproc):
    """Field note B15: for SUB, PUB, DEALER and REQ."""
    pub = make(zmq.PUB, bind=inproc)
    sub = make(zmq.SUB, connect=inproc)
    sub.connect(inproc)
    sub.subscribe(b"")
    until(lambda: pub._core.pipes)
    pub.send(b"once")
    assert drain(sub) == [[b"once"]]


MIXED = [
    # what an XSUB sends, what the XPUB's user gets, topics counted there and here: ONLY_FIRST_SUBSCRIBE 0
    ([b"\1a", b"\1b"], [[b"\1a"], [b"\1b"]], (2, 2)),
    ([b"\1a", b"user"], [[b"\1a"], [b"user"]], (1, 1)),
    ([b"user", b"\1a"], [[b"user", b"\1a"]], (1, 1)),
    ([b"user", b"\1a", b"more"], [[b"user", b"\1a"], [b"more"]], (1, 1)),
    ([b"", b"\1a", b"\1b"], [[b"", b"\1a"], [b"\1b"]], (2, 2)),
    ([b"\1a", b"\0a"], [[b"\1a"], [b"\0a"]], (0, 0)),
    ([b"user", b"\0never", b"more"], [[b"user", b"more"]], (0, 0)),
]


@pytest.mark.parametrize("message, heard, counts", MIXED)
def test_every_frame_may_subscribe(joined, message, heard, counts):
    """ONLY_FIRST_SUBSCRIBE 0, as in libzmq: subscriptions and the user's frames in one multipart."""
    xpub, xsub = joined(zmq.XPUB, zmq.XSUB)
    until(lambda: xsub._core.pattern._ready)
    xsub.send_multipart(message)
    assert [xpub.recv_multipart() for _ in heard] == heard
    assert (xpub.topics_count, xsub.topics_count) == counts
    must_not_recv(xpub)


@pytest.mark.parametrize("theirs, ours, counts", [(0, 1, (1, 0)), (1, 0, (0, 1)), (1, 1, (0, 0))])
def test_only_the_first_frame_says_whether_frames_subscribe(joined, theirs, ours, counts):
    """ONLY_FIRST_SUBSCRIBE of the XPUB, of the XSUB, of both."""
    option = "only_first_subscribe"
    xpub, xsub = joined(zmq.XPUB, zmq.XSUB, bound={option: theirs}, connected={option: ours})
    until(lambda: xsub._core.pattern._ready)
    xsub.send_multipart([b"user", b"\1a"])
    assert xpub.recv_multipart() == [b"user", b"\1a"]
    assert (xpub.topics_count, xsub.topics_count) == counts
    xsub.send_multipart([b"\1b", b"\1c"])
    assert [xpub.recv_multipart() for _ in range(2)] == [[b"\1b"], [b"\1c"]]


def test_xpub_manual_hears_what_a_leaving_peer_had_asked_for(joined):
    """XPUB_MANUAL: not what it was given."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB, bound={"xpub_manual": 1})
    sub.subscribe(b"A")
    assert xpub.recv() == b"\1A"
    xpub.subscribe(b"B")
    sub.close()
    assert xpub.recv() == b"\0A"
    must_not_recv(xpub)
    assert xpub.topics_count == 0


def test_the_last_value_goes_to_the_new_subscriber_only(make, anywhere):
    """XPUB_MANUAL_LAST_VALUE: one message, whole; then all get all again."""
    xpub = make(zmq.XPUB, bind=anywhere, xpub_manual_last_value=1)
    subs = [make(zmq.SUB, connect=xpub.last_endpoint) for _ in range(3)]
    for number, sub in enumerate(subs):
        sub.subscribe(b"A")
        assert xpub.recv() == b"\1A"
        xpub.subscribe(b"A")
        xpub.send_multipart([b"A", b"last %d" % number])
    xpub.send_multipart([b"A", b"next"])
    assert [drain(sub) for sub in subs] == [[[b"A", b"last %d" % n], [b"A", b"next"]] for n in range(3)]


def test_the_last_value_is_dropped_when_the_subscriber_does_not_want_it(make, inproc):
    """XPUB_MANUAL_LAST_VALUE: it is not for the others either."""
    xpub = make(zmq.XPUB, bind=inproc, xpub_manual_last_value=1)
    one, other = (make(zmq.SUB, connect=inproc) for _ in range(2))
    for sub, topic in ((one, b"A"), (other, b"B")):
        sub.subscribe(topic)
        xpub.subscribe(xpub.recv()[1:])
    xpub.send(b"A1")
    xpub.send(b"A2")
    assert (drain(one), drain(other)) == ([[b"A2"]], [])


def test_last_value_switches_manual_on_and_off(joined):
    """XPUB_MANUAL_LAST_VALUE sets XPUB_MANUAL too."""
    xpub, sub = joined(zmq.XPUB, zmq.SUB, bound={"xpub_manual_last_value": 1})
    sub.subscribe(b"A")
    assert xpub.recv() == b"\1A" and xpub.topics_count == 0
    xpub.xpub_manual_last_value = 0
    sub.subscribe(b"B")
    assert xpub.recv() == b"\1B" and xpub.topics_count == 1
