"""Claims of large frames that are sent from where they are and received where they came."""

import gc
import mmap
from contextlib import suppress

import gevent
import pytest
from gevent.socket import create_connection

import gzmq as zmq

from ..zmtp.marriage import greeting1, greeting2, hello3, peak
from .claims import until

#: Larger than any kernel's buffers, so that the middle of it waits here.
HUGE = 64 << 20
LARGE = 1 << 20


def filled(size, letter=b"x"):
    """A buffer that can change."""
    return bytearray(letter) * size


def changed(buffer, tracker, seconds=5):
    """Wait for the tracker, then overwrite the buffer and shrink it, which nobody may prevent any more."""
    tracker.wait(seconds)
    buffer[:] = b"!"


@pytest.fixture
def pair(joined):
    """Two PAIRs over each transport."""
    return joined(zmq.PAIR, zmq.PAIR)


# -- what the receiver gets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65535, 65536, LARGE])
@pytest.mark.parametrize("send_copy", [True, False])
@pytest.mark.parametrize("recv_copy", [True, False])
def test_content_is_the_same_however_it_is_passed(pair, size, send_copy, recv_copy):
    """Bytes, buffers and frames, small and large."""
    one, other = pair
    data = filled(size)
    for sent in (bytes(data), data, memoryview(data), zmq.Frame(data)):
        one.send(sent, copy=send_copy)
        got = other.recv(copy=recv_copy)
        assert type(got) is (bytes if recv_copy else zmq.Frame)
        assert got == data


@pytest.mark.parametrize("recv_copy", [True, False])
def test_multiparts_mix_copied_and_shared_frames(pair, recv_copy):
    """Each frame has its place, sent at once or one by one."""
    one, other = pair
    parts = [filled(LARGE, b"a"), b"b", zmq.Frame(filled(LARGE, b"c")), b"", memoryview(filled(70_000, b"e"))]
    expected = [bytes(getattr(part, "buffer", part)) for part in parts]
    one.send_multipart(parts, copy=False)
    for part in parts[:-1]:
        one.send(part, zmq.SNDMORE, copy=False)
    one.send(parts[-1], copy=False)
    for _ in range(2):
        got = other.recv_multipart(copy=recv_copy)
        assert [bytes(getattr(frame, "buffer", frame)) for frame in got] == expected
        assert recv_copy or [frame.more for frame in got] == [True] * 4 + [False]


def test_a_rest_of_shared_frames_is_bytes_when_asked_for(pair):
    """Frame by frame, and all at once."""
    one, other = pair
    for _ in range(2):
        one.send_multipart([filled(70_000, b"a"), filled(70_000, b"b"), filled(70_000, b"c")], copy=False)
    assert [other.recv(), other.recv(copy=False), other.recv()] == [letter * 70_000 for letter in (b"a", b"b", b"c")]
    other.recv()
    assert other.recv_multipart() == [b"b" * 70_000, b"c" * 70_000]


def test_iteration_gives_bytes(pair):
    """However a message was sent."""
    one, other = pair
    one.send(filled(LARGE), copy=False)
    assert next(iter(other)) == b"x" * LARGE


# -- trackers ---------------------------------------------------------------------------------------------------------


def test_a_buffer_may_change_once_its_tracker_is_done(pair):
    """The peer has what was there when it was sent."""
    one, other = pair
    data = filled(4 * LARGE)
    reader = gevent.spawn(other.recv)
    changed(data, one.send(data, copy=False, track=True))
    assert reader.get() == b"x" * 4 * LARGE


@pytest.mark.parametrize("scheme", ["tcp", "ipc"])
def test_a_tracker_is_not_done_before_all_is_written(make, tmp_path, scheme):
    """Not while the kernel has room for the beginning only; nor can the buffer be resized till then."""
    endpoint = "tcp://127.0.0.1:*" if scheme == "tcp" else f"ipc://{tmp_path}/s"
    pull = make(zmq.PULL, bind=endpoint, rcvhwm=1)
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode())
    push.send_multipart([b"", b""]), push.send(b"")
    until(lambda: pull.poll(0))  # and reads no more, as RCVHWM is reached
    data = filled(HUGE)
    tracker = push.send(data, copy=False, track=True)
    until(lambda: push.peers()[0].bytes_out > 65536)
    with pytest.raises(zmq.NotDone):
        tracker.wait(0.05)
    with pytest.raises(BufferError):
        data.append(0)
    pull.recv_multipart(), pull.recv()
    reader = gevent.spawn(pull.recv)
    changed(data, tracker)
    assert reader.get() == b"x" * HUGE


