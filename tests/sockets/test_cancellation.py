"""Claims of storms: kills and time-outs at random, wherever greenlets wait; nothing is lost, doubled or left behind."""

import random
from contextlib import suppress

import gevent
import pytest

import gzmq as zmq

from .claims import until

#: Types that talk, and what to put before a message so that the other gets it.
PAIRS = [
    (zmq.PUSH, zmq.PULL, []),
    (zmq.PAIR, zmq.PAIR, []),
    (zmq.DEALER, zmq.DEALER, []),
    (zmq.DEALER, zmq.ROUTER, []),
    (zmq.ROUTER, zmq.DEALER, [b"peer"]),
    (zmq.XPUB, zmq.XSUB, []),
    (zmq.PUB, zmq.SUB, []),
    (zmq.CLIENT, zmq.SERVER, None),
    (zmq.SCATTER, zmq.GATHER, None),
    (zmq.CHANNEL, zmq.CHANNEL, None),
]
KILLS = 350  # for each of 30 storms: more than 10^4 together


class Storm:
    """Greenlets that send numbers and receive them, and that are killed or timed out again and again."""

    def __init__(self, sender, receiver, front, seed):
        self.sender, self.receiver, self.front = sender, receiver, front
        self.random = random.Random(seed)
        self.sent, self.got = [], []
        self.number = 0
        self.poller = zmq.Poller()
        self.poller.register(receiver, zmq.POLLIN)
        self.poller.register(sender, zmq.POLLOUT)

    def send(self):
        while True:
            number, self.number = self.number, self.number + 1
            body = b"%d" % number
            if self.front is None:
                self.sender.send(body)
            else:
                self.sender.send_multipart([*self.front, body, b"part"])
            self.sent.append(number)
            if number % 3 == 0:
                self.sender.poll(5, zmq.POLLOUT)

    def receive(self):
        while True:
            if self.random.random() < 0.3:
                self.poller.poll(2)
            message = [self.receiver.recv()] if self.front is None else self.receiver.recv_multipart()
            if self.front is not None:
                assert message.pop() == b"part"
            self.got.append(int(message[-1]))

    def look(self):
        while True:
            zmq.select([self.receiver], [self.sender], [], 0.002)
            gevent.sleep(0)

    def with_timeouts(self, job):
        """Time-outs of gevent's, out of whatever call it is in."""
        while True:
            with gevent.Timeout(self.random.random() * 0.003, False):
                job()

    def rage(self, kills):
        jobs = [self.send, self.send, self.receive, self.receive, self.look]
        jobs += [lambda: self.with_timeouts(self.receive), lambda: self.with_timeouts(self.send)]
        running = [gevent.spawn(job) for job in jobs]
        for _ in range(kills):
            at = self.random.randrange(len(jobs))
            running[at].kill(block=False)
            running[at] = gevent.spawn(jobs[at])
            if self.random.random() < 0.2:
                gevent.sleep(self.random.choice([0, 0, 0.001]))
        gevent.killall(running)


def waiters(*sockets):
    """How many wait, or watch."""
    cores = [socket._core for socket in sockets]
    return [len(part) for core in cores for part in (core.receivers, core.senders, core.watchers)]


@pytest.mark.parametrize("sender, receiver, front", PAIRS)
def test_a_storm_loses_and_doubles_nothing(make, anywhere, sender, receiver, front):
    """What a send returned from arrives once; what was killed before that, at most once; in order per sender."""
    one = make(sender, bind=anywhere, sndhwm=10)
    other = make(receiver, rcvhwm=10, routing_id=b"peer") if receiver == zmq.DEALER else make(receiver, rcvhwm=10)
    for option, value in {"router_mandatory": 1, "xpub_nodrop": 1}.items():
        with suppress(zmq.ZMQError, AttributeError):
            setattr(one, option, value)
    other.connect(one.last_endpoint.decode())
    if receiver == zmq.SUB:
        other.subscribe(b"")
    if receiver == zmq.XSUB:
        other.send(b"\1")
    until(lambda: one.peers() and one.peers()[0].connected)
    if sender in (zmq.PUB, zmq.XPUB):
        until(lambda: one.topics_count)
    storm = Storm(one, other, front, seed=sender * 100 + receiver)
    storm.rage(KILLS)
    while other.poll(50):
        message = [other.recv()] if front is None else other.recv_multipart()[:-1]
        storm.got.append(int(message[-1]))
    assert len(storm.got) == len(set(storm.got))
    assert set(storm.sent) <= set(storm.got)
    assert waiters(one, other) == [0] * 6
    one.send_multipart([*(front or []), b"last"]), other.recv_multipart()


def test_a_storm_of_requests(make, anywhere):
    """A REQ whose greenlet was killed can ask anew when RELAXED and CORRELATE say so; each answer is its question's."""
    rep = make(zmq.REP, bind=anywhere)
    req = make(zmq.REQ, connect=rep.last_endpoint.decode(), req_relaxed=1, req_correlate=1)
    asked = iter(range(10**6))

    def serve():
        while True:
            with suppress(zmq.ZMQError):  # killed between the two: the next asks for its turn
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
    assert waiters(req, rep) == [0] * 6
