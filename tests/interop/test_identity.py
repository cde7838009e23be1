"""Claims of routing: who is who to a ROUTER of either side, and what REQ puts around its requests."""

from errno import EHOSTUNREACH

import pytest

import gzmq as zmq

from .claims import address, reaches, refused, silent, until

ANNOUNCING = ["REQ", "DEALER", "ROUTER"]


def speak(socket, kind, frame=b"hello"):
    """Say something to the ROUTER "router"."""
    if kind == "ROUTER":
        until(lambda: reaches(socket, [b"router", frame]))
    else:
        socket.send(frame)


def options_of(kind, **options):
    return {"router_mandatory": 1, **options} if kind == "ROUTER" else options


@pytest.mark.parametrize("kind", ANNOUNCING)
@pytest.mark.parametrize("routing_id", [b"i", b"me", b"\xff" * 127, b"b" * 128, b"c" * 255], ids=len)
def test_their_router_knows_our_id(joined, kind, routing_id):
    """ROUTING_ID is announced, and a reply by it arrives."""
    ours, router = joined(kind, "ROUTER", options=options_of(kind, routing_id=routing_id),
                          their_options={"routing_id": b"router"})  # fmt: skip
    speak(ours, kind)
    sender, *envelope, frame = router.recv_multipart()
    assert (sender, frame) == (routing_id, b"hello")
    router.send_multipart([routing_id, *envelope, b"reply"])
    assert ours.recv_multipart()[-1] == b"reply"


@pytest.mark.parametrize("kind", ANNOUNCING)
@pytest.mark.parametrize("routing_id", [b"i", b"me", b"\xff" * 127, b"b" * 128, b"c" * 255], ids=len)
def test_our_router_knows_their_id(joined, kind, routing_id):
    """The same the other way round."""
    router, theirs = joined("ROUTER", kind, options={"routing_id": b"router"},
                            their_options=options_of(kind, routing_id=routing_id))  # fmt: skip
    speak(theirs, kind)
    sender, *envelope, frame = router.recv_multipart()
    assert (sender, frame) == (routing_id, b"hello")
    router.send_multipart([routing_id, *envelope, b"reply"])
    assert theirs.recv_multipart()[-1] == b"reply"


@pytest.mark.parametrize("kind", ["REQ", "DEALER"])
def test_a_peer_without_an_id_is_given_one(joined, kind):
    """Five octets, the first of them zero, by our ROUTER as by libzmq's."""
    router, theirs = joined("ROUTER", kind)
    theirs.send(b"hello")
    sender = router.recv_multipart()[0]
    assert len(sender) == 5 and sender[:1] == b"\0"
    ours, router = joined(kind, "ROUTER")
    ours.send(b"hello")
    sender = router.recv_multipart()[0]
    assert len(sender) == 5 and sender[:1] == b"\0"


@pytest.mark.parametrize("kind", ["DEALER", "ROUTER"])
def test_our_router_names_the_peer_it_connects_to(make, peer, kind):
    """CONNECT_ROUTING_ID: it can be sent to at once, before it has said who it is."""
    theirs = peer.socket(kind, bind="tcp://127.0.0.1:*", routing_id=b"other")
    router = make("ROUTER", routing_id=b"us", router_mandatory=1, connect_routing_id=b"friend")
    router.connect(address(theirs))
    router.send_multipart([b"friend", b"hello"])
    assert theirs.recv_multipart() == ([b"us", b"hello"] if kind == "ROUTER" else [b"hello"])
    theirs.send_multipart([b"us", b"back"] if kind == "ROUTER" else [b"back"])
    assert router.recv_multipart() == [b"friend", b"back"]


@pytest.mark.parametrize("kind", ["DEALER", "ROUTER"])
def test_their_router_names_us(make, peer, kind):
    """CONNECT_ROUTING_ID of libzmq's ROUTER, with us bound."""
    ours = make(kind, bind="tcp://127.0.0.1:*", routing_id=b"other")
    router = peer.socket("ROUTER", routing_id=b"us", router_mandatory=1, connect_routing_id=b"friend")
    router.connect(address(ours))
    router.send_multipart([b"friend", b"hello"])
    assert ours.recv_multipart() == ([b"us", b"hello"] if kind == "ROUTER" else [b"hello"])


def test_an_unknown_id_is_unreachable(joined):
    """ROUTER_MANDATORY; the peer that is there can be reached."""
    router, dealer = joined("ROUTER", "DEALER", options={"router_mandatory": 1}, their_options={"routing_id": b"me"})
    dealer.send(b"hello")
    assert router.recv_multipart() == [b"me", b"hello"]
    with refused(EHOSTUNREACH):
        router.send_multipart([b"nobody", b"lost"])
    router.send_multipart([b"me", b"found"])
    assert dealer.recv() == b"found"