def test_over_inproc_the_receivers_frame_holds_the_buffer(make, inproc):
    """It is the same memory, and the tracker waits for it."""
    one, other = make(zmq.PAIR, bind=inproc), make(zmq.PAIR, connect=inproc)
    data = filled(LARGE)
    tracker = one.send(data, copy=False, track=True)
    frame = other.recv(copy=False)
    data[0] = ord("y")
    assert frame.buffer.obj is data
    assert frame.buffer[0] == ord("y")
    assert not tracker.done
    del frame
    changed(data, tracker)


def test_over_inproc_bytes_are_a_copy(make, inproc):
    """With the default copy=True nothing of the buffer stays behind."""
    one, other = make(zmq.PAIR, bind=inproc), make(zmq.PAIR, connect=inproc)
    data = filled(LARGE)
    tracker = one.send(data, copy=False, track=True)
    got = other.recv()
    changed(data, tracker)
    assert got == b"x" * LARGE


def test_over_inproc_bytes_are_passed_on_themselves(make, inproc):
    """Tracked or not."""
    one, other = make(zmq.PAIR, bind=inproc), make(zmq.PAIR, connect=inproc)
    data = b"x" * LARGE
    for arguments in ({}, {"copy": False}, {"copy": False, "track": True}):
        one.send(data, **arguments)
        assert other.recv() is data


def test_a_frame_may_be_sent_again(pair):
    """Its tracker is that of all its ways, and of the frame itself."""
    one, other = pair
    frame = zmq.Frame(filled(LARGE), track=True)
    trackers = [one.send(frame), one.send(frame, copy=False), one.send(frame, track=True)]
    for _ in range(3):
        assert other.recv() == b"x" * LARGE
    assert trackers == [frame.tracker] * 3
    assert not frame.tracker.done
    del frame
    trackers[0].wait(5)


def test_a_frame_without_a_tracker_cannot_be_tracked(pair):
    """ValueError, and nothing is sent."""
    for call in (pair[0].send, lambda frame, **kwargs: pair[0].send_multipart([b"", frame], **kwargs)):
        with pytest.raises(ValueError, match="track=True"):
            call(zmq.Frame(b"x"), track=True)
    pair[0].send(b"next")
    assert pair[1].recv() == b"next"


def test_a_tracker_of_a_multipart_is_that_of_all_frames(make, inproc):
    """pyzmq's is of the last only."""
    one, other = make(zmq.PAIR, bind=inproc), make(zmq.PAIR, connect=inproc)
    tracker = one.send_multipart([filled(LARGE), b"small"], copy=False, track=True)
    assert not tracker.done
    other.recv_multipart()
    tracker.wait(5)


@pytest.mark.parametrize("data", [b"x", bytearray(65535)])
def test_what_is_small_is_copied_and_done(pair, data):
    """Whatever copy says."""
    assert pair[0].send(data, copy=False, track=True).done


def test_the_threshold_is_the_sockets(pair):
    """0 is none at all."""
    one, other = pair
    one.copy_threshold = 0
    data = filled(9)
    one.send(b"ahead")  # which may be written at once; what comes behind it is not
    tracker = one.send(data, copy=False, track=True)
    data[0] = ord("y")
    assert [other.recv(), other.recv()] == [b"ahead", b"yxxxxxxxx"]
    tracker.wait(5)


def test_copying_needs_no_tracker(pair):
    """As pyzmq, which returns none then."""
    data = filled(LARGE)
    assert pair[0].send(data, track=True) is None
    assert pair[0].send_multipart([data, data], track=True) is None
    data[:] = b""
    assert pair[1].recv() == b"x" * LARGE


