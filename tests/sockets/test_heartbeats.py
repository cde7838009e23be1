"""Claims of heartbeats and of the time a handshake may take."""

import struct
import time

import gevent
import pytest
from gevent import socket as green

import gzmq as zmq

from ..zmtp.marriage import greeting3, ready
from .claims import until


def events(monitor):
    """The numbers of the events that have come."""
    found = []
    while monitor.poll(0):
        found.append(struct.unpack("=Hi", monitor.recv_multipart()[0])[0])
    return found


@pytest.fixture
def silent_peer(make):
    """A PULL, its monitor, and a raw PUSH peer that shook hands: ``silent_peer(heartbeat_ivl=20)``."""
    socks = []

    def silent_peer(**options):
        pull = make(zmq.PULL, **options)
        monitor = pull.get_monitor_socket()
        pull.bind("tcp://127.0.0.1:*")
        sock = green.create_connection(("127.0.0.1", int(pull.last_endpoint.rpartition(b":")[2])))
        socks.append(sock)
        sock.settimeout(5)
        sock.sendall(greeting3() + ready("PUSH"))
        until(lambda: pull._core.pipes)
        return pull, monitor, sock

    yield silent_peer
    for sock in socks:
        sock.close()


def test_a_silent_peer_is_noticed(silent_peer):
    """Field note A14: within interval and time-out, and the monitor says so."""
    pull, monitor, _ = silent_peer(heartbeat_ivl=20, heartbeat_timeout=50)
    until(lambda: not pull._core.pipes)
    until(lambda: zmq.EVENT_DISCONNECTED in events(monitor))


def test_any_traffic_counts_as_life(silent_peer):
    """Field note A15: a peer that sends messages, even half of one, need not PONG."""
    pull, _, sock = silent_peer(heartbeat_ivl=20, heartbeat_timeout=60)
    sock.sendall(b"\x00\x20")
    for _ in range(32):
        gevent.sleep(0.01)
        sock.sendall(b"x")
    assert pull.recv() == b"x" * 32


def test_pings_carry_the_ttl_in_tenths(silent_peer):
    """37/ZMTP: a TTL of 250 ms is 2 tenths, and a great one is cut to what libzmq can keep."""
    for ttl, tenths in ((250, 2), (6_553_599, 6553)):
        _, _, sock = silent_peer(heartbeat_ivl=5, heartbeat_ttl=ttl)
        heard = b""
        while b"\x04PING" not in heard or len(heard.partition(b"\x04PING")[2]) < 2:
            heard += sock.recv(4096)
        assert heard.partition(b"\x04PING")[2][:2] == struct.pack(">H", tenths)


def test_the_ttl_of_a_peer_is_kept(silent_peer):
    """A peer that promised a sign of life within 100 ms and gives none is dropped, though we send no PINGs."""
    pull, _, sock = silent_peer()
    sock.sendall(b"\x04\x07\x04PING" + struct.pack(">H", 1))
    assert sock.recv(4096).endswith(b"\x04\x05\x04PONG") or sock.recv(4096).endswith(b"\x04PONG")
    until(lambda: not pull._core.pipes)


def test_a_busy_process_hears_before_it_judges(silent_peer):
    """Field note A9: what arrived while we were busy has been heard."""
    pull, monitor, sock = silent_peer(heartbeat_ivl=20, heartbeat_timeout=20)
    until(lambda: sock.recv(4096))
    for _ in range(5):
        gevent.sleep(0.005)
        sock.sendall(b"\x00\x01x")
        time.sleep(0.06)  # the whole hub stands still, past every time-out
    assert pull.recv() == b"x"
    assert zmq.EVENT_DISCONNECTED not in events(monitor)


def test_a_link_with_heartbeats_stays(joined):
    """Both sides PING and PONG; a message after many intervals arrives."""
    pull, push = joined(zmq.PULL, zmq.PUSH, {"heartbeat_ivl": 5}, {"heartbeat_ivl": 7, "reconnect_ivl": -1})
    push.send(b"before")
    assert pull.recv() == b"before"
    gevent.sleep(0.15)
    push.send(b"after")
    assert pull.recv() == b"after"


def test_the_handshake_clock_stops_at_success(make):
    """Field note C11: HANDSHAKE_IVL ends handshakes, not connections."""
    pull = make(zmq.PULL, handshake_ivl=60, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, handshake_ivl=60, reconnect_ivl=-1, connect=pull.last_endpoint)
    push.send(b"1")
    assert pull.recv() == b"1"
    gevent.sleep(0.12)
    push.send(b"2")
    assert pull.recv() == b"2"


def test_connect_timeout_ends_an_attempt(make):
    """A host that answers nothing: the attempt ends, and the next begins."""
    with green.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = []
        while True:  # a full backlog drops what comes next
            filler = green.socket()
            filler.settimeout(0.1)
            fillers.append(filler)
            try:
                filler.connect(deaf.getsockname())
            except TimeoutError:
                break
        push = make(zmq.PUSH, connect_timeout=30, reconnect_ivl=1)
        monitor = push.get_monitor_socket()
        push.connect(f"tcp://127.0.0.1:{deaf.getsockname()[1]}")
        seen = []
        until(lambda: seen.extend(events(monitor)) or seen.count(zmq.EVENT_CONNECT_RETRIED) >= 2)
        assert zmq.EVENT_CONNECTED not in seen
        for filler in fillers:
            filler.close()
