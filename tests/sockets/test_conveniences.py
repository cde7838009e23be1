"""Claims of the ways to send and receive other things than bytes."""

import json

import pytest

import gzmq as zmq


@pytest.fixture
def pair(make, inproc):
    """Two joined PAIRs."""
    return make(zmq.PAIR, bind=inproc), make(zmq.PAIR, connect=inproc)


@pytest.mark.parametrize("kind, value", [("string", "grüße"), ("json", {"a": [1, None]}), ("pyobj", {1, 2})])
def test_what_is_sent_is_received(pair, kind, value):
    """Text, JSON and pickles."""
    one, other = pair
    getattr(one, f"send_{kind}")(value)
    assert getattr(other, f"recv_{kind}")() == value


def test_text_has_an_encoding(pair):
    """UTF-8 unless said otherwise."""
    one, other = pair
    one.send_string("é", encoding="latin-1")
    assert other.recv() == b"\xe9"


def test_send_string_takes_text_only(pair):
    """And send takes none, as nobody knows its encoding."""
    with pytest.raises(TypeError):
        pair[0].send_string(b"bytes")
    with pytest.raises(TypeError):
        pair[0].send("text")


def test_json_takes_the_options_of_json(pair):
    """As pyzmq's does."""
    one, other = pair
    one.send_json({"b": 1, "a": 2}, sort_keys=True)
    assert other.recv_json(object_pairs_hook=list) == [("a", 2), ("b", 1)]


def test_a_serialisation_of_ones_own(pair):
    """Any number of frames."""
    one, other = pair
    one.send_serialized({"head": 1}, lambda message: [b"v1", json.dumps(message).encode()])
    assert other.recv_serialized(lambda frames: json.loads(frames[1])) == {"head": 1}


def test_recv_into_fills_a_buffer(pair):
    """And gives the size of the message."""
    one, other = pair
    one.send(b"12345")
    buffer = bytearray(8)
    assert other.recv_into(buffer) == 5
    assert bytes(buffer) == b"12345\0\0\0"


def test_recv_into_cuts_what_does_not_fit(pair):
    """As pyzmq does: the size tells."""
    one, other = pair
    one.send(b"12345"), one.send(b"12345")
    buffer = bytearray(8)
    assert other.recv_into(buffer, nbytes=2) == 5
    assert bytes(buffer[:3]) == b"12\0"
    assert other.recv_into(memoryview(buffer)[:3]) == 5


@pytest.mark.parametrize(
    "buffer, error", [(b"read-only", BufferError), (memoryview(bytearray(8))[::2], BufferError), ("text", TypeError)]
)
def test_recv_into_needs_a_writable_buffer(pair, buffer, error):
    """One whole piece; the message is still there after the error."""
    one, other = pair
    one.send(b"x")
    with pytest.raises(error):
        other.recv_into(buffer)
    assert other.recv() == b"x"


@pytest.mark.parametrize("nbytes, error", [(-1, ValueError), (9, ValueError), ("3", TypeError), (3.0, TypeError)])
def test_recv_into_takes_no_more_than_there_is(pair, nbytes, error):
    """A number of the buffer's bytes; the message is still there after the error."""
    one, other = pair
    one.send(b"x")
    with pytest.raises(error, match="nbytes"):
        other.recv_into(bytearray(8), nbytes=nbytes)
    assert other.recv() == b"x"


@pytest.mark.parametrize("data", [bytearray(b"abc"), memoryview(b"abc"), zmq.Frame(b"abc")])
def test_anything_with_a_buffer_is_sent(pair, data):
    """What arrives is bytes, whatever becomes of the buffer."""
    one, other = pair
    one.send(data)
    if isinstance(data, bytearray):
        data[:] = b"xyz"
    assert other.recv() == b"abc"


def test_a_tracker_is_done(pair):
    """The bytes are ours from the beginning."""
    one, other = pair
    tracker = one.send(b"x", copy=False, track=True)
    tracker.wait(1)
    assert tracker.done
    assert one.send_multipart([b"a", b"b"], copy=False, track=True).done
    assert one.send(b"x") is None


def test_frames_know_whether_more_come(pair):
    """copy=False gives Frames."""
    one, other = pair
    one.send_multipart([b"a", b"b"])
    first, last = other.recv(copy=False), other.recv(copy=False)
    assert (first.bytes, first.more, last.bytes, last.more) == (b"a", True, b"b", False)
    one.send_multipart([b"a", b"b"])
    assert [frame.more for frame in other.recv_multipart(copy=False)] == [True, False]


def test_rcvmore_follows_the_frames(pair):
    """SNDMORE here, RCVMORE there."""
    one, other = pair
    one.send(b"a", zmq.SNDMORE), one.send(b"b")
    assert (other.recv(), other.rcvmore, other.recv(), other.rcvmore) == (b"a", 1, b"b", 0)


def test_a_frame_knows_its_peer(make):
    """copy=False: what the peer says of itself, where it is, and on which descriptor it came."""
    router = make(zmq.ROUTER, bind="tcp://127.0.0.1:*")
    dealer = make(zmq.DEALER, routing_id=b"anna")
    dealer.setsockopt(zmq.METADATA, b"X-role:worker")
    dealer.connect(router.last_endpoint)
    dealer.send_multipart([b"a", b"b"])
    for frame in router.recv_multipart(copy=False):
        assert frame["Peer-Address"] == "127.0.0.1"
        assert (frame["Socket-Type"], frame["Identity"], frame["X-role"]) == ("DEALER", "anna", "worker")
        assert frame.get(zmq.SRCFD) > 2


@pytest.mark.parametrize(
    "kind, other",
    [
        (zmq.PULL, zmq.PUSH),
        (zmq.PAIR, zmq.PAIR),
        (zmq.DEALER, zmq.DEALER),
        (zmq.REP, zmq.REQ),
        (zmq.SUB, zmq.XPUB),
    ],
)
def test_every_frame_of_a_message_knows_its_peer(make, tmp_path, kind, other):
    """Also one by one, and when another peer's message has come meanwhile."""
    socket = make(kind, bind=f"ipc://{tmp_path}/s")
    if kind == zmq.SUB:
        socket.subscribe(b"")
    peers = [make(other, connect=socket.last_endpoint) for _ in range(1 if kind == zmq.PAIR else 2)]
    for peer in peers:
        if other == zmq.XPUB:
            peer.recv()
        peer.send_multipart([b"a", b"b"])
    for _ in peers:
        first, last = socket.recv(copy=False), socket.recv(copy=False)
        assert first["Socket-Type"] == last["Socket-Type"] == other.name
        assert first["Peer-Address"].startswith("localhost:")
        if kind == zmq.REP:
            socket.send(b"")


def test_inproc_has_no_metadata(pair):
    """As in libzmq."""
    one, other = pair
    one.send(b"x")
    with pytest.raises(zmq.ZMQError):
        other.recv(copy=False).get("Socket-Type")