# -- the end of it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["close", "term", "disconnect"])
def test_the_end_lets_go_of_what_was_not_sent(make, context, end):
    """Queued and half written, without LINGER."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*", rcvhwm=1)
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode(), linger=0)
    datas = [filled(HUGE), filled(LARGE)]
    trackers = [push.send(data, copy=False, track=True) for data in datas]
    until(lambda: push.peers()[0].bytes_out > LARGE)
    if end == "close":
        push.close()
    elif end == "term":
        context.destroy(linger=0)
    else:
        push.disconnect(pull.last_endpoint.decode())
    for data, tracker in zip(datas, trackers, strict=True):
        changed(data, tracker)


@pytest.fixture
def collector():
    """No garbage is collected: what is let go of must be so by itself."""
    gc.disable()
    yield
    gc.enable()


def test_a_send_that_fails_lets_go(make, collector):
    """Killed while it waits, timed out, or refused."""
    push = make(zmq.PUSH, connect="tcp://127.0.0.1:9", immediate=1, sndtimeo=-1)
    data = filled(LARGE)
    sender = gevent.spawn(push.send, data, copy=False)
    gevent.sleep(0.01)
    sender.kill()
    del sender
    for flags in (zmq.DONTWAIT, zmq.DONTWAIT | zmq.SNDMORE):
        with suppress(zmq.Again):
            push.send(data, flags, copy=False)
    with suppress(gevent.Timeout), gevent.Timeout(0.01):
        push.send(data, copy=False)
    gevent.sleep(0.001)  # the hub has switched to them last
    data[:] = b""


def test_half_a_multipart_is_let_go_of_when_its_socket_closes(make, inproc):
    """The frames that waited for the rest."""
    one, _ = make(zmq.PAIR, bind=inproc), make(zmq.PAIR, connect=inproc)
    data = filled(LARGE)
    tracker = one.send(data, zmq.SNDMORE, copy=False, track=True)
    assert not tracker.done
    one.close()
    changed(data, tracker)


def test_a_peer_that_is_killed_lets_go_of_what_was_half_written(make):
    """And what is whole in the queue goes to the next."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*", rcvhwm=1)
    endpoint = pull.last_endpoint.decode()
    push = make(zmq.PUSH, connect=endpoint, reconnect_ivl=1)
    first, second = filled(HUGE), filled(LARGE, b"y")
    trackers = [push.send(data, copy=False, track=True) for data in (first, second)]
    until(lambda: push.peers()[0].bytes_out > LARGE)
    pull.close()
    changed(first, trackers[0])
    assert not trackers[1].done
    again = make(zmq.PULL, bind=endpoint)
    assert again.recv() == b"y" * LARGE
    changed(second, trackers[1])


# -- patterns ---------------------------------------------------------------------------------------------------------


def test_publishing_to_three_shares_one_buffer(make, anywhere):
    """The tracker waits for all of them; topics are matched in a large first frame."""
    pub = make(zmq.XPUB, bind=anywhere)
    endpoint = pub.last_endpoint.decode()
    subs = [make(zmq.SUB, connect=endpoint) for _ in range(3)]
    for sub, topic in zip(subs, (b"xx", b"", b"y"), strict=True):
        sub.subscribe(topic)
    assert {pub.recv() for _ in subs} == {b"\x01xx", b"\x01", b"\x01y"}
    data = filled(LARGE)

    def publish():
        changed(data, pub.send(data, copy=False, track=True))
        pub.send(b"y")

    frames = gevent.spawn(lambda: [sub.recv() for sub in subs])
    publish()
    assert frames.get() == [b"x" * LARGE, b"x" * LARGE, b"y"]


def test_publishing_copies_nothing(make):
    """Not for three peers either."""
    pub = make(zmq.XPUB, bind="tcp://127.0.0.1:*", sndbuf=1 << 16)
    subs = [make(zmq.SUB, connect=pub.last_endpoint.decode(), rcvhwm=1) for _ in range(3)]
    for sub in subs:
        sub.subscribe(b"")
    pub.recv()
    gevent.sleep(0.01)
    data = filled(HUGE)
    assert peak(lambda: pub.send(data, copy=False)) < LARGE


@pytest.mark.parametrize("invert", [0, 1])
def test_a_subscriber_matches_a_large_first_frame(make, inproc, invert):
    """Over inproc it filters for itself what comes by XSUB's own peers."""
    pub = make(zmq.PUB, bind=inproc, invert_matching=invert)
    sub = make(zmq.SUB, connect=inproc, invert_matching=invert)
    sub.subscribe(b"xxx")
    for letter in (b"x", b"y"):
        pub.send(filled(LARGE, letter), copy=False)
    assert sub.recv()[:1] == (b"y" if invert else b"x")


def test_subscribing_by_a_large_frame(make, inproc):
    """XSUB's subscription, XPUB's answer and XSUB's own message."""
    xpub, xsub = make(zmq.XPUB, bind=inproc), make(zmq.XSUB, connect=inproc)
    topic = filled(LARGE)
    xsub.send(b"\1" + topic, copy=False)
    xsub.send(filled(LARGE, b"z"), copy=False)
    assert (xpub.recv(), xpub.recv()) == (b"\1" + topic, b"z" * LARGE)
    xpub.send(topic + b"tail", copy=False)
    assert xsub.recv() == topic + b"tail"


def test_envelopes_and_large_bodies(make, anywhere):
    """REQ to ROUTER to DEALER to REP and back, shared all the way but where the user has bytes."""
    front = make(zmq.ROUTER, bind=anywhere)
    client = make(zmq.REQ, connect=front.last_endpoint.decode())
    back = make(zmq.DEALER, bind="tcp://127.0.0.1:*")
    server = make(zmq.REP, connect=back.last_endpoint.decode())
    client.send(filled(LARGE), copy=False)
    back.send_multipart(front.recv_multipart(copy=False), copy=False)
    server.send(server.recv(copy=False), copy=False)
    front.send_multipart(back.recv_multipart(copy=False), copy=False)
    assert client.recv() == b"x" * LARGE


