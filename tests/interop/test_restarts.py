"""Claims that either side may go and come back, or come late: gzmq and libzmq find each other again."""

from errno import EADDRINUSE

import gevent
import pytest

import gzmq as zmq

from .claims import address, event, heard_by, reaches, silent, subscribe, unsubscribe, until

#: Milliseconds between attempts, so that the tests are quick.
QUICK = {"reconnect_ivl": 20}
#: Pairs whose first queues what it cannot send yet.
KEEPING = [("PUSH", "PULL"), ("DEALER", "DEALER"), ("DEALER", "ROUTER"), ("PAIR", "PAIR")]


@pytest.fixture
def start_bound(start_peer):
    """A process with one bound socket of libzmq's: ``start_bound("PULL", endpoint)``."""

    def start_bound(kind, endpoint, **options):
        process = start_peer()
        socket = process.socket(kind, **options)
        with gevent.Timeout(10):
            while not _bound(socket, endpoint):
                gevent.sleep(0.02)
        return process, socket

    return start_bound


def _bound(socket, endpoint):
    try:
        socket.bind(endpoint)
    except Exception as error:  # the port of the one before may be taken for a moment, by anyone
        assert getattr(error, "errno", None) == EADDRINUSE, error
        return False
    return True


def killed(process, ours):
    """End a process; return when our socket has noticed."""
    monitor = ours.get_monitor_socket(zmq.Event.DISCONNECTED)
    process.kill()
    event(monitor, zmq.Event.DISCONNECTED)
    monitor.close()
    ours.disable_monitor()


# -- libzmq bound ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, theirs", KEEPING)
def test_what_is_queued_goes_to_the_new_process(make, start_bound, anywhere, kind, theirs):
    """Sent while nobody was there, received in order by the next to bind."""
    process, first = start_bound(theirs, anywhere)
    where = address(first)
    ours = make(kind, connect=where, **QUICK)
    ours.send(b"before")
    assert first.recv_multipart()[-1] == b"before"
    killed(process, ours)
    numbers = [b"%d" % number for number in range(20)]
    for number in numbers:
        ours.send_multipart([b"part", number])
    _, second = start_bound(theirs, where)
    assert [second.recv_multipart()[-2:] for _ in numbers] == [[b"part", number] for number in numbers]


@pytest.mark.parametrize("kind, theirs", [("PULL", "PUSH"), ("DEALER", "DEALER"), ("PAIR", "PAIR")])
def test_the_new_process_is_heard(make, start_bound, anywhere, kind, theirs):
    """The other direction, twice."""
    process, first = start_bound(theirs, anywhere)
    where = address(first)
    ours = make(kind, connect=where, **QUICK)
    first.send(b"1")
    assert ours.recv() == b"1"
    for number in (b"2", b"3"):
        killed(process, ours)
        process, next_one = start_bound(theirs, where)
        next_one.send(number)
        assert ours.recv() == number


@pytest.mark.parametrize("kind", ["SUB", "XSUB"])
@pytest.mark.parametrize("theirs", ["PUB", "XPUB"])
def test_the_new_process_hears_our_subscriptions(make, start_bound, anywhere, kind, theirs):
    """Those that stand now: not the cancelled ones, and those made while nobody was there."""
    process, first = start_bound(theirs, anywhere)
    where = address(first)
    ours = make(kind, connect=where, **QUICK)
    for topic in (b"kept", b"dropped"):
        subscribe(ours, kind, topic)
        heard_by(first, ours, topic)
    killed(process, ours)
    unsubscribe(ours, kind, b"dropped")
    subscribe(ours, kind, b"new")
    _, second = start_bound(theirs, where)
    heard_by(second, ours, b"new")
    for topic in (b"dropped", b"kept"):
        second.send(topic)
    assert ours.recv() == b"kept"
    assert silent(ours)
    if theirs == "XPUB":
        assert {second.recv(), second.recv()} == {b"\1kept", b"\1new"}
        assert silent(second)


def test_a_lost_request_is_asked_again(make, start_bound, anywhere):
    """The lazy pirate's way: with REQ_RELAXED and REQ_CORRELATE the same REQ asks the new process."""
    process, first = start_bound("REP", anywhere)
    where = address(first)
    req = make("REQ", connect=where, req_relaxed=1, req_correlate=1, **QUICK)
    req.send(b"lost")
    assert first.recv() == b"lost"
    killed(process, req)
    req.send(b"again")
    _, second = start_bound("REP", where)
    assert second.recv() == b"again"
    second.send(b"answer")
    assert req.recv() == b"answer"


def test_a_bound_router_that_restarts_gets_our_id_again(make, start_bound, anywhere):
    """ROUTING_ID is announced at each handshake, and the probe with it."""
    process, first = start_bound("ROUTER", anywhere)
    where = address(first)
    dealer = make("DEALER", connect=where, routing_id=b"me", probe_router=1, **QUICK)
    assert first.recv_multipart() == [b"me", b""]
    killed(process, dealer)
    _, second = start_bound("ROUTER", where)
    assert second.recv_multipart() == [b"me", b""]
    second.send_multipart([b"me", b"hello"])
    assert dealer.recv() == b"hello"


# -- we are bound ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, theirs", [("PUSH", "PULL"), ("DEALER", "DEALER"), ("PAIR", "PAIR")])
def test_a_new_process_takes_the_place_of_one_that_left(make, start_peer, anywhere, kind, theirs):
    """We are bound; what we send goes to whoever is there, and to nobody else."""
    ours = make(kind, bind=anywhere)
    for number in (b"1", b"2", b"3"):
        process = start_peer()
        socket = process.socket(theirs, connect=address(ours))
        ours.send(number)  # waits for the peer
        assert socket.recv() == number
        killed(process, ours)
        with pytest.raises(zmq.Again):
            ours.send(b"to nobody", zmq.DONTWAIT)


