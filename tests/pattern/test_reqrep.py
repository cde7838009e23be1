"""Claims of REQ, REP, DEALER and ROUTER as patterns."""

import errno

import pytest

from gzmq.constants import Errno
from gzmq.error import ZMQError
from gzmq.pattern.reqrep import Dealer, Rep, Req
from gzmq.pattern.router import Router
from gzmq.pipe import FULL, TURN_OVER

from ..fakes import Bench, contents


def refuses(code, call, *args):
    with pytest.raises(ZMQError) as caught:
        call(*args)
    return caught.value.errno == code


def test_req_puts_an_empty_delimiter_before_the_request():
    """28/REQREP: a request is the delimiter and the body."""
    bench = Bench(Req)
    peer = bench.peer()
    bench.pattern.send([b"a", b"b"])
    assert peer.recv() == [b"", b"a", b"b"]


def test_req_sends_and_receives_in_turn():
    """28/REQREP: strictly alternating."""
    bench = Bench(Req)
    peer = bench.peer()
    assert refuses(Errno.EFSM, bench.pattern.recv)
    bench.pattern.send([b"ask"])
    assert refuses(Errno.EFSM, bench.pattern.send, [b"again"])
    peer.send([b"", b"answer"])
    assert bench.pattern.recv() == b"answer"
    assert bench.pattern.send([b"next"])


def test_req_takes_a_reply_from_the_peer_it_asked_only():
    """28/REQREP: discards messages from other peers."""
    bench = Bench(Req)
    asked, other = bench.peer(), bench.peer()
    bench.pattern.send([b"ask"])
    other.send([b"", b"forged"])
    assert not bench.pattern.readable()
    asked.send([b"", b"true"])
    assert bench.pattern.recv() == b"true"


@pytest.mark.parametrize("malformed", [[b"no delimiter"], [b""], [b"x", b"", b"body"]])
def test_req_discards_malformed_replies(malformed):
    """28/REQREP: no delimiter, no reply."""
    bench = Bench(Req)
    peer = bench.peer()
    bench.pattern.send([b"ask"])
    peer.send(malformed)
    assert not bench.pattern.readable()
    peer.send([b"", b"good"])
    assert bench.pattern.recv() == b"good"


def test_req_forgets_replies_that_came_before_the_request():
    """A late reply to an earlier request answers nothing."""
    bench = Bench(Req)
    peer = bench.peer()
    peer.send([b"", b"stale"])
    bench.pattern.send([b"ask"])
    assert not bench.pattern.readable()


def test_req_hears_a_reply_that_comes_before_its_send_returns():
    """A REP in another thread may be as quick as that."""
    bench = Bench(Req)
    peer = bench.peer()
    peer.sink.read_activated = lambda pipe: pipe.send(pipe.recv())
    bench.pattern.send([b"ask"])
    assert bench.pattern.recv() == b"ask"


def test_req_correlate_drops_a_late_reply():
    """REQ_RELAXED and REQ_CORRELATE: the answer to the first request is not taken for that to the second."""
    bench = Bench(Req, req_relaxed=1, req_correlate=1)
    peer = bench.peer()
    bench.pattern.send([b"one"])
    first = peer.recv()
    bench.pattern.send([b"two"])
    second = peer.recv()
    assert first[0] != second[0] and len(first[0]) == 4
    peer.send([*first[:2], b"late"])
    assert not bench.pattern.readable()
    peer.send([*second[:2], b"right"])
    assert bench.pattern.recv() == b"right"


def test_relaxed_req_is_writable_while_it_waits():
    """Field note A11: POLLOUT is true when relaxed."""
    bench = Bench(Req, req_relaxed=1)
    bench.peer()
    bench.pattern.send([b"one"])
    assert bench.pattern.writable()


def test_req_without_peers_is_full_and_keeps_its_state():
    """A request that did not go is not out."""
    bench = Bench(Req)
    assert bench.pattern.send([b"ask"]) is FULL
    assert refuses(Errno.EFSM, bench.pattern.recv)


@pytest.mark.parametrize("hops", range(6))
def test_rep_returns_the_envelope_of_any_number_of_hops(hops):
    """28/REQREP: the reply goes back the way the request came."""
    bench = Bench(Rep)
    peer = bench.peer()
    envelope = [b"hop%d" % i for i in range(hops)] + [b""]
    peer.send([*envelope, b"body", b"more"])
    assert bench.pattern.recv() == [b"body", b"more"]
    bench.pattern.send([b"reply"])
    assert peer.recv() == [*envelope, b"reply"]


def test_rep_receives_and_sends_in_turn():
    """28/REQREP: strictly alternating."""
    bench = Bench(Rep)
    peer = bench.peer()
    assert refuses(Errno.EFSM, bench.pattern.send, [b"x"])
    peer.send([b"", b"1"])
    peer.send([b"", b"2"])
    bench.pattern.recv()
    assert refuses(Errno.EFSM, bench.pattern.recv)
    bench.pattern.send([b"r"])
    assert bench.pattern.recv() == b"2"


def test_rep_drops_the_reply_to_a_peer_that_has_gone():
    """And is ready for the next request."""
    bench = Bench(Rep)
    peer = bench.peer()
    peer.send([b"", b"ask"])
    bench.pattern.recv()
    peer.close()
    assert bench.pattern.send([b"reply"]) is True
    assert refuses(Errno.EFSM, bench.pattern.send, [b"again"])


