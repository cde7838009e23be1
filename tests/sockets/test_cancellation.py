"""Claims of storms of kills and time-outs in the midst of traffic: nothing is lost, doubled or left behind."""

import random

import gevent
import pytest

import gzmq as zmq

from .claims import until
from .storms import Holdings, Storm

KILLS = 350  # for each of more than 30 storms: more than 10^4 together


# How two sockets talk: what sends a number, and what receives some.


def parts(one, other, *front):
    """In messages of two frames and what the sender's type wants in front of them."""

    def receive():
        *_, body, part = other.recv_multipart()
        assert part == b"part"
        return [int(body)]

    return lambda number: one.send_multipart([*front, b"%d" % number, b"part"]), receive


def single(one, other, **to):
    """In messages of one frame."""
    return lambda number: one.send(b"%d" % number, **to), lambda: [int(other.recv())]


def subscribed(one, other):
    """As `parts`, once the publisher knows what the other wants; it waits for room."""
    if other.socket_type == zmq.SUB:
        other.subscribe(b"")
    else:
        other.send(b"\1")
    one.xpub_nodrop = True
    until(lambda: one.topics_count)
    return parts(one, other)


def named(one, other):
    """A ROUTER names the peer."""
    one.router_mandatory = 1
    return parts(one, other, b"peer")


def numbered(one, other, **to):
    """The peer got a number when it spoke first."""
    other.send(b"hello", **to)
    return single(one, other, routing_id=one.recv(copy=False).routing_id)


def peered(one, other):
    """Both have numbers for each other."""
    return numbered(one, other, routing_id=other.connect_peer(one.last_endpoint))


def grouped(one, other):
    """As `subscribed`; a message before all tells when the other is there."""
    other.join("group")
    one.xpub_nodrop = True
    while not other.poll(5):
        one.send(b"0", group="group")
    while other.poll(20):
        other.recv()
    return single(one, other, group="group")


def raw(one, other):
    """Bytes without bounds, eight for a number."""
    (peer, nothing), _ = one.recv_multipart(), other.recv_multipart()
    assert not nothing
    held = bytearray()

    def receive():
        held.extend(other.recv_multipart()[1])
        whole = len(held) // 8 * 8
        numbers = [int(held[at : at + 8]) for at in range(0, whole, 8)]
        del held[:whole]
        return numbers

    return lambda number: one.send_multipart([peer, b"%08d" % number]), receive


PAIRS = [
    (zmq.PUSH, zmq.PULL, parts),
    (zmq.PAIR, zmq.PAIR, parts),
    (zmq.DEALER, zmq.DEALER, parts),
    (zmq.DEALER, zmq.ROUTER, parts),
    (zmq.ROUTER, zmq.DEALER, named),
    (zmq.XPUB, zmq.XSUB, subscribed),
    (zmq.PUB, zmq.SUB, subscribed),
    (zmq.CLIENT, zmq.SERVER, single),
    (zmq.SERVER, zmq.CLIENT, numbered),
    (zmq.SCATTER, zmq.GATHER, single),
    (zmq.CHANNEL, zmq.CHANNEL, single),
    (zmq.PEER, zmq.PEER, peered),
    (zmq.RADIO, zmq.DISH, grouped),
]


def survives(storm, kills=KILLS):
    """What a send returned from arrives once; what was killed before that, at most once; nothing and nobody stays."""
    held = Holdings(storm.sender, storm.receiver)
    storm.rage(kills)
    assert len(storm.got) == len(set(storm.got))
    assert set(storm.sent) <= set(storm.got)
    assert len(storm.sent) > kills / 10
    storm.send_one(storm.number)
    assert storm.receive_some() == [storm.number]
    return held.are_as_before()


@pytest.mark.parametrize("sender, receiver, talk", PAIRS)
def test_a_storm_loses_and_doubles_nothing(make, anywhere, sender, receiver, talk):
    """Whatever the types, over each transport."""
    one = make(sender, bind=anywhere, sndhwm=10)
    other = make(receiver, rcvhwm=10, routing_id=b"peer") if receiver == zmq.DEALER else make(receiver, rcvhwm=10)
    if talk is not peered:
        other.connect(one.last_endpoint)
    until(lambda: talk is peered or (one.peers() and one.peers()[0].connected))
    assert survives(Storm(one, other, *talk(one, other), seed=sender * 100 + receiver))


@pytest.mark.parametrize("anywhere", ["tcp", "ipc"], indirect=True)
def test_a_storm_over_a_stream_of_bytes(make, anywhere):
    """STREAM: not a byte too many or too few."""
    one = make(zmq.STREAM, bind=anywhere, sndhwm=10)
    other = make(zmq.STREAM, connect=one.last_endpoint, rcvhwm=10)
    assert survives(Storm(one, other, *raw(one, other), seed=11))


def test_a_storm_of_datagrams(make):
    """DGRAM, and RADIO to DISH over udp: no more is under way than the kernel keeps, so that it drops nothing."""
    one, other = make(zmq.DGRAM, bind="udp://127.0.0.1:*", sndhwm=10), make(zmq.DGRAM, bind="udp://127.0.0.1:*")
    there = other.last_endpoint.removeprefix(b"udp://")
    dgrams = lambda number: one.send_multipart([there, b"%d" % number]), lambda: [int(other.recv_multipart()[1])]
    assert survives(Storm(one, other, *dgrams, seed=18, ahead=50))
    dish = make(zmq.DISH, bind="udp://127.0.0.1:*")
    radio = make(zmq.RADIO, connect=dish.last_endpoint, sndhwm=10)
    assert survives(Storm(radio, dish, *grouped(radio, dish), seed=14, ahead=50))


def test_a_storm_of_requests(make, anywhere):
    """A REQ whose greenlet was killed can ask anew when RELAXED and CORRELATE say so; each answer is its question's.

    A REP that answers at once owes nothing to anybody when its greenlet is killed: it never is between the two.
    """
    rep = make(zmq.REP, bind=anywhere)
    req = make(zmq.REQ, connect=rep.last_endpoint.decode(), req_relaxed=1, req_correlate=1)
    until(lambda: req.peers()[0].connected)
    held = Holdings(req, rep)
    asked = iter(range(10**6))

    def serve():
        while True:
            rep.send(rep.recv())

    def ask():
        while True:
            question = b"%d" % next(asked)
            req.send(question)
            assert req.recv() == question

    serving, asking = gevent.spawn(serve), gevent.spawn(ask)
    for number in range(KILLS):
        gevent.sleep(random.choice([0, 0, 0.0005]))
        assert not asking.ready()
        asking.kill()
        asking = gevent.spawn(ask)
        if number % 10 == 0:
            serving.kill()
            serving = gevent.spawn(serve)
    gevent.killall([serving, asking])
    assert held.are_as_before()


def test_a_wake_up_outlives_whom_it_was_for(make, inproc):
    """Who is killed just as a message wakes him passes that on to the next in line, who waits without a time-out."""
    push, pull = make(zmq.PUSH, bind=inproc), make(zmq.PULL, connect=inproc, rcvtimeo=-1)
    held, got = Holdings(push, pull), []
    for number in range(KILLS):
        waiting = [gevent.spawn(lambda: got.append(int(pull.recv()))) for _ in range(2)]
        gevent.sleep(0)
        steps = [lambda: waiting[0].kill(block=False), lambda: push.send(b"%d" % number)]  # noqa: B023
        random.shuffle(steps)
        for step in steps:
            step()
        until(lambda: got[-1:] == [number])  # noqa: B023
        gevent.killall(waiting)
    assert got == list(range(KILLS))
    assert held.are_as_before()
