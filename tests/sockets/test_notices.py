"""Claims of what a socket says to peers by itself, and what it tells its user of them: HELLO_MSG and the like."""

import errno

import pytest

import gzmq as zmq

from .claims import drain, must_not_recv, refuses

BOTH = zmq.NOTIFY_CONNECT | zmq.NOTIFY_DISCONNECT
TCP = "tcp://127.0.0.1:*"


@pytest.mark.parametrize("notify", [0, zmq.NOTIFY_CONNECT, zmq.NOTIFY_DISCONNECT, BOTH])
def test_a_router_tells_of_peers_that_come_and_go(make, notify):
    """ROUTER_NOTIFY: an empty message before a peer's first and after its last."""
    router = make(zmq.ROUTER, bind=TCP, router_notify=notify)
    dealer = make(zmq.DEALER, connect=router.last_endpoint, routing_id=b"me")
    dealer.send(b"hello")
    assert router.recv_multipart()[1] == (b"" if notify & zmq.NOTIFY_CONNECT else b"hello")
    dealer.close()
    assert ([b"me", b""] in drain(router)) is bool(notify & zmq.NOTIFY_DISCONNECT)


def test_a_router_tells_of_the_peers_that_it_connects_to(make):
    """ROUTER_NOTIFY: anew each time."""
    router = make(zmq.ROUTER, router_notify=BOTH, reconnect_ivl=10)
    for _ in range(2):
        dealer = make(zmq.DEALER, routing_id=b"me", bind=TCP if not router.last_endpoint else router.last_endpoint)
        if not router.last_endpoint:
            router.connect(dealer.last_endpoint)
        assert router.recv_multipart() == [b"me", b""]
        dealer.close()
        assert router.recv_multipart() == [b"me", b""]


def test_a_refused_peer_is_not_told_of(make):
    """A duplicate routing id neither comes nor goes."""
    router = make(zmq.ROUTER, bind=TCP, router_notify=BOTH, disconnect_msg=b"gone")
    make(zmq.DEALER, connect=router.last_endpoint, routing_id=b"me")
    assert router.recv_multipart() == [b"me", b""]
    make(zmq.DEALER, connect=router.last_endpoint, routing_id=b"me", reconnect_ivl=10)
    must_not_recv(router)


@pytest.mark.parametrize("bound", [True, False], ids=["bound", "connected"])
@pytest.mark.parametrize("kind, other", [(zmq.ROUTER, zmq.DEALER), (zmq.DEALER, zmq.ROUTER)])
def test_hello_goes_ahead_of_all_others(make, anywhere, kind, other, bound):
    """HELLO_MSG: to whoever connects, and to whom we connect to."""
    greeter = make(kind, hello_msg=b"hello")
    if bound:
        greeter.bind(anywhere)
        peer = make(other, connect=greeter.last_endpoint)
    else:
        peer = make(other, bind=anywhere)
        greeter.connect(peer.last_endpoint)
    if kind == zmq.DEALER:
        greeter.send(b"second")
    assert peer.recv_multipart()[-1] == b"hello"


def test_hello_is_said_again_after_a_reconnect(make):
    """HELLO_MSG, and HICCUP_MSG in between."""
    router = make(zmq.ROUTER, bind=TCP)
    dealer = make(zmq.DEALER, hello_msg=b"hello", hiccup_msg=b"lost", reconnect_ivl=10)
    dealer.connect(router.last_endpoint)
    for _ in range(3):
        assert router.recv_multipart()[1] == b"hello"
        address = router.last_endpoint
        router.close()
        assert dealer.recv() == b"lost"
        router = make(zmq.ROUTER, bind=address)


def test_disconnect_message_of_a_peer_that_has_gone(make, anywhere):
    """DISCONNECT_MSG: behind its last message, from its routing id."""
    router = make(zmq.ROUTER, bind=anywhere, disconnect_msg=b"gone")
    dealer = make(zmq.DEALER, connect=router.last_endpoint, routing_id=b"me")
    dealer.send(b"last")
    dealer.close()
    assert [router.recv_multipart() for _ in range(2)] == [[b"me", b"last"], [b"me", b"gone"]]
    must_not_recv(router)


def test_a_waiting_receiver_hears_of_it(make):
    """A poller too: the notice is a message like any other."""
    router = make(zmq.ROUTER, bind=TCP, disconnect_msg=b"gone")
    dealer = make(zmq.DEALER, connect=router.last_endpoint)
    dealer.send(b"hello")
    router.recv_multipart()
    dealer.disconnect(router.last_endpoint)
    assert router.poll(5000) == zmq.POLLIN and router.recv_multipart()[1] == b"gone"


@pytest.mark.parametrize("option", ["hello_msg", "disconnect_msg", "hiccup_msg"])
def test_types_without_such_messages_refuse_them(make, option):
    """libzmq takes the options and ignores them."""
    for kind in (zmq.REQ, zmq.PUB, zmq.PULL):
        assert refuses(errno.EINVAL, setattr, make(kind), option, b"x")


def test_client_and_server_have_such_messages_too(make, anywhere):
    """HELLO_MSG both ways, DISCONNECT_MSG of a SERVER."""
    server = make(zmq.SERVER, bind=anywhere, hello_msg=b"from server", disconnect_msg=b"gone")
    client = make(zmq.CLIENT, hello_msg=b"from client")
    client.connect(server.last_endpoint)
    assert (client.recv(), server.recv()) == (b"from server", b"from client")
    client.close()
    assert server.recv() == b"gone"


def test_a_client_hears_of_its_server_leaving(make):
    """HICCUP_MSG."""
    server = make(zmq.SERVER, bind=TCP)
    client = make(zmq.CLIENT, connect=server.last_endpoint, hiccup_msg=b"lost")
    client.send(b"hello")
    assert server.recv() == b"hello"
    server.close()
    assert client.recv() == b"lost"
