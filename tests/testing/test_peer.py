"""Claims of the scripted peer: it is one to gzmq's sockets in every version, and can do what no good peer does."""

import gevent
import pytest

import gzmq as zmq
from gzmq.testing import Heard, Peer

from ..sockets.claims import until

VERSIONS = pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0), (3, 1)], ids=lambda v: f"{v[0]}.{v[1]}")


@pytest.fixture
def limit():
    with gevent.Timeout(10):
        yield


@VERSIONS
@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "ipc://*"])
def test_speaks_every_version(make, limit, version, endpoint):
    """Both ways, with frames of every length of header, and is known by its identity."""
    router = make(zmq.ROUTER, bind=endpoint)
    with Peer("DEALER", router.last_endpoint, version=version, identity=b"anna") as peer:
        peer.shake_hands()
        message = [b"", b"short", b"x" * 253, b"x" * 254, b"x" * 255, b"x" * 70_000]
        peer.send(message)
        assert router.recv_multipart() == [b"anna", *message]
        router.send_multipart([b"anna", *message])
        assert peer.recv() == message


@VERSIONS
def test_can_be_bound(make, limit, version):
    """And hears who connects, again and again."""
    with Peer("ROUTER", bind="tcp://127.0.0.1:*", version=version) as peer:
        dealer = make(zmq.DEALER, routing_id=b"bert", connect=peer.endpoint)
        for turn in (b"1", b"2"):
            peer.accept().shake_hands()
            assert peer.peer_identity == b"bert"
            peer.send([turn])
            assert dealer.recv() == turn


@pytest.mark.parametrize("version, said", [((2, 0), (3, 0)), ((3, 0), (3, 1)), ((3, 1), (3, 1))])
def test_knows_what_the_other_side_says(make, limit, version, said):
    """Its version as far as it says it, and its type."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    with Peer("PUSH", pull.last_endpoint, version=version) as peer:
        peer.shake_hands()
        assert (peer.peer_version, peer.peer_socket_type) == (said, "PULL")


@VERSIONS
def test_subscribes(make, limit, version):
    """As each version does it, and undoes it."""
    pub = make(zmq.XPUB, bind="tcp://127.0.0.1:*")
    with Peer("SUB", pub.last_endpoint, version=version) as peer:
        peer.shake_hands()
        peer.subscribe(b"a")
        assert pub.recv() == b"\1a"
        pub.send(b"all")
        assert peer.recv() == [b"all"]
        peer.unsubscribe(b"a")
        assert pub.recv() == b"\0a"


def test_two_peers_of_one_identity(make, limit):
    """The first is the ROUTER's peer; the second is shown the door."""
    router = make(zmq.ROUTER, bind="tcp://127.0.0.1:*")
    first = Peer("DEALER", router.last_endpoint, identity=b"twin").shake_hands()
    until(lambda: len(router.peers()) == 1)
    second = Peer("DEALER", router.last_endpoint, identity=b"twin")
    second.send_raw(second.greeting)
    second.recv_end()  # it comes, or this waits too long
    router.send_multipart([b"twin", b"to the first"])
    assert first.recv() == [b"to the first"]
    first.close(), second.close()


def test_commands(make, limit):
    """PING gets its PONG, and commands can be told from messages."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    with Peer("PUSH", pull.last_endpoint) as peer:
        peer.shake_hands()
        peer.send_command(b"PING", b"\0\0context")
        assert peer.recv_command() == (b"PONG", b"context")
        peer.send_command(b"PING", b"\0\0")
        assert peer.recv_frame() == Heard(b"\4PONG", False, True)


def test_half_a_message_and_a_reset(make, limit):
    """Of which nothing arrives."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    peer = Peer("PUSH", pull.last_endpoint).shake_hands()
    peer.send([b"whole"])
    peer.send_frame(b"half", more=True)
    assert pull.recv() == b"whole"
    peer.reset()
    until(lambda: not pull.peers())
    with Peer("PUSH", pull.last_endpoint).shake_hands() as other:
        other.send([b"next"])
        assert pull.recv_multipart() == [b"next"]


def test_half_closed(make, limit):
    """What it said before is there."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    with Peer("PUSH", pull.last_endpoint).shake_hands() as peer:
        peer.send([b"last"])
        peer.end()
        assert pull.recv() == b"last"


def test_greets_byte_by_byte(make, limit):
    """By `greeting` and `send_raw`."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    with Peer("PUSH", pull.last_endpoint) as peer:
        for octet in peer.greeting:
            peer.send_raw(bytes((octet,)))
            gevent.sleep(0)
        peer.send([b"in"])
        assert pull.recv() == b"in"


def test_what_does_not_come(make, limit):
    """Is a TimeoutError, and the end of the connection a ConnectionError."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    with Peer("PUSH", pull.last_endpoint, timeout=0.02).shake_hands() as peer, pytest.raises(TimeoutError):
        peer.recv()
    with Peer("PUSH", pull.last_endpoint).shake_hands() as peer:
        pull.close()
        with pytest.raises(ConnectionError):
            peer.recv()


@pytest.mark.parametrize("arguments", [{}, {"connect": "tcp://127.0.0.1:9", "bind": "ipc://*"}])
def test_wants_one_endpoint(arguments):
    """Either way, and not both."""
    with pytest.raises(ValueError, match="either connect= or bind="):
        Peer("PUSH", **arguments)


@pytest.mark.parametrize("kind, version", [("PUSH", (4, 0)), ("CLIENT", (2, 0)), ("NONSENSE", (1, 0))])
def test_what_cannot_be_said(kind, version):
    """A version there is not, and types that versions before 3.0 have no number for."""
    with pytest.raises(ValueError, match="ZMTP|version="):
        Peer(kind, "tcp://127.0.0.1:9", version=version)
