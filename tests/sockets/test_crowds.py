"""Claims of sockets with many peers: their end is taken in slices, and is an end all the same.

`python -m benchmarks.scale` measures the full numbers.
"""

import threading

import gevent
import pytest

import gzmq as zmq
from gzmq.slices import SLICE

from .claims import until

MANY = 2 * SLICE + 10


@pytest.fixture
def crowd(context, make):
    """A bound socket and many that are connected to it: ``crowd(zmq.ROUTER, zmq.DEALER)``."""

    def crowd(kind, others, endpoint="tcp://127.0.0.1:*"):
        context.max_sockets = MANY + 100
        bound = make(kind, bind=endpoint, backlog=1000)
        made = []
        for _ in range(MANY):
            made.append(make(others, connect=bound.last_endpoint))
            gevent.sleep(0)
        until(lambda: len(bound.peers()) == MANY, 20)
        return bound, made

    return crowd


def test_a_socket_of_many_peers_lets_the_hub_run_while_it_closes(crowd, context):
    """It is closed at once, its endpoint is free, and its peers go a slice at a time; `term` waits for the last."""
    router, dealers = crowd(zmq.ROUTER, zmq.DEALER)
    name, core = router.last_endpoint, router._core
    router.close()
    assert router.closed and core.pipes
    again = context.socket(zmq.ROUTER)
    again.bind(name)
    until(lambda: not core.pipes)
    again.close()
    context.destroy(linger=0)


def test_what_many_peers_were_sent_arrives(crowd, context):
    """Though the socket closes right behind it."""
    router, dealers = crowd(zmq.ROUTER, zmq.DEALER)
    for number, dealer in enumerate(dealers):
        dealer.send(b"%d" % number)
    for _ in dealers:
        router.send_multipart(router.recv_multipart())
    router.close()
    assert [dealer.recv() for dealer in dealers] == [b"%d" % number for number in range(MANY)]


def test_unbind_parts_with_many_peers(crowd):
    """The endpoint is free at once."""
    pull, pushes = crowd(zmq.PULL, zmq.PUSH)
    name = pull.last_endpoint
    pull.unbind(name)
    pull.bind(name)
    until(lambda: sum(peer.connected for peer in pull.peers()) >= MANY, 20)  # they are back


def test_a_thread_that_ends_while_a_crowd_leaves(context):
    """Its loop turns no more, and all is closed nevertheless."""
    context.max_sockets = 3 * MANY
    before = context.socket(zmq.ROUTER)

    def work():
        router = context.socket(zmq.ROUTER)
        router.bind("ipc://*")
        dealers = [context.socket(zmq.DEALER) for _ in range(MANY)]
        for dealer in dealers:
            dealer.connect(router.last_endpoint)
            gevent.sleep(0)
        until(lambda: len(router.peers()) == MANY, 20)
        router.close(0)
        for dealer in dealers:
            dealer.close(0)

    thread = threading.Thread(target=work)
    thread.start()
    gevent.get_hub().threadpool.apply(thread.join, (30,))
    before.close()
    with gevent.Timeout(10):
        context.term()