@pytest.mark.parametrize("malformed", [[b"x"], [b""], [b"x", b"y"], [b"x", b""]])
def test_rep_discards_malformed_requests(malformed):
    """No delimiter, or nothing behind it."""
    bench = Bench(Rep)
    bench.peer().send(malformed)
    assert not bench.pattern.readable() and bench.pattern.recv() is None


def test_dealer_goes_round_and_fair_queues():
    """28/REQREP: DEALER round-robins out and fair-queues in."""
    bench = Bench(Dealer)
    peers = [bench.peer() for _ in range(3)]
    for i in range(6):
        bench.pattern.send([b"%d" % i])
    assert [contents(peer) for peer in peers] == [[b"0", b"3"], [b"1", b"4"], [b"2", b"5"]]
    for number, peer in enumerate(peers):
        peer.send([b"%d" % number])
        peer.send([b"%d" % number])
    assert [bench.pattern.recv()[0] for _ in range(6)] == [b"0", b"1", b"2", b"0", b"1", b"2"]


def test_probe_router_sends_an_empty_message_ahead():
    """PROBE_ROUTER: the peer learns our routing id before any user message."""
    bench = Bench(Dealer, probe_router=1)
    peer = bench.peer()
    bench.pattern.send([b"hello"])
    assert peer.recv() == [b""] and peer.recv() == [b"hello"]


def test_router_prefixes_the_announced_id():
    """28/REQREP: the first frame is the peer's identity."""
    bench = Bench(Router)
    bench.peer(b"bob").send([b"hi"])
    assert bench.pattern.recv() == [b"bob", b"hi"]


def test_router_makes_up_distinct_ids_that_start_with_zero():
    """28/REQREP: for peers that announce none."""
    bench = Bench(Router)
    for _ in range(3):
        bench.peer().send([b"hi"])
    ids = {bench.pattern.recv()[0] for _ in range(3)}
    assert len(ids) == 3 and all(len(i) == 5 and i[:1] == b"\0" for i in ids)


def test_router_makes_up_no_id_that_a_peer_has():
    """Though a peer announces the very one that would be next."""
    bench = Bench(Router)
    bench.pattern._next_id = 6
    assert bench.peer(b"\0\0\0\0\x07") and bench.peer() and bench.peer()
    assert sorted(bench.pattern._routes) == [b"\0\0\0\0" + bytes((number,)) for number in (7, 8, 9)]


def test_router_sends_to_the_named_peer():
    """And only there."""
    bench = Bench(Router)
    peers = {name: bench.peer(name) for name in (b"a", b"b", b"c")}
    bench.pattern.send([b"b", b"1", b"2"])
    assert peers[b"b"].recv() == [b"1", b"2"]
    assert peers[b"a"].recv() is None and peers[b"c"].recv() is None


def test_router_drops_for_an_unknown_peer():
    """Without ROUTER_MANDATORY, silently."""
    assert Bench(Router).pattern.send([b"nobody", b"x"]) is True


def test_mandatory_router_refuses_an_unknown_peer():
    """ROUTER_MANDATORY: EHOSTUNREACH, which names the id."""
    bench = Bench(Router, router_mandatory=1)
    with pytest.raises(ZMQError, match="nobody") as caught:
        bench.pattern.send([b"nobody", b"x"])
    assert caught.value.errno == errno.EHOSTUNREACH


def test_mandatory_router_waits_for_a_full_peer():
    """FULL instead of a drop, and EHOSTUNREACH once the peer has left (field note A19)."""
    bench = Bench(Router, router_mandatory=1, hwm=1)
    peer = bench.peer(b"a", hwm=1)
    bench.pattern.send([b"a", b"1"])
    assert bench.pattern.send([b"a", b"2"]) is FULL
    peer.close()
    assert refuses(errno.EHOSTUNREACH, bench.pattern.send, [b"a", b"2"])


def test_router_drops_for_a_full_peer_after_one_chance():
    """28/REQREP: a full peer's messages are dropped, others go on."""
    bench = Bench(Router)
    full, other = bench.peer(b"a", hwm=1), bench.peer(b"b")
    bench.pattern.send([b"a", b"1"])
    assert bench.pattern.send([b"a", b"2"]) is TURN_OVER
    assert bench.pattern.send([b"a", b"2"]) is True
    bench.pattern.send([b"b", b"3"])
    assert contents(full) == [b"1"] and contents(other) == [b"3"]


def test_router_refuses_a_second_peer_with_the_same_id():
    """Without ROUTER_HANDOVER the first keeps its name."""
    bench = Bench(Router)
    first = bench.peer(b"same")
    assert bench.peer(b"same") is None
    bench.pattern.send([b"same", b"x"])
    assert contents(first) == [b"x"]


def test_router_handover_gives_the_id_to_the_newcomer():
    """ROUTER_HANDOVER: the first is disconnected."""
    bench = Bench(Router, router_handover=1)
    first, second = bench.peer(b"same"), bench.peer(b"same")
    bench.pattern.send([b"same", b"x"])
    assert contents(second) == [b"x"]
    assert "terminated" in first.sink.heard


def test_router_frees_the_id_of_a_peer_that_left():
    """It can come back under its name."""
    bench = Bench(Router)
    bench.peer(b"same").close()
    assert bench.peer(b"same") is not None
