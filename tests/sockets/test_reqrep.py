"""Claims of REQ, REP, DEALER and ROUTER sockets."""

import errno

import gevent
import pytest

import gzmq as zmq
from gzmq.pipe import TURN

from .claims import drain, must_not_recv, refuses


def test_a_request_gets_its_reply(joined):
    """Either side binds, over each transport."""
    rep, req = joined(zmq.REP, zmq.REQ)
    req.send_multipart([b"ask", b"me"])
    assert rep.recv_multipart() == [b"ask", b"me"]
    rep.send(b"answer")
    assert req.recv() == b"answer"


@pytest.mark.parametrize("kind, first", [(zmq.REQ, "recv"), (zmq.REP, "send")])
def test_the_wrong_first_call_is_efsm(make, kind, first):
    """The state machine starts where the RFC says."""
    assert refuses(zmq.Errno.EFSM, getattr(make(kind), first), *([b"x"] if first == "send" else []))


def test_efsm_comes_at_the_first_frame(joined):
    """A second request with SNDMORE is refused before anything of it is kept."""
    rep, req = joined(zmq.REP, zmq.REQ)
    req.send(b"one")
    assert refuses(zmq.Errno.EFSM, req.send, b"two", zmq.SNDMORE)
    assert rep.recv() == b"one"
    rep.send(b"reply")
    assert req.recv() == b"reply"


def test_requests_go_round(make):
    """28/REQREP: REQ asks its peers in turn."""
    reps = [make(zmq.REP, bind="tcp://127.0.0.1:*") for _ in range(3)]
    req = make(zmq.REQ)
    for rep in reps:
        req.connect(rep.last_endpoint.decode())

    def serve(number, rep):
        while True:
            rep.recv()
            rep.send(b"%d" % number)

    servers = [gevent.spawn(serve, *pair) for pair in enumerate(reps)]
    answers = []
    for _ in range(6):
        req.send(b"who?")
        answers.append(req.recv())
    assert answers[:3] == answers[3:] and sorted(answers[:3]) == [b"0", b"1", b"2"]
    gevent.killall(servers)


def test_a_lazy_pirate_needs_no_new_socket(make):
    """Field note A11: with REQ_RELAXED and REQ_CORRELATE a lost reply is got over, and a late one dropped."""
    router = make(zmq.ROUTER, bind="tcp://127.0.0.1:*")
    req = make(zmq.REQ, connect=router.last_endpoint.decode(), req_relaxed=1, req_correlate=1, rcvtimeo=50)
    req.send(b"first")
    late = router.recv_multipart()
    assert refuses(errno.EAGAIN, req.recv)
    req.send(b"second")
    second = router.recv_multipart()
    router.send_multipart([*late[:-1], b"late"])
    router.send_multipart([*second[:-1], b"reply"])
    req.rcvtimeo = 5000
    assert req.recv() == b"reply"


def test_a_request_passes_any_number_of_hops(make, context):
    """REQ -> ROUTER-DEALER proxies in a row -> REP, and back."""
    proxies = []
    where = None
    for _ in range(3):
        frontend, backend = make(zmq.ROUTER, bind="tcp://127.0.0.1:*"), make(zmq.DEALER)
        backend.bind("tcp://127.0.0.1:*")
        if where:
            frontend.connect(where)
        else:
            req = make(zmq.REQ, connect=frontend.last_endpoint.decode())
        where = backend.last_endpoint.decode()
        proxies.append(gevent.spawn(zmq.proxy, frontend, backend))
    rep = make(zmq.REP, connect=where)
    req.send(b"far")
    assert rep.recv() == b"far"
    rep.send(b"away")
    assert req.recv() == b"away"
    gevent.killall(proxies)


def test_router_names_its_peers_by_routing_id(joined):
    """ROUTING_ID is what the other side sees."""
    router, dealer = joined(zmq.ROUTER, zmq.DEALER, connected={"routing_id": b"bob"})
    dealer.send(b"hi")
    assert router.recv_multipart() == [b"bob", b"hi"]
    router.send_multipart([b"bob", b"hello"])
    assert dealer.recv() == b"hello"


