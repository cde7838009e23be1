"""Claims of many greenlets on one socket: waiting, time-outs, kills, closing."""

import errno
import time
from itertools import pairwise

import gevent
import pytest
from gevent.pool import Group

import gzmq as zmq

from .claims import refuses, until


def test_greenlets_receive_in_order_of_arrival(joined):
    """FIFO: who came first gets the first message."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    got = []
    waiting = [gevent.spawn(lambda number=number: got.append((number, pull.recv()))) for number in range(5)]
    until(lambda: len(pull._core.receivers) == 5)
    for number in range(5):
        push.send(b"%d" % number)
    gevent.joinall(waiting, timeout=5)
    assert got == [(number, b"%d" % number) for number in range(5)]


def test_many_greenlets_share_a_socket_without_loss(joined):
    """Ten senders, ten receivers: every message once, multiparts whole."""
    pull, push = joined(zmq.PULL, zmq.PUSH)
    got = []

    def send(sender):
        for number in range(200):
            push.send_multipart([b"%d" % sender, b"%d" % number])

    def receive():
        while True:
            got.append(tuple(pull.recv_multipart()))

    senders = [gevent.spawn(send, sender) for sender in range(10)]
    receivers = [gevent.spawn(receive) for _ in range(10)]
    until(lambda: len(got) == 2000)
    assert len(set(got)) == 2000
    gevent.killall(senders + receivers)


def test_frames_of_two_greenlets_do_not_mix(joined):
    """SNDMORE and RCVMORE belong to the greenlet that sends or receives."""
    push, pull = joined(zmq.PUSH, zmq.PULL)

    def send(name):
        for i in range(3):
            push.send(name + b"%d" % i, zmq.SNDMORE if i < 2 else 0)
            gevent.sleep(0)

    gevent.joinall([gevent.spawn(send, name) for name in (b"a", b"b")], timeout=5)
    got = []

    def receive():
        frames = [pull.recv()]
        while pull.getsockopt(zmq.RCVMORE):
            gevent.sleep(0)
            frames.append(pull.recv())
        got.append(frames)

    gevent.joinall([gevent.spawn(receive) for _ in range(2)], timeout=5)
    assert sorted(got) == [[b"a0", b"a1", b"a2"], [b"b0", b"b1", b"b2"]]


@pytest.mark.parametrize("timeout", [1, 50])
def test_rcvtimeo_and_sndtimeo_are_honoured(make, timeout):
    """Field note A2: Again, not before its time."""
    pull, push = make(zmq.PULL, rcvtimeo=timeout), make(zmq.PUSH, sndtimeo=timeout)
    for call in (pull.recv, lambda: push.send(b"x")):
        start = time.monotonic()
        assert refuses(errno.EAGAIN, call)
        assert time.monotonic() - start > timeout / 1000 * 0.9


def test_a_foreign_timeout_keeps_its_identity(make):
    """Field note A5: gevent.Timeout is neither swallowed nor wrapped."""
    pull = make(zmq.PULL, rcvtimeo=-1)
    timeout = gevent.Timeout(0.01)
    with pytest.raises(gevent.Timeout) as caught, timeout:
        pull.recv()
    assert caught.value is timeout


def test_killing_a_receiver_loses_no_message(joined):
    """Field note A5: killed at any point, the message is there for the next."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    got = []

    def receive():
        while True:
            got.append(pull.recv())

    for number in range(200):
        greenlet = gevent.spawn(receive)
        gevent.sleep(0)
        push.send(b"%d" % number)
        if number % 2:
            gevent.sleep(0)
        greenlet.kill(block=bool(number % 3))
    gevent.spawn(receive)
    until(lambda: len(got) == 200)
    assert got == [b"%d" % number for number in range(200)]


def test_killing_a_sender_neither_loses_nor_doubles(make, inproc):
    """A send that was killed did not happen."""
    pull = make(zmq.PULL, bind=inproc, rcvhwm=1)
    push = make(zmq.PUSH, connect=inproc, sndhwm=1)
    sent = []

    def send(number):
        push.send(b"%d" % number)
        sent.append(b"%d" % number)

    senders = [gevent.spawn(send, number) for number in range(20)]
    gevent.sleep(0)
    for sender in senders[::2]:
        sender.kill(block=False)
    got = []
    while pull.poll(20):
        got.append(pull.recv())
    gevent.joinall(senders, timeout=5)
    assert sorted(got) == sorted(sent) and len(sent) >= 10


def test_closing_wakes_all_who_wait(make):
    """ENOTSOCK for every greenlet in recv, send or poll."""
    pull, push = make(zmq.PULL, rcvtimeo=-1), make(zmq.PUSH, sndtimeo=-1)
    group = Group()
    waiting = [group.spawn(refuses, errno.ENOTSOCK, call) for call in (pull.recv, pull.recv, pull.poll)]
    waiting += [group.spawn(refuses, errno.ENOTSOCK, push.send, b"x") for _ in range(2)]
    gevent.sleep(0.01)
    pull.close()
    push.close()
    assert group.join(timeout=5) and all(greenlet.get() for greenlet in waiting)


def test_terminating_wakes_all_who_wait(make, context):
    """ETERM; term returns once they have closed their sockets."""
    pull = make(zmq.PULL, rcvtimeo=-1)

    def receive():
        assert refuses(zmq.Errno.ETERM, pull.recv)
        pull.close()

    waiting = gevent.spawn(receive)
    gevent.sleep(0.01)
    context.term()
    waiting.get(timeout=5)
    assert refuses(zmq.Errno.ETERM, context.socket, zmq.PULL)


@pytest.mark.parametrize("transport", ["tcp://127.0.0.1:*", "inproc"])
@pytest.mark.parametrize("hwm", [0, 1000])
def test_a_flood_leaves_others_their_turn(make, inproc, transport, hwm):
    """Field note A10: a ticker ticks while two greenlets flood a socket."""
    pull = make(zmq.PULL, bind=inproc if transport == "inproc" else transport, rcvhwm=hwm)
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode(), sndhwm=hwm)
    ticks = []

    def tick():
        while True:
            ticks.append(len(got))
            gevent.sleep(0)

    got = []
    sender = gevent.spawn(lambda: [push.send(b"x") for _ in range(50_000)])
    ticker = gevent.spawn(tick)
    for _ in range(50_000):
        got.append(pull.recv())
    sender.get()
    ticker.kill()
    longest = max(after - before for before, after in pairwise(ticks))
    assert longest <= 5000


def test_a_publisher_in_a_tight_loop_leaves_others_their_turn(make):
    """It never blocks, and still gives way."""
    pub = make(zmq.PUB, bind="tcp://127.0.0.1:*")
    ticks = []
    ticker = gevent.spawn(lambda: [ticks.append(gevent.sleep(0)) for _ in range(10)])
    for _ in range(20_000):
        pub.send(b"x")
    assert len(ticks) == 10
    ticker.get()


def test_a_loop_of_noblock_receives_gets_its_message(joined):
    """Whoever spins without ever letting the hub run still moves on."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    with gevent.Timeout(5):
        while True:
            try:
                assert pull.recv(zmq.NOBLOCK) == b"x"
                break
            except zmq.Again:
                pass


def test_iteration_gives_messages_until_the_socket_closes(joined):
    """Ours: ``for message in socket``."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    push.send(b"one")
    push.send_multipart([b"two", b"parts"])
    got = []
    for message in pull:
        got.append(message)
        if len(got) == 2:
            pull.close()
    assert got == [b"one", [b"two", b"parts"]]
