"""Claims of TCP_ACCEPT_FILTER: whose tcp connections are accepted."""

import errno

import pytest

import gzmq as zmq

from .claims import must_not_recv, refuses

TCP = "tcp://127.0.0.1:*"


@pytest.mark.parametrize(
    "filters, admitted",
    [
        ([], True),
        ([b"127.0.0.1"], True),
        ([b"127.0.0.1/32"], True),
        ([b"127.0.0.0/8"], True),
        ([b"127.9.9.9/8"], True),  # bits that do not count may be set
        ([b"0.0.0.0/0"], True),
        ([b"10.0.0.0/8", b"127.0.0.1"], True),
        ([b"10.0.0.0/8"], False),
        ([b"127.0.0.2"], False),
        ([b"::1"], False),
        ([b"10.0.0.0/8", b""], True),  # cleared
    ],
)
def test_who_may_connect(make, filters, admitted):
    """As in libzmq; the others are hung up on, which an event tells."""
    pull = make(zmq.PULL)
    for value in filters:
        pull.set(zmq.TCP_ACCEPT_FILTER, value)
    heard = pull.events(zmq.EVENT_ACCEPTED | zmq.EVENT_ACCEPT_FAILED)
    pull.bind(TCP)
    make(zmq.PUSH, connect=pull.last_endpoint).send(b"hello")
    event = next(heard)
    if admitted:
        assert event.event == zmq.EVENT_ACCEPTED and pull.recv() == b"hello"
    else:
        assert (event.event, event.value) == (zmq.EVENT_ACCEPT_FAILED, errno.EACCES)
        must_not_recv(pull)


def test_an_ipv4_peer_of_an_ipv6_listener(make):
    """It is known by its IPv4 address."""
    pull = make(zmq.PULL, ipv6=1, tcp_accept_filter=b"127.0.0.0/8")
    pull.bind("tcp://*:*")
    port = int(pull.last_endpoint.rpartition(b":")[2])
    make(zmq.PUSH, connect=f"tcp://127.0.0.1:{port}").send(b"hello")
    assert pull.recv() == b"hello"


@pytest.mark.parametrize("value", [b"x", b"127.0.0.1/33", b"127.0.0.1/-1", b"127.0.0.1/", b"localhost", b"/8", b"*"])
def test_what_is_no_network_is_refused(make, value):
    """EINVAL."""
    assert refuses(errno.EINVAL, make(zmq.PULL).set, zmq.TCP_ACCEPT_FILTER, value)
