"""Claims that large buffers go to libzmq from where they are, and come from it with what is known of their sender."""

import pytest

import gzmq as zmq

from .frames import body

LARGE = 10 << 20


@pytest.fixture
def pairs(joined, anywhere):
    """Our PAIR and libzmq's, over both transports, either bound."""
    return joined("PAIR", "PAIR", anywhere)


def test_a_buffer_may_change_once_its_tracker_is_done(pairs):
    """libzmq has what was there before, alone and in a multipart."""
    ours, theirs = pairs
    data = bytearray(body(LARGE, 7))
    ours.send(data, copy=False, track=True).wait(20)
    data[:] = body(LARGE, 8)
    ours.send_multipart([b"before", data, zmq.Frame(b"after", track=True)], copy=False, track=True).wait(20)
    data[:] = b""
    assert theirs.recv() == body(LARGE, 7)
    assert theirs.recv_multipart() == [b"before", body(LARGE, 8), b"after"]


def test_what_libzmq_sends_is_received_as_frames(pairs):
    """And sent back as such."""
    ours, theirs = pairs
    message = [b"before", body(LARGE, 9), b"", body(70_000, 4)]
    theirs.send_multipart(message)
    frames = ours.recv_multipart(copy=False)
    assert [frame.bytes for frame in frames] == message
    assert [frame.more for frame in frames] == [True, True, True, False]
    ours.send_multipart(frames, copy=False)
    assert theirs.recv_multipart() == message


def test_a_received_frame_that_was_written_is_sent_as_it_is_then(pairs):
    """Its memory is ours."""
    ours, theirs = pairs
    theirs.send(body(LARGE, 9))
    frame = ours.recv(copy=False)
    frame.buffer[:] = body(LARGE, 3)
    ours.send(frame)
    assert theirs.recv() == body(LARGE, 3)


def test_metadata_of_either_side_is_known_to_the_other(joined):
    """What libzmq says of itself by METADATA, and what it hears of us."""
    ours, theirs = joined("DEALER", "DEALER", options={"routing_id": b"anna", "metadata": b"X-We:gzmq"},
                          their_options={"routing_id": b"otto", "metadata": b"X-They:libzmq"})  # fmt: skip
    theirs.send(b"hello")
    frame = ours.recv(copy=False)
    names = ("Socket-Type", "Identity", "Peer-Address", "X-They")
    assert [frame[name] for name in names] == ["DEALER", "otto", "127.0.0.1", "libzmq"]
    ours.send(b"hello")
    assert theirs.recv_metadata("Socket-Type", "Identity", "Peer-Address", "X-We") == [
        "DEALER", "anna", "127.0.0.1", "gzmq",
    ]  # fmt: skip
