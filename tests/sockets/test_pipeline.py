"""Claims of PUSH and PULL sockets."""

import errno

import gevent
import pytest

import gzmq as zmq

from .claims import drain, must_not_recv, refuses


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65535, 65536, 1 << 20])
def test_a_message_arrives_as_it_was_sent(joined, size):
    """Any size, over any transport."""
    pull, push = joined(zmq.PULL, zmq.PUSH)
    body = bytes(range(256)) * (size // 256 + 1)
    push.send(body[:size])
    assert pull.recv() == body[:size]


@pytest.mark.parametrize("parts", [1, 2, 3, 8])
def test_a_multipart_arrives_whole(joined, parts):
    """All frames, in order, none of the next message."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    message = [b"part %d" % i for i in range(parts)]
    push.send_multipart(message)
    push.send(b"next")
    assert pull.recv_multipart() == message
    assert pull.recv_multipart() == [b"next"]


def test_connect_before_bind(make, anywhere, tmp_path):
    """What was sent before anyone bound arrives once somebody does."""
    finder = make(zmq.PULL, bind=anywhere)
    address = finder.last_endpoint.decode()
    finder.close()
    push = make(zmq.PUSH, connect=address)
    push.send(b"early")
    pull = make(zmq.PULL, bind=address)
    assert pull.recv() == b"early"


def test_order_is_kept(joined):
    """Ten thousand messages come out as they went in."""
    pull, push = joined(zmq.PULL, zmq.PUSH)
    sender = gevent.spawn(lambda: [push.send(b"%d" % i) for i in range(10_000)])
    assert all(pull.recv() == b"%d" % i for i in range(10_000))
    sender.get()


def test_work_goes_round_over_the_wire(make):
    """Three pullers, equal shares."""
    push = make(zmq.PUSH, bind="tcp://127.0.0.1:*")
    pulls = [make(zmq.PULL, connect=push.last_endpoint.decode()) for _ in range(3)]
    for pull in pulls:  # each is there once it has had a message
        while not pull.poll(1):
            push.send(b"warm-up")
    for pull in pulls:
        drain(pull)
    for i in range(30):
        push.send(b"%d" % i)
    assert sorted(len(drain(pull)) for pull in pulls) == [10, 10, 10]


def test_push_without_peers_blocks(make, inproc):
    """EAGAIN at once with DONTWAIT, after SNDTIMEO otherwise."""
    push = make(zmq.PUSH, bind=inproc, sndtimeo=10)
    assert refuses(errno.EAGAIN, push.send, b"x", zmq.DONTWAIT)
    assert refuses(errno.EAGAIN, push.send, b"x")


def test_the_hwm_of_inproc_is_the_sum_of_both(make, inproc):
    """SNDHWM of one and RCVHWM of the other."""
    make(zmq.PULL, bind=inproc, rcvhwm=3)
    push = make(zmq.PUSH, connect=inproc, sndhwm=2)
    for _ in range(5):
        push.send(b"x", zmq.DONTWAIT)
    assert refuses(errno.EAGAIN, push.send, b"x", zmq.DONTWAIT)


def test_a_blocked_sender_goes_on_when_there_is_room(make, inproc):
    """Nothing is lost while it waits."""
    pull = make(zmq.PULL, bind=inproc, rcvhwm=1)
    push = make(zmq.PUSH, connect=inproc, sndhwm=1)
    sender = gevent.spawn(lambda: [push.send(b"%d" % i) for i in range(100)])
    assert [pull.recv() for _ in range(100)] == [b"%d" % i for i in range(100)]
    sender.get()


def test_conflate_keeps_the_last_message(make, inproc):
    """CONFLATE on the connecting side of inproc."""
    make_pull = make(zmq.PULL, bind=inproc)
    push = make(zmq.PUSH, connect=None, conflate=1)
    push.connect(inproc)
    for i in range(10):
        push.send(b"%d" % i)
    assert drain(make_pull) == [[b"9"]]


@pytest.mark.parametrize("kind, call", [(zmq.PULL, "send"), (zmq.PUSH, "recv")])
def test_the_wrong_direction_is_refused(make, kind, call):
    """ENOTSUP."""
    socket = make(kind)
    assert refuses(errno.ENOTSUP, getattr(socket, call), *([b"x"] if call == "send" else []))


def test_immediate_does_not_queue_for_a_peer_that_is_not_there(make):
    """IMMEDIATE: a pipe exists once the connection does."""
    push = make(zmq.PUSH, immediate=1)
    push.connect("tcp://127.0.0.1:9")
    assert refuses(errno.EAGAIN, push.send, b"x", zmq.DONTWAIT)


def test_an_incompatible_peer_is_never_part_of_the_round(make):
    """PUSH and SUB: the wire drops it with a reason, and the pattern never sees it."""
    push = make(zmq.PUSH, bind="tcp://127.0.0.1:*")
    monitor = push.get_monitor_socket()
    monitor.rcvtimeo = 5000
    stranger = make(zmq.SUB, connect=push.last_endpoint.decode())
    assert zmq.Event.HANDSHAKE_FAILED_PROTOCOL in iter(lambda: monitored(monitor), None)
    assert refuses(errno.EAGAIN, push.send, b"x", zmq.DONTWAIT)
    must_not_recv(stranger)


def monitored(monitor):
    return int.from_bytes(monitor.recv_multipart()[0][:2], "little")


def test_an_incompatible_inproc_connect_raises(make, inproc):
    """The message names both types and the endpoint."""
    make(zmq.PUB, bind=inproc)
    with pytest.raises(zmq.ZMQError, match=rf"peer is PUB, PUSH talks only to PULL \({inproc}\)"):
        make(zmq.PUSH, connect=inproc)