@pytest.mark.parametrize("kind", ["REP", "ROUTER"])
def test_a_client_that_dies_harms_no_other(make, peer, start_peer, anywhere, kind):
    """One asks and dies before its reply; the other is served."""
    ours = make(kind, bind=anywhere)
    process = start_peer()
    process.socket("REQ", connect=address(ours)).send(b"ask and die")
    request = ours.recv_multipart()
    killed(process, ours)
    ours.send_multipart([*request[:-1], b"too late"])
    other = peer.socket("REQ", connect=address(ours))
    other.send(b"ask")
    request = ours.recv_multipart()
    ours.send_multipart([*request[:-1], b"answer"])
    assert other.recv() == b"answer"


def test_the_same_id_comes_back(make, start_peer, anywhere):
    """Our ROUTER reaches the new process by the ROUTING_ID of the old one."""
    router = make("ROUTER", bind=anywhere, router_mandatory=1)
    for number in (b"1", b"2"):
        process = start_peer()
        dealer = process.socket("DEALER", routing_id=b"same", connect=address(router))
        until(lambda number=number: reaches(router, [b"same", number]))
        assert dealer.recv() == number
        killed(process, router)
        assert not reaches(router, [b"same", b"gone"])


def test_a_new_subscriber_subscribes_anew(make, start_peer, anywhere):
    """Our XPUB's user hears the old one's cancel and the new one's topic."""
    xpub = make("XPUB", bind=anywhere)
    for _ in range(2):
        process = start_peer()
        sub = process.socket("SUB", subscribe=b"topic", connect=address(xpub))
        assert xpub.recv() == b"\1topic"
        xpub.send(b"topic")
        assert sub.recv() == b"topic"
        process.kill()
        assert xpub.recv() == b"\0topic"


# -- ours goes and comes back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, theirs", [pair[::-1] for pair in KEEPING])
def test_libzmq_finds_our_new_socket(make, peer, anywhere, kind, theirs):
    """We close and bind again at the same endpoint; what libzmq has queued meanwhile arrives."""
    ours = make(kind, bind=anywhere)
    where = address(ours)
    socket = peer.socket(theirs, connect=where, **QUICK)
    socket.send(b"before")
    assert ours.recv_multipart()[-1] == b"before"
    socket.watch(zmq.Event.DISCONNECTED)
    ours.close()
    socket.wait_for_event()
    for number in (b"1", b"2"):
        socket.send(number)
    ours = make(kind, bind=where)
    assert [ours.recv_multipart()[-1] for _ in range(2)] == [b"1", b"2"]


@pytest.mark.parametrize("kind", ["PUB", "XPUB"])
@pytest.mark.parametrize("theirs", ["SUB", "XSUB"])
def test_libzmq_subscribes_at_our_new_socket(make, peer, anywhere, kind, theirs):
    """We close and bind again; its subscriptions come again."""
    ours = make(kind, bind=anywhere)
    where = address(ours)
    sub = peer.socket(theirs, connect=where, **QUICK)
    subscribe(sub, theirs, b"topic")
    heard_by(ours, sub, b"topic")
    ours.close()
    ours = make(kind, bind=where)
    heard_by(ours, sub, b"topic")
    if kind == "XPUB":
        assert ours.recv() == b"\1topic"


def test_libzmq_forgets_our_old_socket(make, peer, anywhere):
    """We close and connect again; the bound libzmq ROUTER finds the id at its new place."""
    router = peer.socket("ROUTER", bind=anywhere, router_mandatory=1)
    for number in (b"1", b"2"):
        dealer = make("DEALER", routing_id=b"same", connect=address(router))
        until(lambda number=number: reaches(router, [b"same", number]))
        assert dealer.recv() == number
        dealer.close()
        until(lambda: not reaches(router, [b"same", b"gone"]))


# -- in any order ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, theirs", [("PUSH", "PULL"), ("REQ", "REP"), ("DEALER", "ROUTER"), ("PAIR", "PAIR")])
def test_we_may_come_first(make, peer, start_bound, anywhere, kind, theirs):
    """Connected and sent before anyone has bound."""
    probe = peer.socket(theirs, bind=anywhere)
    where = address(probe)
    probe.unbind(where)
    ours = make(kind, connect=where, **QUICK)
    ours.send(b"early")
    _, socket = start_bound(theirs, where)
    assert socket.recv_multipart()[-1] == b"early"


@pytest.mark.parametrize("kind, theirs", [("PULL", "PUSH"), ("REP", "REQ"), ("ROUTER", "DEALER"), ("PAIR", "PAIR")])
def test_libzmq_may_come_first(make, peer, anywhere, kind, theirs):
    """The same the other way round."""
    probe = make(kind, bind=anywhere)
    where = address(probe)
    probe.close()
    socket = peer.socket(theirs, connect=where, **QUICK)
    socket.send(b"early")
    ours = make(kind, bind=where)
    assert ours.recv_multipart()[-1] == b"early"


def test_what_is_sent_before_closing_arrives(make, peer, anywhere):
    """LINGER: a socket that is closed at once after sending delivers 100 messages and a large one."""
    pull = peer.socket("PULL", bind=anywhere)
    push = make("PUSH", connect=address(pull))
    for number in range(100):
        push.send(b"%d" % number)
    push.send(bytes(1 << 20))
    push.close()
    assert [pull.recv() for _ in range(100)] == [b"%d" % number for number in range(100)]
    assert pull.recv() == bytes(1 << 20)
