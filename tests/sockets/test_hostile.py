"""Claims of bad input: it costs its own connection, and nothing else."""

import os
import random
import socket as net
import struct
import tracemalloc
from contextlib import suppress

import pytest
from gevent import socket as green

import gzmq as zmq

from ..zmtp.marriage import command, frame, greeting3, header, hello3, ready
from .claims import until

HELLO = hello3("PUSH")
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
    "READY again": ready("PUSH"),
    "SUBSCRIBE to a PULL": b"\x04\x0a\x09SUBSCRIBE",
    "a cut ERROR": b"\x04\x07\x05ERROR\xff",
}
HANDSHAKES = {
    "READY cut in a value": command(b"READY", b"\x0bSocket-Type\xff\xff\xff\xffPUSH"),
    "READY cut in a name": command(b"READY", b"\x09Socket"),
    "a name longer than its command": frame(b"\x09READY", 4),
    "an empty command": frame(b"", 4),
    "a cut ERROR": command(b"ERROR", b"\xffno"),
    "ERROR without a reason": command(b"ERROR"),
    "a message": frame(b"hello"),
    "a PING": command(b"PING", b"\0\0"),
    "a command of 1 GiB": header(1 << 30, 4),
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_protocol_costs_its_own_connection(siege, data):
    """Field note B1: none of these is taken for a greeting, of any version."""
    siege().refuses(data)


@pytest.mark.parametrize("data", AFTER_HELLO.values(), ids=AFTER_HELLO)
def test_a_malformed_frame_costs_its_own_connection(siege, data):
    """Field notes B2 and C12: after a good handshake."""
    siege().refuses(HELLO + data)


@pytest.mark.parametrize("data", HANDSHAKES.values(), ids=HANDSHAKES)
def test_a_malformed_handshake_costs_its_own_connection(siege, data):
    """Field note C12."""
    siege().refuses(greeting3() + data)


def test_cancel_of_what_was_never_subscribed(siege):
    """Field note C12: it is no fault, however often."""
    victim = siege(zmq.XPUB)
    sock = victim.attack(hello3("SUB") + command(b"CANCEL", b"t") * 1000 + frame(b"\0u") * 1000)
    until(lambda: victim.pipes > victim._pipes)
    sock.close()


def test_random_bytes(siege):
    """A hundred connections of them, at once."""
    victim = siege()
    chance = random.Random(1)
    socks = [victim.attack(chance.randbytes(chance.randrange(1, 3000))) for _ in range(100)]
    for sock in socks:
        with suppress(OSError):
            sock.shutdown(net.SHUT_WR)
        victim.hangs_up_on(sock)
    victim.is_alone()


@pytest.mark.parametrize("step", [1, 7])
def test_a_handshake_cut_anywhere(siege, step):
    """Every prefix, then the peer leaves."""
    victim = siege()
    for length in range(0, len(HELLO), step):
        victim.attack(HELLO[:length]).close()
    victim.is_alone()


def test_a_declared_length_allocates_nothing(siege):
    """Field note B2: a gigabyte announced, a few bytes sent."""
    victim = siege()
    tracemalloc.start()
    try:
        sock = victim.attack(HELLO + header((1 << 30) - 1) + b"x" * 1000)
        until(lambda: any(peer.bytes_in > 1000 for peer in victim.victim.peers()))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    sock.close()


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


def test_an_incompatible_peer_is_dropped_with_a_reason(make):
    """The monitor says which; the other side hears an ERROR."""
    pull = make(zmq.PULL)
    monitor = pull.get_monitor_socket()
    monitor.rcvtimeo = 5000
    pull.bind("tcp://127.0.0.1:*")
    address = ("127.0.0.1", int(pull.last_endpoint.decode().rpartition(":")[2]))
    with green.create_connection(address) as sock:
        sock.settimeout(5)
        sock.sendall(hello3("SUB"))
        heard = b""
        while data := sock.recv(4096):
            heard += data
    assert b"peer is SUB, PULL talks only to PUSH" in heard
    events = []
    while zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL not in events:
        events.append(struct.unpack("=Hi", monitor.recv_multipart()[0])[0])
    assert pull._core.pipes == {}
