"""Claims of STREAM: bytes cross between ours and libzmq's, and what each says of its connections."""

import pytest

from .claims import address, silent


def receive(socket, size):
    """So many bytes, in as many messages as they come in: (routing id, bytes)."""
    data = b""
    while len(data) < size:
        routing_id, part = socket.recv_multipart()
        data += part
    return routing_id, data


@pytest.mark.parametrize("size", [1, 100, 1_000_000])
def test_bytes_cross_both_ways(joined, anywhere, size):
    """Either side bound; each tells its user of the connection by an empty frame."""
    ours, theirs = joined("STREAM", "STREAM", anywhere)
    our_id, their_id = (socket.recv_multipart() for socket in (ours, theirs))
    assert our_id[1] == their_id[1] == b""
    ours.send_multipart([our_id[0], b"o" * size])
    assert receive(theirs, size) == (their_id[0], b"o" * size)
    theirs.send_multipart([their_id[0], b"t" * size])
    assert receive(ours, size) == (our_id[0], b"t" * size)


def test_their_leaving_is_told(make, peer, anywhere):
    """libzmq's side closes its socket."""
    ours = make("STREAM", bind=anywhere)
    theirs = peer.socket("STREAM", connect=address(ours))
    routing_id, _ = ours.recv_multipart()
    theirs.close()
    assert ours.recv_multipart() == [routing_id, b""]


def test_our_closing_is_told(make, peer, anywhere):
    """By an empty frame, and what was sent before it has arrived."""
    ours = make("STREAM", bind=anywhere)
    theirs = peer.socket("STREAM", connect=address(ours))
    their_id = theirs.recv_multipart()[0]
    our_id = ours.recv_multipart()[0]
    ours.send_multipart([our_id, b"bye"])
    ours.send_multipart([our_id, b""])
    assert [theirs.recv_multipart() for _ in range(2)] == [[their_id, b"bye"], [their_id, b""]]


@pytest.mark.parametrize("ours_is_raw", [True, False], ids=["our ROUTER_RAW", "their ROUTER_RAW"])
def test_a_raw_router_and_a_stream(make, peer, ours_is_raw):
    """ROUTER_RAW of the one, STREAM of the other."""
    router = (make if ours_is_raw else peer.socket)("ROUTER", router_raw=1)
    router.bind("tcp://127.0.0.1:*")
    stream = (peer.socket if ours_is_raw else make)("STREAM", connect=address(router))
    (theirs, _), (ours, _) = router.recv_multipart(), stream.recv_multipart()
    stream.send_multipart([ours, b"ask"])
    assert router.recv_multipart() == [theirs, b"ask"]
    router.send_multipart([theirs, b"answer"])
    assert stream.recv_multipart() == [ours, b"answer"]


def test_a_stream_hears_what_libzmq_says_first(make, peer):
    """The signature of ZMTP and no more, as it waits for ours."""
    stream = make("STREAM", stream_notify=0)
    push = peer.socket("PUSH", bind="tcp://127.0.0.1:*")
    stream.connect(address(push))
    assert stream.recv_multipart()[1] == b"\xff" + bytes(7) + b"\x01\x7f"
    assert silent(stream)
