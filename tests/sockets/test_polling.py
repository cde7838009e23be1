"""Claims of poll, Poller and select."""

import os

import gevent
import pytest

import gzmq as zmq


def test_poll_waits_for_a_message(joined):
    """POLLIN when one is there, 0 after the time-out."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    assert pull.poll(1) == 0
    push.send(b"x")
    assert pull.poll(5000) == zmq.POLLIN
    assert pull.poll(0) == zmq.POLLIN


def test_poll_out_needs_a_peer(make, inproc):
    """POLLOUT when a message would be taken."""
    push = make(zmq.PUSH, bind=inproc)
    assert push.poll(1, zmq.POLLOUT) == 0
    waiting = gevent.spawn(push.poll, 5000, zmq.POLLOUT)
    gevent.sleep(0)
    pull = make(zmq.PULL, connect=inproc)
    assert waiting.get(timeout=5) == zmq.POLLOUT and pull


def test_a_poller_watches_many(make):
    """The ones with events, and no others."""
    pulls = [make(zmq.PULL, bind="tcp://127.0.0.1:*") for _ in range(3)]
    poller = zmq.Poller()
    for pull in pulls:
        poller.register(pull, zmq.POLLIN)
    push = make(zmq.PUSH, connect=pulls[1].last_endpoint.decode())
    push.send(b"x")
    assert poller.poll(5000) == [(pulls[1], zmq.POLLIN)]


def test_a_poller_watches_file_descriptors_too(make, inproc):
    """Descriptors beside sockets, in one wait."""
    pull = make(zmq.PULL, bind=inproc)
    reader, writer = os.pipe()
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    poller.register(reader, zmq.POLLIN)
    gevent.spawn_later(0.005, os.write, writer, b"x")
    assert poller.poll(5000) == [(reader, zmq.POLLIN)]
    os.close(reader)
    os.close(writer)


def test_a_poller_forgets(make):
    """unregister, and modify with 0."""
    poller = zmq.Poller()
    one, other = make(zmq.PULL), make(zmq.PULL)
    for socket in (one, other):
        poller.register(socket, zmq.POLLIN)
    poller.unregister(one)
    poller.modify(other, 0)
    assert one not in poller and other not in poller and poller.poll(0) == []
    with pytest.raises(KeyError):
        poller.unregister(one)


def test_many_greenlets_poll_one_socket(joined):
    """Each hears of the message."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    polling = [gevent.spawn(pull.poll, 5000) for _ in range(5)]
    gevent.sleep(0)
    push.send(b"x")
    gevent.joinall(polling, timeout=5)
    assert [greenlet.value for greenlet in polling] == [zmq.POLLIN] * 5


def test_select_sorts_by_direction(joined):
    """Lists in, lists out; the time-out is in seconds."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    assert pull.poll(5000)
    assert zmq.select([pull], [push], [pull, push], 5) == ([pull], [push], [])
    pull.recv()
    assert zmq.select([pull], [], [], 0.001) == ([], [], [])


def test_a_loop_of_poll_zero_gets_its_message(joined):
    """poll(0) lets the connections have their turn."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    push.send(b"x")
    with gevent.Timeout(5):
        while not pull.poll(0):
            pass