def test_an_id_goes_over_to_its_new_holder(make, peer):
    """ROUTER_HANDOVER of ours, between two of libzmq's."""
    router = make("ROUTER", bind="tcp://127.0.0.1:*", router_handover=1)
    where = address(router)
    for number in (b"1", b"2"):
        dealer = peer.socket("DEALER", connect=where, routing_id=b"same")
        dealer.send(number)
        assert router.recv_multipart() == [b"same", number]
        router.send_multipart([b"same", number])
        assert dealer.recv() == number


def test_a_second_holder_of_an_id_is_not_heard(make, peer):
    """Without ROUTER_HANDOVER the first keeps it."""
    router = make("ROUTER", bind="tcp://127.0.0.1:*")
    dealer = peer.socket("DEALER", connect=address(router), routing_id=b"same")
    dealer.send(b"1")
    assert router.recv_multipart() == [b"same", b"1"]
    second = peer.socket("DEALER", connect=address(router), routing_id=b"same")
    second.send(b"2")
    assert silent(router, 100)
    router.send_multipart([b"same", b"back"])
    assert dealer.recv() == b"back"


@pytest.mark.parametrize("kind", ANNOUNCING)
def test_our_probe_reaches_their_router(joined, kind):
    """PROBE_ROUTER: an empty message tells our id before we have spoken."""
    _, router = joined(kind, "ROUTER", options={"probe_router": 1, "routing_id": b"me"})
    assert router.recv_multipart() == [b"me", b""]


@pytest.mark.parametrize("kind", ANNOUNCING)
def test_their_probe_reaches_our_router(joined, kind):
    """The same the other way round; then it can be spoken to."""
    router, theirs = joined("ROUTER", kind, their_options={"probe_router": 1, "routing_id": b"me"},
                            options={"routing_id": b"us"})  # fmt: skip
    assert router.recv_multipart() == [b"me", b""]
    if kind != "REQ":
        router.send_multipart([b"me", b"hello"])
        assert theirs.recv_multipart()[-1] == b"hello"


def test_our_request_carries_its_number(joined):
    """REQ_CORRELATE: four octets before the delimiter, anew for each request, and the reply has to repeat them."""
    req, router = joined("REQ", "ROUTER", options={"req_correlate": 1})
    numbers = set()
    for _ in range(3):
        req.send(b"ask")
        route, number, delimiter, frame = router.recv_multipart()
        assert (len(number), delimiter, frame) == (4, b"", b"ask")
        numbers.add(number)
        router.send_multipart([route, b"nope", b"", b"wrong"])
        router.send_multipart([route, number, b"", b"right"])
        assert req.recv() == b"right"
    assert len(numbers) == 3


def test_their_numbered_request_gets_its_reply(joined):
    """REQ_CORRELATE of libzmq's REQ, with our REP."""
    rep, req = joined("REP", "REQ", their_options={"req_correlate": 1})
    for number in (b"1", b"2"):
        req.send(number)
        assert rep.recv() == number
        rep.send(number)
        assert req.recv() == number


def test_our_numbered_request_gets_its_reply(joined):
    """REQ_CORRELATE of ours, with libzmq's REP."""
    req, rep = joined("REQ", "REP", options={"req_correlate": 1})
    for number in (b"1", b"2"):
        req.send(number)
        assert rep.recv() == number
        rep.send(number)
        assert req.recv() == number


@pytest.mark.parametrize("ours_asks", [True, False], ids=["we ask", "libzmq asks"])
def test_a_relaxed_request_forgets_the_one_before(joined, ours_asks):
    """REQ_RELAXED and REQ_CORRELATE: the late reply to the first is dropped, that to the second arrives."""
    relaxed = {"req_relaxed": 1, "req_correlate": 1}
    if ours_asks:
        req, router = joined("REQ", "ROUTER", options=relaxed)
    else:
        router, req = joined("ROUTER", "REQ", their_options=relaxed)
    req.send(b"one")
    first = router.recv_multipart()
    req.send(b"two")
    second = router.recv_multipart()
    router.send_multipart([*first[:-1], b"late"])
    router.send_multipart([*second[:-1], b"in time"])
    assert req.recv() == b"in time"


def test_a_strict_request_is_refused(joined):
    """Without REQ_RELAXED a second request is EFSM at once."""
    req, _ = joined("REQ", "REP")
    req.send(b"one")
    with refused(zmq.EFSM):
        req.send(b"two")


@pytest.mark.parametrize("hops", range(4))
def test_an_envelope_comes_back_whole(joined, hops):
    """Our REP returns as many hops as libzmq's DEALER puts before the delimiter; an empty body is a body."""
    rep, dealer = joined("REP", "DEALER")
    envelope = [b"hop %d" % hop for hop in range(hops)] + [b""]
    dealer.send_multipart([*envelope, b""])
    assert rep.recv_multipart() == [b""]
    rep.send_multipart([b"", b"answer"])
    assert dealer.recv_multipart() == [*envelope, b"", b"answer"]
