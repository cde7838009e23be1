"""Claims of peers that gzmq or libzmq will not have: too large a message, a type that ours does not talk to."""

from errno import EAGAIN

import pytest

import gzmq as zmq

from .claims import KINDS, PAIRS, address, can, event, events, silent
from .frames import body

STRANGERS = [
    (ours, theirs) for ours in KINDS for theirs in KINDS if (ours, theirs) not in PAIRS and (theirs, ours) not in PAIRS
]


def test_a_message_beyond_maxmsgsize_costs_its_connection(make, peer, anywhere):
    """MAXMSGSIZE of ours: a frame of that size passes, a larger one does not and ends its sender's connection."""
    pull = make("PULL", bind=anywhere, maxmsgsize=1000)
    monitor = pull.get_monitor_socket(zmq.Event.DISCONNECTED)
    good, bad = (peer.socket("PUSH", connect=address(pull), reconnect_ivl=-1) for _ in range(2))
    for push in (good, bad):
        push.send_multipart([body(1000), body(1000)])
        assert pull.recv_multipart() == [body(1000), body(1000)]
    bad.send(body(1001))
    event(monitor, zmq.Event.DISCONNECTED)
    good.send(b"next")
    assert pull.recv() == b"next"
    assert silent(pull)


def test_maxmsgsize_of_a_connecting_socket(make, peer, anywhere):
    """The same when we have connected."""
    push = peer.socket("PUSH", bind=anywhere)
    pull = make("PULL", maxmsgsize=1000)
    monitor = pull.get_monitor_socket(zmq.Event.DISCONNECTED)
    pull.connect(address(push))
    push.send(body(1 << 20))
    event(monitor, zmq.Event.DISCONNECTED)
    assert silent(pull)


def test_libzmq_drops_us_beyond_its_maxmsgsize(joined, anywhere):
    """Its MAXMSGSIZE: what fits arrives, what does not ends the connection."""
    push, pull = joined("PUSH", "PULL", anywhere, {"reconnect_ivl": 20}, {"maxmsgsize": 1000})
    push.send(body(1000))
    assert pull.recv() == body(1000)
    monitor = push.get_monitor_socket(zmq.Event.DISCONNECTED)
    push.send(body(1001))
    event(monitor, zmq.Event.DISCONNECTED)


@pytest.mark.parametrize("kind, theirs", STRANGERS)
def test_types_that_do_not_talk_exchange_nothing(make, peer, we_bind, kind, theirs):
    """Our monitor says that the handshake failed, and no message passes either way.

    libzmq hangs up as soon as it has read our READY; whether its own has come by then decides if we know why.
    """
    ours, other = make(kind), peer.socket(theirs)
    failed = zmq.Event.HANDSHAKE_FAILED_PROTOCOL | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
    monitor = ours.get_monitor_socket(failed | zmq.Event.HANDSHAKE_SUCCEEDED)
    bound, connected = (ours, other) if we_bind else (other, ours)
    bound.bind("tcp://127.0.0.1:*")
    connected.connect(address(bound))
    event(monitor, failed, 2)
    for sender, kind_of_it in ((ours, kind), (other, theirs)):
        if can(kind_of_it)[0]:
            attempt(sender, [b"\1", b"", b"message"])
    for receiver, kind_of_it in ((ours, kind), (other, theirs)):
        assert not can(kind_of_it)[1] or silent(receiver, 10)
    assert zmq.Event.HANDSHAKE_SUCCEEDED not in events(monitor, 0)


def attempt(socket, message):
    """Send what nobody may receive; that it cannot be sent is as well."""
    try:
        socket.send_multipart(message, zmq.DONTWAIT)
    except Exception as error:
        assert getattr(error, "errno", None) in (EAGAIN, zmq.EFSM), error
