"""Claims of peers that go and come back."""

import errno
import socket as net

import gevent
import gevent.socket
import pytest

import gzmq as zmq

from .claims import refuses, until


def free_port():
    with net.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def address():
    return f"tcp://127.0.0.1:{free_port()}"


def test_connect_succeeds_before_anyone_binds(make, address):
    """And what is sent meanwhile arrives."""
    push = make(zmq.PUSH, connect=address, reconnect_ivl=10)
    for i in range(10):
        push.send(b"%d" % i)
    gevent.sleep(0.03)
    pull = make(zmq.PULL, bind=address)
    assert [pull.recv() for _ in range(10)] == [b"%d" % i for i in range(10)]


def test_sends_queue_up_to_hwm_while_nobody_is_there(make, address):
    """SNDHWM messages, then EAGAIN."""
    push = make(zmq.PUSH, connect=address, sndhwm=5)
    for _ in range(5):
        push.send(b"x", zmq.DONTWAIT)
    assert refuses(errno.EAGAIN, push.send, b"x", zmq.DONTWAIT)


def test_a_restarted_binder_is_found_again(make, address):
    """Messages queued while it was away are delivered."""
    pull = make(zmq.PULL, bind=address)
    push = make(zmq.PUSH, connect=address, reconnect_ivl=10)
    push.send(b"1")
    assert pull.recv() == b"1"
    pull.close()
    until(lambda: not [s for s in push._core.connections.each() if s.engine])
    push.send(b"2")
    pull = make(zmq.PULL, bind=address)
    assert pull.recv() == b"2"


def test_a_restarted_connecter_is_served_again(make, address):
    """The bound side needs nothing."""
    router = make(zmq.ROUTER, bind=address)
    for _ in range(3):
        dealer = make(zmq.DEALER, routing_id=b"d")
        dealer.connect(address)
        dealer.send(b"hi")
        assert router.recv_multipart() == [b"d", b"hi"]
        router.send_multipart([b"d", b"ho"])
        assert dealer.recv() == b"ho"
        dealer.close()
        until(lambda: not router._core.pipes)


def test_attempts_back_off_up_to_the_maximum(make, address):
    """RECONNECT_IVL doubles up to RECONNECT_IVL_MAX, with jitter; every attempt is an event."""
    push = make(zmq.PUSH, reconnect_ivl=4, reconnect_ivl_max=16)
    monitor = push.get_monitor_socket(zmq.Event.CONNECT_RETRIED)
    monitor.rcvtimeo = 5000
    push.connect(address)
    waits = [int.from_bytes(monitor.recv_multipart()[0][2:], "little") for _ in range(5)]
    assert all(low <= wait <= low * 3 // 2 for low, wait in zip((4, 8, 16, 16, 16), waits, strict=True))


def test_reconnect_stop_after_a_refusal(make, address):
    """RECONNECT_STOP_CONN_REFUSED: one attempt and no more."""
    push = make(zmq.PUSH, reconnect_ivl=1, reconnect_stop=1)
    monitor = push.get_monitor_socket(zmq.Event.CLOSED | zmq.Event.CONNECT_RETRIED)
    monitor.rcvtimeo = 5000
    push.connect(address)
    assert int.from_bytes(monitor.recv_multipart()[0][:2], "little") == zmq.Event.CLOSED


@pytest.mark.parametrize("stop, waits", [(0, True), (zmq.RECONNECT_STOP_AFTER_DISCONNECT, False)])
def test_reconnect_stop_after_disconnect(make, context, address, stop, waits):
    """What was not sent yet is for a connection that is there, and waits for no other; zmq_setsockopt(3)."""
    push = make(zmq.PUSH, reconnect_ivl=1, reconnect_stop=stop, linger=500, connect=address)
    push.send(b"x")
    push.disconnect(address)
    assert bool(context._core.lingering) is waits


def test_no_reconnection_with_an_interval_of_minus_one(make, address):
    """RECONNECT_IVL -1: the first attempt is the last."""
    push = make(zmq.PUSH, reconnect_ivl=-1)
    monitor = push.get_monitor_socket(zmq.Event.CLOSED | zmq.Event.CONNECT_RETRIED)
    monitor.rcvtimeo = 5000
    push.connect(address)
    assert int.from_bytes(monitor.recv_multipart()[0][:2], "little") == zmq.Event.CLOSED


def test_backoff_goes_on_while_only_tcp_connects(make):
    """A server that accepts and hangs up is no success."""
    with net.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)

        def hang_up():
            while True:
                gevent.socket.wait_read(server.fileno())
                server.accept()[0].close()

        rude = gevent.spawn(hang_up)
        push = make(zmq.PUSH, reconnect_ivl=4, reconnect_ivl_max=16)
        monitor = push.get_monitor_socket(zmq.Event.CONNECT_RETRIED)
        monitor.rcvtimeo = 5000
        push.connect(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        waits = [int.from_bytes(monitor.recv_multipart()[0][2:], "little") for _ in range(3)]
        rude.kill()
    assert waits[2] >= 16


def test_a_message_half_sent_dies_with_its_connection(make):
    """Half a multipart never reaches the user."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    where = ("127.0.0.1", int(pull.last_endpoint.decode().rpartition(":")[2]))
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16 + 1 + 31)
    ready = b"\x05READY\x0bSocket-Type\0\0\0\x04PUSH"
    with net.create_connection(where) as raw:
        raw.sendall(greeting + bytes([4, len(ready)]) + ready + b"\x00\x05whole" + b"\x01\x04half")
        assert pull.recv_multipart() == [b"whole"]
    until(lambda: not pull._core.pipes)
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode())
    push.send(b"next")
    assert pull.recv_multipart() == [b"next"]


class Resolver:
    """Stands in for gevent's; remembers how often it was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = 0

    def getaddrinfo(self, host, port, *_):
        self.asked += 1
        answer = self.answers[min(self.asked, len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return [(net.AF_INET, net.SOCK_STREAM, 6, "", (address, port)) for address in answer]


def test_a_name_is_looked_up_at_each_attempt(make, monkeypatch):
    """Field note A16: through gevent's resolver; a failure is only a failed attempt, a new address is used."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    resolver = Resolver([net.gaierror("no such host"), ["127.0.0.9"], ["127.0.0.1"]])
    monkeypatch.setattr(gevent.get_hub(), "resolver", resolver)
    push = make(zmq.PUSH, reconnect_ivl=1, connect=pull.last_endpoint.decode().replace("127.0.0.1", "moving.example"))
    push.send(b"found")
    assert pull.recv() == b"found"
    assert resolver.asked == 3


@pytest.mark.parametrize("address", ["two..dots:5555", "a" * 64 + ":5555", "none0;localhost:5555"])
def test_what_cannot_be_looked_up_is_tried_again(make, address):
    """A name that no host can have, or an interface that is not there: the attempt fails, and another follows."""
    push = make(zmq.PUSH, reconnect_ivl=1)
    events = push.events(zmq.EVENT_CONNECT_RETRIED)
    push.connect(f"tcp://{address}")
    assert next(events) and next(events)


def test_all_addresses_of_a_name_are_tried(make, monkeypatch):
    """The first that answers is taken, within one attempt."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    resolver = Resolver([["127.0.0.8", "127.0.0.9", "127.0.0.1"]])
    monkeypatch.setattr(gevent.get_hub(), "resolver", resolver)
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode().replace("127.0.0.1", "many.example"))
    push.send(b"found")
    assert pull.recv() == b"found"
    assert resolver.asked == 1
