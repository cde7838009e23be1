"""Claims of the wire: what it passes on, and each fault by itself, on plain streams."""

import errno
from pathlib import Path

import gevent
import pytest

import gzmq as zmq
from gzmq.testing import Wire

from ..sockets.claims import refuses, until
from .conftest import read_to_end


def test_passes_on_and_counts(ends):
    """Both ways, and the end of each way by itself."""
    made = ends()
    made.near.sendall(b"question")
    assert made.far.recv(100) == b"question"
    made.near.shutdown(1)
    assert made.far.recv(100) == b""
    made.far.sendall(b"answer")
    made.far.close()
    assert read_to_end(made.near) == (b"answer", None)
    assert (made.wire.connections, made.wire.out.bytes, made.wire.back.bytes) == (1, 8, 6)
    until(lambda: made.wire.live == 0)


@pytest.mark.parametrize("size", [1, 7])
def test_drips(ends, size):
    """The hub runs between the pieces, so that none arrives together with another."""
    made = ends()
    made.wire.out.drip(size)
    made.near.sendall(b"0123456789")
    pieces = []
    while sum(map(len, pieces)) < 10:
        pieces.append(made.far.recv(100))
    assert b"".join(pieces) == b"0123456789" and max(map(len, pieces)) <= size


def test_stalls_and_resumes(ends):
    """One way only; nothing is lost."""
    made = ends()
    made.wire.out.stall()
    made.near.sendall(b"later")
    made.far.sendall(b"now")
    assert made.near.recv(100) == b"now" and made.wire.out.bytes == 0
    made.wire.out.resume()
    assert made.far.recv(100) == b"later"


@pytest.mark.parametrize("how, ends_with", [("reset", ConnectionResetError), ("close", None), ("half", None)])
@pytest.mark.parametrize("at", [0, 1, 5, 10])
def test_cuts_at_a_byte(ends, how, ends_with, at):
    """Exactly there, whatever comes at once; only the one connection."""
    made = ends()
    made.wire.out.cut(at, how)
    made.near.sendall(b"0123456789")
    assert read_to_end(made.far) == (b"0123456789"[:at], ends_with)
    near, far = made.more()
    near.sendall(b"0123456789ABC")
    assert far.recv(100) == b"0123456789ABC"


def test_half_an_end_leaves_the_other_way(ends):
    """What the far side says still arrives."""
    made = ends()
    made.wire.out.end()
    assert made.far.recv(10) == b""
    made.far.sendall(b"still there")
    assert made.near.recv(100) == b"still there"


@pytest.mark.parametrize("at", [0, 3, 10])
def test_garbage_at_a_byte(ends, at):
    """It comes in between, and is not counted."""
    made = ends()
    made.wire.back.garble(at, b"???")
    made.far.sendall(b"0123456789")
    expected = b"0123456789"[:at] + b"???" + b"0123456789"[at:]
    found = b""
    while len(found) < len(expected):
        found += made.near.recv(100)
    assert found == expected and made.wire.back.bytes == 10


def test_reset_reaches_both_sides(ends):
    """At once."""
    made = ends()
    made.wire.reset()
    assert read_to_end(made.near)[1] is read_to_end(made.far)[1] is ConnectionResetError
    assert made.wire.live == 0


def test_hang_up_ends_both_sides_in_order(ends):
    """Without an error."""
    made = ends()
    made.wire.hang_up()
    assert read_to_end(made.near) == read_to_end(made.far) == (b"", None)


def test_a_reset_goes_on_to_the_other_side(ends):
    """As the one side does it."""
    made = ends()
    made.near.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SOL_SOCKET, SO_LINGER
    made.near.close()
    assert read_to_end(made.far)[1] is ConnectionResetError


def test_a_slow_reader_is_felt(ends):
    """The sender can send no more, long before all is sent."""
    made = ends(buffer=4096)
    made.wire.out.limit(100)
    made.near.setsockopt(1, 7, 4096)  # SOL_SOCKET, SO_SNDBUF
    made.near.setblocking(False)
    sent = 0
    with pytest.raises(BlockingIOError):
        for _ in range(1000):
            sent += made.near.send(b"x" * 4096)
    assert sent < 500_000


def test_refuses_and_accepts_again(ends):
    """At the same endpoint; the connection that was there stays."""
    made = ends()
    made.wire.refuse()
    with pytest.raises(ConnectionRefusedError):
        made.more()
    made.near.sendall(b"still")
    assert made.far.recv(10) == b"still"
    made.wire.accept()
    assert made.more()


def test_nobody_upstream_is_a_reset():
    """As nothing else tells it to who has connected."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket, Wire("tcp://127.0.0.1:9") as wire:
        events = socket.events(zmq.EVENT_DISCONNECTED)
        socket.linger = 0
        socket.connect(wire.endpoint)
        with gevent.Timeout(5):
            assert next(iter(events)).event == zmq.EVENT_DISCONNECTED
        assert wire.connections == 0


def faults_of(seed, count, ends):
    made = ends(seed=seed)
    for _ in range(count - 1):
        near, far = made.more()
        near.close(), far.close()
    return made.wire.faults


def test_a_seed_says_the_faults(ends):
    """The same ones each time, other ones for another seed, and all kinds in the end."""
    faults = faults_of(3, 40, ends)
    assert faults_of(3, 40, ends) == faults != faults_of(4, 40, ends)
    assert {fault.split()[0] for fault in faults} == {"none", "drip", "reset", "close", "half", "garbage"}


def test_calm_ends_all_faults(ends):
    """Those of the seed, and those that were set."""
    made = ends(seed=5)
    made.wire.out.cut(3)
    made.wire.stall()
    made.wire.out.limit(1)
    made.wire.refuse()
    made.wire.calm()
    made.near.sendall(b"0123456789")
    assert made.far.recv(100) == b"0123456789"
    assert made.more() and len(made.wire.faults) == 1


@pytest.mark.parametrize("listen", [None, "ipc"])
def test_ipc(make, tmp_path, listen):
    """The path goes with the wire."""
    rep = make(zmq.REP, bind="ipc://*")
    with Wire(rep.last_endpoint, listen and f"ipc://{tmp_path}/wire") as wire:
        req = make(zmq.REQ, connect=wire.endpoint)
        req.send(b"over ipc")
        assert rep.recv() == b"over ipc"
        path = wire.endpoint[6:]
    assert not Path(path).exists()


@pytest.mark.parametrize("endpoint, code", [("inproc://x", errno.EPROTONOSUPPORT), ("tcp://127.0.0.1", errno.EINVAL)])
def test_what_is_no_stream_of_bytes(endpoint, code):
    """Says so."""
    assert refuses(code, Wire, "tcp://127.0.0.1:9", endpoint)


def test_a_bad_way_to_cut(ends):
    """Names the good ones."""
    with pytest.raises(ValueError, match="reset, close, half"):
        ends().wire.out.cut(1, "gently")
