"""The vocabulary of the claims."""

import gevent
import pytest

import gzmq as zmq


def must_not_recv(socket):
    """Nothing is there, nor comes within a few turns of the hub."""
    for _ in range(5):
        gevent.sleep(0.002)
        with pytest.raises(zmq.Again):
            socket.recv(zmq.DONTWAIT)


def until(condition, seconds=5):
    """Let the hub run until a condition holds; fail when it does not in time."""
    with gevent.Timeout(seconds, AssertionError(f"not within {seconds} s: {condition}")):
        while not condition():
            gevent.sleep(0.001)


def drain(socket):
    """Every message that is there now."""
    found = []
    while socket.poll(20):
        found.append(socket.recv_multipart())
    return found


def refuses(code, call, *args, **kwargs):
    """Whether a call raises ZMQError with this errno."""
    with pytest.raises(zmq.ZMQError) as caught:
        call(*args, **kwargs)
    assert caught.value.errno == code, caught.value
    return True


def subscribed(pub, sub, topic=b"\xffready"):
    """Wait until what `sub` asks for is known to `pub`: publish a probe until it arrives, then drop the probes."""
    sub.subscribe(topic)
    probe = topic
    with gevent.Timeout(15):
        while not sub.poll(5):
            pub.send(probe)
    while sub.poll(20):
        sub.recv()
    sub.unsubscribe(topic)
