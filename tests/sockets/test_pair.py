"""Claims of PAIR sockets."""

import errno

import pytest

import gzmq as zmq

from .claims import drain, must_not_recv, refuses


def test_a_pair_talks_both_ways(joined):
    """31/EXCLPAIR: bidirectional."""
    one, other = joined(zmq.PAIR, zmq.PAIR)
    one.send(b"1")
    other.send_multipart([b"2", b"3"])
    assert other.recv() == b"1"
    assert one.recv_multipart() == [b"2", b"3"]


def test_a_second_peer_is_never_served(make):
    """31/EXCLPAIR: one peer at a time."""
    bound = make(zmq.PAIR, bind="tcp://127.0.0.1:*")
    first = make(zmq.PAIR, connect=bound.last_endpoint.decode())
    first.send(b"first")
    assert bound.recv() == b"first"
    second = make(zmq.PAIR, connect=bound.last_endpoint.decode())
    second.send(b"second")
    must_not_recv(bound)
    bound.send(b"x")
    assert first.recv() == b"x"


def test_the_next_peer_is_served_once_the_first_has_gone(make, inproc):
    """The place is free again."""
    bound = make(zmq.PAIR, bind=inproc)
    first = make(zmq.PAIR, connect=inproc)
    first.send(b"last words")
    first.close()
    second = make(zmq.PAIR, connect=inproc)
    second.send(b"hello")
    assert drain(bound) == [[b"last words"], [b"hello"]]


@pytest.mark.parametrize("bound", [True, False])
def test_a_pair_without_a_peer_blocks(make, inproc, bound):
    """EAGAIN with DONTWAIT when nobody is there."""
    pair = make(zmq.PAIR, bind=inproc if bound else None)
    assert refuses(errno.EAGAIN, pair.send, b"x", zmq.DONTWAIT)
