"""Claims of drops: what a socket does not deliver is counted, by the reason why."""

import gevent
import pytest

import gzmq as zmq

from .claims import until


@pytest.fixture(params=["tcp", "inproc"])
def wired(request, inproc):
    """A bindable endpoint with a wire, and one without."""
    return inproc if request.param == "inproc" else "tcp://127.0.0.1:*"


def subscribed(make, endpoint, **options):
    """A PUB whose one subscriber wants all."""
    xpub = make(zmq.XPUB, bind=endpoint, **options)
    sub = make(zmq.SUB, rcvhwm=1, connect=xpub.last_endpoint)
    sub.subscribe(b"")
    assert xpub.recv() == b"\1"
    return xpub, sub


def test_a_full_subscriber(make, inproc):
    """Each message that it loses."""
    xpub, sub = subscribed(make, inproc, sndhwm=1)
    for _ in range(10):
        xpub.send(b"x")
    assert xpub.drops() == {"hwm": 8} == xpub.peers()[0].dropped
    sub.close()
    assert xpub.drops() == {"hwm": 8, "unsent": 2}


def test_no_subscriber_is_no_drop(make, wired):
    """Nobody wanted it."""
    pub = make(zmq.PUB, bind=wired)
    sub = make(zmq.SUB, connect=pub.last_endpoint)
    pub.send(b"x")
    until(lambda: pub.peers())
    pub.send(b"x")
    assert pub.drops() == sub.drops() == {}


def test_an_unknown_peer(make, wired):
    """ROUTER, without ROUTER_MANDATORY; and an address without a message."""
    router = make(zmq.ROUTER, bind=wired)
    router.send_multipart([b"nobody", b"x"]), router.send_multipart([b"nobody"])
    assert router.drops() == {"unroutable": 2}
    router.router_mandatory = 1
    with pytest.raises(zmq.ZMQError):
        router.send_multipart([b"nobody", b"x"])
    assert router.drops() == {"unroutable": 2}


def test_what_nobody_came_for(make, wired):
    """LINGER 0: queued for a peer that was never there."""
    push = make(zmq.PUSH, linger=0, connect="tcp://127.0.0.1:9" if wired.startswith("tcp") else wired)
    for _ in range(3):
        push.send(b"x")
    push.close()
    assert push.drops() == {"unsent": 3}


def test_linger_that_runs_out(make):
    """After the socket has closed, too."""
    push = make(zmq.PUSH, linger=20, connect="tcp://127.0.0.1:9")
    push.send(b"x"), push.send(b"y")
    push.close()
    assert push.drops() == {}
    until(lambda: push.drops() == {"unsent": 2})


def test_a_peer_that_leaves_messages_unread(make, inproc):
    """Over inproc the sender knows."""
    push, pull = make(zmq.PUSH, bind=inproc), make(zmq.PULL, connect=inproc)
    for _ in range(3):
        push.send(b"x")
    pull.recv()
    pull.close()
    assert push.drops() == {"unsent": 2}


def test_a_topic_that_was_cancelled(make, inproc):
    """What was on its way then."""
    xpub, sub = subscribed(make, inproc)
    xpub.send(b"x")
    sub.unsubscribe(b"")
    assert sub.poll(0) == 0 and sub.drops() == {"unwanted": 1} == sub.peers()[0].dropped


def test_a_late_reply(make, inproc):
    """REQ_RELAXED: to a request that is given up."""
    router = make(zmq.ROUTER, bind=inproc)
    req = make(zmq.REQ, req_relaxed=1, req_correlate=1, connect=inproc)
    req.send(b"1"), req.send(b"2")
    for _ in range(2):
        router.send_multipart(router.recv_multipart())
    assert req.recv() == b"2" and req.drops() == {"unwanted": 1}


def test_what_is_no_request(make, inproc):
    """A REP passes over messages without an envelope."""
    rep, dealer = make(zmq.REP, bind=inproc), make(zmq.DEALER, connect=inproc)
    dealer.send(b"x"), dealer.send_multipart([b"", b"request"])
    assert rep.recv() == b"request" and rep.drops() == {"unwanted": 1}


def test_counters_are_right_over_multiparts_and_reconnections(make):
    """One message, however many frames; a new connection goes on counting, and nothing is lost between."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint
    push = make(zmq.PUSH, reconnect_ivl=5, connect=endpoint)
    push.send_multipart([b"1", b"", b"3"]), push.send(b"x" * 70_000)
    assert [len(pull.recv_multipart()) for _ in range(2)] == [3, 1]
    (there,), (here,) = push.peers(), pull.peers()
    assert (there.messages_out, there.bytes_out) == (here.messages_in, here.bytes_in)
    assert there.messages_out == 2 and there.bytes_out > 70_000
    pull.close()
    until(lambda: not push.peers()[0].connected)
    push.send(b"waits")
    again = make(zmq.PULL)
    with gevent.Timeout(5):
        again.bind(endpoint)
        assert again.recv() == b"waits"
    assert push.peers()[0].messages_out == 3 and push.drops() == {}
