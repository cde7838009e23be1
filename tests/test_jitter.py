"""Claims of other greenlets while messages flood a process: none works for long without letting a timer ring.

How long is told in processor time of the thread, which other programs do not use; `python -m benchmarks --rows jitter`
has the figures.
"""

import gc
from contextlib import contextmanager, suppress
from time import thread_time

import gevent
import pytest

import gzmq as zmq

from .sockets.conftest import context, hub_errors, inproc, make

__all__ = ["context", "hub_errors", "inproc", "make"]

#: Seconds of work that a flood takes, and between two ticks at the most; the figures are a tenth of that.
FLOOD, MOST = 0.25, 0.15


@contextmanager
def ticking():
    """A greenlet that sleeps for a millisecond again and again: gives how long the thread worked meanwhile."""
    worked = []

    def tick():
        while True:
            before = thread_time()
            try:
                gevent.sleep(0.001)
            finally:
                worked.append(thread_time() - before)

    gc.collect()
    gc.disable()  # it grows with all that the tests hold
    ticker = gevent.spawn(tick)
    gevent.sleep(0)
    yield worked
    ticker.kill()
    gc.enable()


def flood(call, *args):
    """Call again and again, for a while."""
    end = thread_time() + FLOOD
    while thread_time() < end:
        call(*args)


def answer(socket):
    """Send back what comes."""
    with suppress(zmq.ZMQError):
        while True:
            socket.send_multipart(socket.recv_multipart())


def take(socket):
    """Receive, for ever."""
    with suppress(zmq.ZMQError):
        while True:
            socket.recv_multipart()


@pytest.mark.parametrize(
    "kinds, scheme, hwm, size",
    [
        ("PULL-PUSH", "tcp", 0, 1),
        ("PULL-PUSH", "tcp", 1000, 1),
        ("PULL-PUSH", "tcp", 1000, 1 << 20),
        ("PULL-PUSH", "inproc", 0, 1),
        ("PULL-PUSH", "inproc", 1000, 1),
        ("SUB-PUB", "tcp", 0, 1),
        ("SUB-PUB", "tcp", 1000, 1),
        ("SUB-PUB", "inproc", 1000, 1),
        ("PAIR-PAIR", "tcp", 0, 1),
    ],
)
def test_one_way(make, inproc, kinds, scheme, hwm, size):
    """A pipeline, a publisher that never waits, and messages without a bound."""
    endpoint = "tcp://127.0.0.1:*" if scheme == "tcp" else inproc
    kinds = [zmq.SocketType[kind] for kind in kinds.split("-")]
    target = make(kinds[0], bind=endpoint, rcvhwm=hwm)
    if kinds[0] == zmq.SUB:
        target.subscribe(b"")
    source = make(kinds[1], connect=target.last_endpoint.decode(), sndhwm=hwm)
    gevent.spawn(take, target)
    gevent.sleep(0.02)
    with ticking() as worked:
        flood(source.send, bytes(size))
    assert max(worked) < MOST


def test_to_many(make):
    """A publisher and thirty subscribers."""
    publisher = make(zmq.PUB, bind="tcp://127.0.0.1:*")
    for _ in range(30):
        subscriber = make(zmq.SUB, connect=publisher.last_endpoint)
        subscriber.subscribe(b"")
        gevent.spawn(take, subscriber)
    gevent.sleep(0.1)
    with ticking() as worked:
        flood(publisher.send, b"x")
    assert max(worked) < MOST


@pytest.mark.parametrize("scheme", ["tcp", "inproc"])
def test_questions_and_answers(make, inproc, scheme):
    """Of ten REQs, all at once."""
    rep = make(zmq.REP, bind="tcp://127.0.0.1:*" if scheme == "tcp" else inproc)
    gevent.spawn(answer, rep)

    def ask(req):
        req.send(b"?")
        req.recv()

    reqs = [make(zmq.REQ, connect=rep.last_endpoint.decode()) for _ in range(10)]
    with ticking() as worked:
        gevent.joinall([gevent.spawn(flood, ask, req) for req in reqs], raise_error=True)
    assert max(worked) < MOST


@pytest.mark.parametrize("scheme, hwm", [("tcp", 0), ("tcp", 1000), ("inproc", 1000)])
def test_many_questions_before_the_answers(make, inproc, scheme, hwm):
    """DEALER and ROUTER."""
    router = make(zmq.ROUTER, bind="tcp://127.0.0.1:*" if scheme == "tcp" else inproc, sndhwm=hwm, rcvhwm=hwm)
    dealer = make(zmq.DEALER, connect=router.last_endpoint.decode(), sndhwm=hwm, rcvhwm=hwm)
    gevent.spawn(answer, router)
    gevent.spawn(take, dealer)
    with ticking() as worked:
        flood(dealer.send, b"?")
    assert max(worked) < MOST


@pytest.mark.parametrize("scheme, hwm", [("tcp", 0), ("tcp", 1000), ("inproc", 1000)])
def test_a_proxy(make, inproc, scheme, hwm):
    """Between a PULL and a PUSH of one process, with the ends of both."""
    ends = ["tcp://127.0.0.1:*"] * 2 if scheme == "tcp" else [inproc, inproc + "-back"]
    front, back = make(zmq.PULL, bind=ends[0], rcvhwm=hwm), make(zmq.PUSH, bind=ends[1], sndhwm=hwm)
    source = make(zmq.PUSH, connect=front.last_endpoint.decode(), sndhwm=hwm)
    target = make(zmq.PULL, connect=back.last_endpoint.decode(), rcvhwm=hwm)
    gevent.spawn(take, target)
    forwarding = gevent.spawn(zmq.proxy, front, back)
    with ticking() as worked:
        flood(source.send, b"x")
    forwarding.kill()
    assert max(worked) < MOST
