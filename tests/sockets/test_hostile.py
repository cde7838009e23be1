"""Claims of bad input: it costs its own connection, and nothing else."""

import os
import random
import socket as net
import struct
import tracemalloc
from contextlib import suppress

import gevent
import pytest
from gevent import socket as green

import gzmq as zmq

from .claims import until

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)


def ready(socket_type):
    """A READY command of a peer of this type."""
    body = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type
    return b"\x04" + bytes((len(body),)) + body


HELLO = GREETING + ready(b"PUSH")
FOREIGN = {
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl\r\n\r\n" * 50,
    "tls": bytes.fromhex("160301020001000 1fc0303".replace(" ", "")) + os.urandom(512),
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n" * 20,
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
}
AFTER_HELLO = {
    "2^31": b"\x02" + struct.pack(">Q", 1 << 31) + b"x" * 5000,
    "2^63": b"\x02" + struct.pack(">Q", 1 << 63) + b"x" * 5000,
    "2^64-1": b"\x02" + b"\xff" * 8 + b"x" * 5000,
    "reserved flags": b"\xf8\x01x" * 100,
    "a command with MORE": b"\x05\x05\x04PING",
    "an empty command": b"\x04\x00",
    "a name longer than its command": b"\x04\x02\xffx",
    "a PING without TTL": b"\x04\x05\x04PING",
    "READY again": ready(b"PUSH"),
    "SUBSCRIBE to a PULL": b"\x04\x0a\x09SUBSCRIBE",
    "a cut ERROR": b"\x04\x07\x05ERROR\xff",
}


class Victim:
    """A bound PULL with a good client, and raw connections of a bad one."""

    def __init__(self, make):
        self.pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
        self.endpoint = self.pull.last_endpoint.decode()
        self.address = ("127.0.0.1", int(self.endpoint.rpartition(":")[2]))
        self.good = make(zmq.PUSH, connect=self.endpoint)
        self.still_works()
        self.pipes = len(self.pull._core.pipes)

    def still_works(self):
        self.good.send(b"good")
        assert self.pull.recv() == b"good"

    def attack(self, data):
        """Connect and send, as far as the victim lets us."""
        sock = green.create_connection(self.address)
        with suppress(OSError):
            sock.sendall(data)
        return sock

    def hangs_up_on(self, sock):
        """Wait until the victim has ended the connection."""
        sock.settimeout(5)
        with suppress(ConnectionError):
            while sock.recv(65536):
                pass
        sock.close()
        until(lambda: len(self.pull._core.pipes) == self.pipes)


@pytest.fixture
def victim(make):
    return Victim(make)


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_protocol_costs_its_own_connection(victim, data):
    """Field note B1: none of these is taken for a greeting, of any version."""
    victim.hangs_up_on(victim.attack(data))
    victim.still_works()


@pytest.mark.parametrize("data", AFTER_HELLO.values(), ids=AFTER_HELLO)
def test_a_malformed_frame_costs_its_own_connection(victim, data):
    """Field notes B2 and C12: after a good handshake."""
    victim.hangs_up_on(victim.attack(HELLO + data))
    victim.still_works()


def test_random_bytes(victim):
    """A hundred connections of them, at once."""
    chance = random.Random(1)
    socks = [victim.attack(chance.randbytes(chance.randrange(1, 3000))) for _ in range(100)]
    for sock in socks:
        sock.shutdown(net.SHUT_WR)
        victim.hangs_up_on(sock)
    victim.still_works()


@pytest.mark.parametrize("step", [1, 7])
def test_a_handshake_cut_anywhere(victim, step):
    """Every prefix, then the client leaves."""
    for length in range(0, len(HELLO), step):
        victim.attack(HELLO[:length]).close()
    until(lambda: len(victim.pull._core.pipes) == victim.pipes)
    victim.still_works()


def test_a_handshake_that_stalls_is_ended_by_handshake_ivl(make):
    """Field note C11: a hundred silent clients; none becomes a peer."""
    pull = make(zmq.PULL, handshake_ivl=50, bind="tcp://127.0.0.1:*")
    address = ("127.0.0.1", int(pull.last_endpoint.decode().rpartition(":")[2]))
    socks = [green.create_connection(address) for _ in range(100)]
    for length, sock in enumerate(socks):
        sock.sendall(HELLO[: length % 64])
    for sock in socks:
        sock.settimeout(5)
        while sock.recv(4096):
            pass
        sock.close()
    assert len(pull._core.pipes) == 0


def test_endless_more_frames_hold_bounded_memory(victim, monkeypatch):
    """Field note C13: with no MAXMSGSIZE, one unfinished message still has a bound."""
    monkeypatch.setattr("gzmq.zmtp.framing.MAX_MESSAGE_FRAMES", 1000)
    sock = victim.attack(HELLO + b"\x01\x01x" * 100_000)
    victim.hangs_up_on(sock)
    victim.still_works()


def test_a_declared_length_allocates_nothing(victim):
    """Field note B2: a gigabyte announced, a few bytes sent."""
    tracemalloc.start()
    try:
        sock = victim.attack(HELLO + b"\x02" + struct.pack(">Q", (1 << 30) - 1) + b"x" * 1000)
        until(lambda: len(victim.pull._core.pipes) == victim.pipes + 1)
        gevent.sleep(0.02)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    sock.close()
    victim.still_works()


@pytest.mark.parametrize("size, fits", [(100, True), (101, False)])
def test_maxmsgsize_drops_the_peer_that_exceeds_it(make, size, fits):
    """The limit itself is allowed."""
    pull = make(zmq.PULL, maxmsgsize=100, rcvtimeo=300, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, reconnect_ivl=-1, connect=pull.last_endpoint.decode())
    push.send(bytes(size))
    if fits:
        assert len(pull.recv()) == size
    else:
        with pytest.raises(zmq.Again):
            pull.recv()


def test_a_user_message_to_a_publisher_costs_no_memory(make):
    """Field note C8: a SUB that talks is read and forgotten."""
    pub = make(zmq.PUB, bind="tcp://127.0.0.1:*", rcvhwm=10)
    address = ("127.0.0.1", int(pub.last_endpoint.decode().rpartition(":")[2]))
    with green.create_connection(address) as sock:
        tracemalloc.start()
        try:
            sock.sendall(GREETING + ready(b"SUB"))
            for _ in range(1000):
                sock.sendall((b"\x00\xff" + b"x" * 255) * 100)
            until(lambda: len(pub._core.pipes) == 1)
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()


def test_an_incompatible_peer_is_dropped_with_a_reason(make):
    """The monitor says which; the other side hears an ERROR."""
    pull = make(zmq.PULL)
    monitor = pull.get_monitor_socket()
    monitor.rcvtimeo = 5000
    pull.bind("tcp://127.0.0.1:*")
    address = ("127.0.0.1", int(pull.last_endpoint.decode().rpartition(":")[2]))
    with green.create_connection(address) as sock:
        sock.settimeout(5)
        sock.sendall(GREETING + ready(b"SUB"))
        heard = b""
        while data := sock.recv(4096):
            heard += data
    assert b"peer is SUB, PULL talks only to PUSH" in heard
    events = []
    while zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL not in events:
        events.append(struct.unpack("=Hi", monitor.recv_multipart()[0])[0])
    assert pull._core.pipes == {}
