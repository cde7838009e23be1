"""Claims of a listener that accepts: how soon, and by how little, a peer is ready."""

import socket as net
from _socket import socket as RawSocket

import pytest

import gzmq as zmq
import gzmq.transport.listener

from ..zmtp.marriage import hello3
from .claims import until


@pytest.fixture
def bound(make):
    """A socket, its one listener, and connections to it, each of which has said this: ``bound(zmq.PULL, b"")``."""
    clients = []

    def bound(kind, said, count=1, **options):
        socket = make(kind, bind="tcp://127.0.0.1:*", **options)
        host, port = socket.last_endpoint.decode().removeprefix("tcp://").split(":")
        (listener,) = socket._core.connections.listeners()
        for _ in range(count):
            clients.append(net.create_connection((host, int(port)), 5))
            clients[-1].sendall(said)
        return socket, listener, clients[-count:]

    yield bound
    for client in clients:
        client.close()


def test_who_has_spoken_is_ready_when_he_is_accepted(bound):
    """Without another turn of the loop."""
    _, listener, _ = bound(zmq.PULL, hello3("PUSH"))
    listener._accept()
    (session,) = listener._sessions
    assert session.engine.ready


def test_who_has_spoken_is_answered_by_one_write(bound, monkeypatch):
    """Greeting and READY together."""
    writes = []

    class Counted(RawSocket):
        def send(self, data):
            writes.append(bytes(data))
            return super().send(data)

    monkeypatch.setattr(gzmq.transport.listener, "RawSocket", Counted)
    _, listener, (client,) = bound(zmq.PULL, hello3("PUSH"))
    listener._accept()
    assert [client.recv(1000)] == writes and b"READY" in writes[0][64:]


def test_who_is_silent_hears_our_hello_at_once(bound):
    """The ten bytes by which peers of any version find out who speaks."""
    _, listener, (client,) = bound(zmq.PULL, b"")
    listener._accept()
    assert client.recv(1000) == b"\xff" + bytes(7) + b"\x01\x7f"


def test_who_has_left_again_is_forgotten(bound):
    """Whether he spoke or not, before he was accepted."""
    pull, listener, clients = bound(zmq.PULL, b"", 2)
    clients[0].sendall(hello3("PUSH")[:70])
    for client in clients:
        client.close()
    until(lambda: listener._sock is not None and not listener._sessions)
    assert not listener._shaking and not pull.peers()


def test_a_stream_hears_of_one_who_has_left_again(bound):
    """It has no handshake that he could miss."""
    stream, _, (client,) = bound(zmq.STREAM, b"")
    client.close()
    (one, nothing), other = stream.recv_multipart(), stream.recv_multipart()
    assert nothing == b"" and other == [one, b""]


@pytest.mark.parametrize("adopted", [False, True], ids=["bound", "adopted"])
def test_connections_are_as_options_have_it(bound, make, adopted):
    """Those of TCP alone, too: an accepted connection begins with what its listener has."""
    options = {"tcp_keepalive": 1, "tcp_keepalive_cnt": 7, "tcp_maxrt": 4321}
    if adopted:
        listening = net.create_server(("127.0.0.1", 0))
        options["use_fd"] = listening.detach()
    _, listener, _ = bound(zmq.PULL, hello3("PUSH"), **options)
    listener._accept()
    (session,) = listener._sessions
    sock = session.engine.sock
    asked = (net.TCP_NODELAY, net.TCP_KEEPCNT, net.TCP_USER_TIMEOUT)
    assert sock.getsockopt(net.SOL_SOCKET, net.SO_KEEPALIVE)
    assert [sock.getsockopt(net.IPPROTO_TCP, name) for name in asked] == [1, 7, 4321]


def test_what_frames_say_of_a_peer_can_be_asked_when_he_has_gone(bound):
    """It is put together for who asks, and the same for each who does."""
    pull, listener, (client,) = bound(zmq.PULL, hello3("PUSH") + b"\x00\x01a\x00\x01b")
    listener._accept()
    client.close()
    until(lambda: not listener._sessions)
    frames = [pull.recv(copy=False), pull.recv(copy=False)]
    assert [(frame["Peer-Address"], frame["Socket-Type"]) for frame in frames] == [("127.0.0.1", "PUSH")] * 2
    assert int(frames[0]["__fd"]) > 0 and frames[0]._metadata is frames[1]._metadata


def test_a_peer_at_a_path_of_its_own_is_told_by_its_user(make, tmp_path):
    """ipc: accept(2) gives that path, which says nothing of who it is."""
    pull = make(zmq.PULL, bind=f"ipc://{tmp_path}/ours")
    with net.socket(net.AF_UNIX) as client:
        client.bind(f"{tmp_path}/theirs")
        client.connect(f"{tmp_path}/ours")
        client.sendall(hello3("PUSH") + b"\x00\x01a")
        assert pull.recv(copy=False)["Peer-Address"].startswith("localhost:")