def test_a_large_first_frame_is_nobodys_routing_id(make, inproc):
    """It is looked up like any other."""
    router = make(zmq.ROUTER, bind=inproc, router_mandatory=1)
    with pytest.raises(zmq.ZMQError) as caught:
        router.send_multipart([filled(LARGE), b"x"], copy=False)
    assert caught.value.errno == zmq.EHOSTUNREACH


def test_a_large_routing_id_that_is_somebodys(make, inproc):
    """With a threshold of one byte."""
    router = make(zmq.ROUTER, bind=inproc)
    dealer = make(zmq.DEALER, routing_id=b"anna", connect=inproc)
    router.copy_threshold = 1
    router.send_multipart([bytearray(b"anna"), bytearray(b"hello")], copy=False)
    router.send(bytearray(b"anna"), zmq.SNDMORE, copy=False)
    router.send(bytearray(b"again"), copy=False)
    assert (dealer.recv(), dealer.recv()) == (b"hello", b"again")


@pytest.mark.parametrize("options", [{"kind": zmq.STREAM}, {"kind": zmq.ROUTER, "router_raw": 1}], ids=str)
def test_large_buffers_and_routing_ids_of_raw_connections(make, options):
    """Sent from where they are, one by one and together."""
    server = make(**options, bind="tcp://127.0.0.1:*")
    peer = create_connection(("127.0.0.1", int(server.last_endpoint.rpartition(b":")[2])))
    routing_id, _ = server.recv_multipart()
    server.copy_threshold = 1
    data = filled(LARGE)
    reader = gevent.spawn(swallow, peer, b"words")
    changed(data, server.send_multipart([bytearray(routing_id), data], copy=False, track=True))
    server.send(bytearray(routing_id), zmq.SNDMORE, copy=False)
    server.send(bytearray(b"words"), copy=False)
    assert reader.get() == LARGE + 5


# -- memory -----------------------------------------------------------------------------------------------------------


WAYS = {
    "send": lambda push, data: push.send(data, copy=False, track=True),
    "send_multipart": lambda push, data: push.send_multipart([data], copy=False, track=True),
    "frame": lambda push, data: push.send(zmq.Frame(data, track=True)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hello", [greeting1("PULL"), greeting2("PULL"), hello3("PULL")], ids=["1.0", "2.0", "3.1"])
def test_sending_copies_nothing(make, way, hello):
    """Not when it is queued, nor when it is written, to peers of every version."""
    push = make(zmq.PUSH, bind="tcp://127.0.0.1:*")
    peer = create_connection(("127.0.0.1", int(push.last_endpoint.rpartition(b":")[2])))
    peer.sendall(hello)
    data = mmap.mmap(-1, 8 * LARGE)
    data[-5:] = b"words"
    reader = gevent.spawn(swallow, peer, b"words")
    assert peak(lambda: WAYS[way](push, data).wait(5)) < LARGE
    assert 8 * LARGE < reader.get() < 8 * LARGE + 200
    data.close()  # which nobody may prevent any more


def swallow(peer, last):
    """Read until these words; the number of bytes."""
    count, room = 0, bytearray(1 << 16)
    with peer:
        while (size := peer.recv_into(room)) and room[:size][-len(last) :] != last:
            count += size
    return count + size


@pytest.mark.parametrize("copy", [True, False])
def test_receiving_holds_a_large_body_once(make, copy):
    """Bytes or Frame: the memory that the kernel wrote to is what the user gets."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode())
    data = bytes(32 * LARGE)
    push.send(data), pull.recv()  # after which the peer is believed
    push.send(data)
    got = []
    assert peak(lambda: got.append(pull.recv(copy=copy))) < 34 * LARGE
    assert len(got[0]) == 32 * LARGE


def test_a_received_frame_can_be_written_where_it_is(make):
    """As with pyzmq; bytes that were read before stay."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode())
    push.send(b"x" * LARGE)
    frame = pull.recv(copy=False)
    assert peak(lambda: frame.buffer.__setitem__(0, 1)) < LARGE / 2
    assert frame.bytes[:2] == b"\1x"


def test_receiving_into_a_buffer_of_ones_own(pair):
    """From a shared buffer too."""
    one, other = pair
    room = bytearray(LARGE)
    one.send(filled(LARGE), copy=False)
    assert other.recv_into(room) == LARGE
    assert room == filled(LARGE)


def test_large_bodies_are_taken_before_many_more_are_read(make):
    """What a receiver has not yet had is a MiB and a body: their memory is used again and again."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode())
    gevent.spawn(lambda: [push.send(bytes(1 << 16)) for _ in range(400)])
    waiting = []
    for _ in range(400):
        pull.recv()
        waiting += [len(pipe.inbox) for pipe in pull._core.pipes]
    assert max(waiting) <= 17