def test_connect_routing_id_is_known_at_once(make, anywhere):
    """CONNECT_ROUTING_ID: no need to wait until the peer speaks."""
    dealer = make(zmq.DEALER, bind=anywhere)
    router = make(zmq.ROUTER, router_mandatory=1)
    router.connect_routing_id = b"known"
    router.connect(dealer.last_endpoint.decode())
    router.send_multipart([b"known", b"hi"])
    assert dealer.recv() == b"hi"


def test_probe_router_makes_a_router_known(joined):
    """PROBE_ROUTER: an empty message comes first."""
    router, _ = joined(zmq.ROUTER, zmq.DEALER, connected={"routing_id": b"bob", "probe_router": 1})
    assert router.recv_multipart() == [b"bob", b""]


def test_mandatory_router_says_unreachable(make):
    """ROUTER_MANDATORY: EHOSTUNREACH, at the first frame already."""
    router = make(zmq.ROUTER, bind="tcp://127.0.0.1:*", router_mandatory=1)
    assert refuses(errno.EHOSTUNREACH, router.send_multipart, [b"nobody", b"x"])
    assert refuses(errno.EHOSTUNREACH, router.send, b"nobody", zmq.SNDMORE)


def test_mandatory_router_that_waits_hears_of_the_peer_leaving(make, inproc):
    """Field note A19: EHOSTUNREACH instead of waiting for ever."""
    router = make(zmq.ROUTER, bind=inproc, router_mandatory=1, sndhwm=1)
    dealer = make(zmq.DEALER, connect=None, routing_id=b"d", rcvhwm=1)
    dealer.connect(inproc)
    with pytest.raises(zmq.Again):
        while True:
            router.send_multipart([b"d", b"x"], zmq.DONTWAIT)
    sender = gevent.spawn(refuses, errno.EHOSTUNREACH, router.send_multipart, [b"d", b"x"])
    gevent.sleep(0.01)
    dealer.close()
    assert sender.get(timeout=5)


def test_handover_gives_the_name_to_the_newcomer(make):
    """ROUTER_HANDOVER: messages go to the second."""
    router = make(zmq.ROUTER, bind="tcp://127.0.0.1:*", router_handover=1)
    address = router.last_endpoint.decode()
    first, second = make(zmq.DEALER, routing_id=b"d"), make(zmq.DEALER, routing_id=b"d")
    first.reconnect_ivl = -1
    for dealer in (first, second):
        dealer.connect(address)
        dealer.send(b"hi")
        router.recv_multipart()
    router.send_multipart([b"d", b"x"])
    assert second.recv() == b"x"
    must_not_recv(first)
    assert len(router.peers()) == 1


def test_dealers_talk_to_each_other(joined):
    """Both ways, without a state machine."""
    one, other = joined(zmq.DEALER, zmq.DEALER)
    for i in range(3):
        one.send(b"%d" % i)
        other.send(b"%d" % i)
    assert drain(one) == drain(other) == [[b"0"], [b"1"], [b"2"]]


def test_many_servers_share_a_rep(make, anywhere):
    """Two greenlets on one REP: each receives only when its turn to reply is not somebody else's."""
    rep = make(zmq.REP, bind=anywhere)
    served = []

    def serve(name):
        while True:
            served.append((name, rep.recv()))
            rep.send(b"ok")

    servers = [gevent.spawn(serve, name) for name in "ab"]
    reqs = [make(zmq.REQ, connect=rep.last_endpoint.decode()) for _ in range(4)]
    for _ in range(5):
        for req in reqs:
            req.send(b"x")
        assert [req.recv() for req in reqs] == [b"ok"] * 4
    assert len(served) == 20
    gevent.killall(servers)


def test_nobody_runs_while_a_reply_is_sent(make, inproc):
    """It is `recv` that gives way. So whoever is killed at `rep.send(rep.recv())` leaves no REP that owes a reply."""
    rep = make(zmq.REP, bind=inproc)
    req = make(zmq.REQ, connect=inproc)
    turns = []

    def ask():
        while True:
            req.send(b"x")
            req.recv()

    def look_on():
        while True:
            turns.append(None)
            gevent.sleep(0)

    others = [gevent.spawn(ask), gevent.spawn(look_on)]
    for _ in range(2 * TURN):
        request, before = rep.recv(), len(turns)
        rep.send(request)
        assert len(turns) == before
    gevent.killall(others)
