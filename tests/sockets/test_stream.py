"""Claims of STREAM and ROUTER_RAW: bytes to and from peers that do not speak ZMTP."""

import errno
import socket as net
from urllib.request import urlopen

import gevent
import pytest
from gevent import socket as green

import gzmq as zmq
from gzmq.zmtp.raw import RawConnection

from .claims import must_not_recv, refuses, until

TCP = "tcp://127.0.0.1:*"


def port(socket):
    """Where a bound socket can be found."""
    return int(socket.last_endpoint.rpartition(b":")[2])


@pytest.fixture
def client():
    """Plain connections to a bound socket: ``client(stream)``; closed at the end."""
    made = []

    def client(socket):
        made.append(green.create_connection(("127.0.0.1", port(socket)), timeout=5))
        return made[-1]

    yield client
    for sock in made:
        sock.close()


@pytest.fixture
def server():
    """A plain listening socket."""
    with green.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen()
        made.settimeout(5)
        yield made


def address(server):
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def receive(socket, size):
    """So many bytes of a peer, in as many messages as they come in; (routing ids, bytes)."""
    ids, data = set(), b""
    while len(data) < size:
        routing_id, part = socket.recv_multipart()
        ids.add(routing_id)
        data += part
    return ids, data


def read(sock, size=None):
    """So many bytes of a plain connection, or all until it ends."""
    data = b""
    while (size is None or len(data) < size) and (part := sock.recv(1 << 20)):
        data += part
    return data


# -- who comes and goes -------------------------------------------------------------------------------------------


def test_a_connection_comes_speaks_and_goes(make, client):
    """An empty frame, the bytes, an empty frame, all with the connection's routing id of five octets."""
    stream = make(zmq.STREAM, bind=TCP)
    sock = client(stream)
    sock.sendall(b"hello")
    sock.close()
    routing_id, connected = stream.recv_multipart()
    assert (len(routing_id), routing_id[:1], connected) == (5, b"\0", b"")
    assert [stream.recv_multipart() for _ in range(2)] == [[routing_id, b"hello"], [routing_id, b""]]


def test_without_stream_notify_only_bytes_come(make, client):
    """STREAM_NOTIFY 0."""
    stream = make(zmq.STREAM, bind=TCP, stream_notify=0)
    sock = client(stream)
    sock.sendall(b"hello")
    sock.close()
    assert stream.recv_multipart()[1] == b"hello"
    must_not_recv(stream)


def test_the_first_frame_says_whom(make, client):
    """Three connections, each gets its own."""
    stream = make(zmq.STREAM, bind=TCP, stream_notify=0)
    socks = [client(stream) for _ in range(3)]
    ids = []
    for number, sock in enumerate(socks):
        sock.sendall(b"%d" % number)
        ids += receive(stream, 1)[0]
    for number, routing_id in enumerate(ids):
        stream.send_multipart([routing_id, b"to %d" % number])
    assert [sock.recv(100) for sock in socks] == [b"to 0", b"to 1", b"to 2"]


def test_an_unknown_id_is_unreachable(make, client):
    """EHOSTUNREACH, also for a connection that has gone, and at the first frame already."""
    stream = make(zmq.STREAM, bind=TCP)
    client(stream).close()
    routing_id, _ = stream.recv_multipart()
    until(lambda: not stream._core.pipes)
    for unknown in (routing_id, b"nobody"):
        assert refuses(errno.EHOSTUNREACH, stream.send_multipart, [unknown, b"x"])
        assert refuses(errno.EHOSTUNREACH, stream.send, unknown, zmq.SNDMORE)


def test_a_message_is_an_id_and_bytes(make, client):
    """Anything else is EINVAL; libzmq would lose count of what is an id from then on."""
    stream = make(zmq.STREAM, bind=TCP)
    client(stream)
    routing_id, _ = stream.recv_multipart()
    for message in ([routing_id], [routing_id, b"a", b"b"]):
        assert refuses(errno.EINVAL, stream.send_multipart, message)


def test_sndmore_of_the_bytes_means_nothing(make, client):
    """Programs say SNDMORE for both frames, as zmq_socket(3) once had it."""
    stream = make(zmq.STREAM, bind=TCP)
    sock = client(stream)
    routing_id, _ = stream.recv_multipart()
    for data in (b"bytes", b""):
        stream.send(routing_id, zmq.SNDMORE)
        stream.send(data, zmq.SNDMORE)
    assert read(sock) == b"bytes"


# -- closing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_an_empty_frame_closes_the_connection_once_all_is_written(make, client, size):
    """zmq_socket(3): "To close a specific connection, send the identity followed by a zero-length message"."""
    stream = make(zmq.STREAM, bind=TCP)
    sock = client(stream)
    sock.sendall(b"never read")
    routing_id, _ = stream.recv_multipart()
    if size:
        stream.send_multipart([routing_id, b"x" * size])
    stream.send_multipart([routing_id, b""])
    assert len(read(sock)) == size
    assert refuses(errno.EHOSTUNREACH, stream.send_multipart, [routing_id, b"x"])
    must_not_recv(stream)


def test_a_closed_connection_is_not_made_anew(make, server):
    """By an empty frame, of the side that had connected."""
    stream = make(zmq.STREAM, connect=address(server), reconnect_ivl=1)
    sock, _ = server.accept()
    routing_id, _ = stream.recv_multipart()
    stream.send_multipart([routing_id, b""])
    assert read(sock) == b""
    sock.close()
    server.settimeout(0.05)
    with pytest.raises(TimeoutError):
        server.accept()


@pytest.mark.parametrize("size", [1, 5_000_000])
def test_what_was_sent_before_close_arrives(make, client, size):
    """LINGER."""
    stream = make(zmq.STREAM, bind=TCP)
    sock = client(stream)
    routing_id, _ = stream.recv_multipart()
    stream.send_multipart([routing_id, b"x" * size])
    stream.close()
    assert len(read(sock)) == size


# -- connecting -----------------------------------------------------------------------------------------------------


def test_the_routing_id_can_be_read_after_connect(make, server):
    """And sent to at once, before there is a connection."""
    stream = make(zmq.STREAM, connect=address(server))
    routing_id = stream.routing_id
    stream.send_multipart([routing_id, b"early"])
    sock, _ = server.accept()
    assert sock.recv(100) == b"early"
    sock.sendall(b"answer")
    assert [stream.recv_multipart() for _ in range(2)] == [[routing_id, b""], [routing_id, b"answer"]]
    sock.close()


def test_connect_routing_id_names_the_connection(make, server):
    """The next one has a name of its own again."""
    stream = make(zmq.STREAM, connect_routing_id=b"friend")
    stream.connect(address(server))
    assert stream.routing_id == b""
    stream.send_multipart([b"friend", b"hello"])
    sock, _ = server.accept()
    assert sock.recv(100) == b"hello"
    stream.connect(address(server))
    assert stream.routing_id not in (b"", b"friend")
    sock.close()


@pytest.mark.parametrize("kind", [zmq.STREAM, zmq.ROUTER])
def test_connect_routing_id_names_one_only(make, kind):
    """EINVAL for a name that another has, where libzmq ends the process; another name will do."""
    socket = make(kind, connect_routing_id=b"friend", connect="tcp://127.0.0.1:9")
    socket.connect_routing_id = b"friend"
    assert refuses(errno.EINVAL, socket.connect, "tcp://127.0.0.1:10")
    socket.connect_routing_id = b"other"
    socket.connect("tcp://127.0.0.1:10")


def test_connect_routing_id_is_not_for_who_connects_to_us(make, client):
    """Only for the next connect, whatever is bound meanwhile."""
    stream = make(zmq.STREAM, connect_routing_id=b"friend")
    stream.bind(TCP)
    for _ in range(2):
        client(stream)
        assert stream.recv_multipart()[0] != b"friend"


def test_a_lost_connection_is_made_anew(make, server):
    """Under the same id, with a notice of each end and each beginning; what is sent meanwhile waits."""
    stream = make(zmq.STREAM, connect=address(server), reconnect_ivl=1)
    routing_id = stream.routing_id
    for _ in range(3):
        stream.send_multipart([routing_id, b"hello"])
        sock, _ = server.accept()
        assert sock.recv(100) == b"hello"
        sock.close()
        assert [stream.recv_multipart() for _ in range(2)] == [[routing_id, b""]] * 2


# -- how much -------------------------------------------------------------------------------------------------------


def test_large_messages_both_ways(make, client):
    """Ten megabytes, in one message out and in many in."""
    data = bytes(range(256)) * 40_000
    stream = make(zmq.STREAM, bind=TCP, sndbuf=20_000)
    sock = client(stream)
    sender = gevent.spawn(sock.sendall, data)
    ids, received = receive(stream, len(data))
    assert received == data and len(ids) == 1
    sender.join(5)
    stream.send_multipart([*ids, data])
    assert read(sock, len(data)) == data


def test_many_small_messages_stay_in_order(make, client):
    """More of them than one write takes."""
    stream = make(zmq.STREAM, bind=TCP, sndhwm=0)
    sock = client(stream)
    routing_id, _ = stream.recv_multipart()
    for number in range(5000):
        stream.send_multipart([routing_id, b"%d," % number])
    expected = b"".join(b"%d," % number for number in range(5000))
    assert read(sock, len(expected)) == expected


def test_a_full_connection_blocks_its_sender(make, client):
    """SNDHWM: EAGAIN after SNDTIMEO; other connections are not held up; a reader frees the sender."""
    stream = make(zmq.STREAM, bind=TCP, sndhwm=2, sndbuf=5000, sndtimeo=20)
    slow, quick = client(stream), client(stream)
    (first, _), (second, _) = stream.recv_multipart(), stream.recv_multipart()
    by_port = {sock.getsockname(): sock for sock in (slow, quick)}
    assert len(by_port) == 2
    with pytest.raises(zmq.Again):
        for _ in range(1000):
            stream.send_multipart([first, b"x" * 100_000])
    stream.send_multipart([second, b"hello"])
    stream.sndtimeo = 5000
    readers = [gevent.spawn(read, sock) for sock in (slow, quick)]
    stream.send_multipart([first, b"y"])
    stream.close()
    assert sorted(reader.get(timeout=5)[-1:] for reader in readers) == [b"o", b"y"]


def test_a_sender_that_waits_hears_of_the_peer_leaving(make, client):
    """EHOSTUNREACH rather than for ever."""
    stream = make(zmq.STREAM, bind=TCP, sndhwm=1, sndbuf=5000, sndtimeo=5000)
    sock = client(stream)
    routing_id, _ = stream.recv_multipart()

    def fill():
        for _ in range(1000):
            stream.send_multipart([routing_id, b"x" * 100_000])

    sender = gevent.spawn(fill)
    until(lambda: stream._core.senders.parked)
    sock.close()
    sender.join(5)
    assert sender.exception.errno == errno.EHOSTUNREACH


def test_a_receiver_that_is_slow_stops_the_sender(make, client):
    """RCVHWM: tcp's own flow control reaches the peer, and nothing is lost."""
    stream = make(zmq.STREAM, bind=TCP, rcvhwm=2, rcvbuf=5000, in_batch_size=1000)
    sock = client(stream)
    sock.setsockopt(net.SOL_SOCKET, net.SO_SNDBUF, 5000)
    data = bytes(range(256)) * 1000
    sender = gevent.spawn(sock.sendall, data)
    (pipe,) = [until(lambda: stream._core.pipes), *stream._core.pipes][1:]
    until(lambda: pipe.peer.sink.engine.paused)
    assert len(pipe.inbox) <= 3 and not sender.ready()
    assert receive(stream, len(data))[1] == data


def test_in_batch_size_is_what_one_read_takes(make, client):
    """IN_BATCH_SIZE: so much is a message at the most."""
    stream = make(zmq.STREAM, bind=TCP, in_batch_size=100, stream_notify=0)
    client(stream).sendall(b"x" * 250)
    assert [len(stream.recv_multipart()[1]) for _ in range(3)] == [100, 100, 50]


def test_out_batch_size_is_what_one_write_takes(make, client, monkeypatch):
    """OUT_BATCH_SIZE: what is gathered before it is written."""
    limits, encode = set(), RawConnection.encode
    monkeypatch.setattr(RawConnection, "encode", lambda raw, *args: limits.add(args[2]) or encode(raw, *args))
    stream = make(zmq.STREAM, bind=TCP, out_batch_size=5)
    sock = client(stream)
    routing_id, _ = stream.recv_multipart()
    for word in (b"one ", b"two ", b"three"):
        stream.send_multipart([routing_id, word])
    assert read(sock, 13) == b"one two three" and limits == {5}


def test_batches_of_one_byte_carry_all_messages(make):
    """IN_BATCH_SIZE and OUT_BATCH_SIZE at their smallest, with ZMTP."""
    push = make(zmq.PUSH, bind=TCP, out_batch_size=1)
    pull = make(zmq.PULL, connect=push.last_endpoint, in_batch_size=1)
    messages = [[b"x" * size, b"y"] for size in (0, 1, 255, 256, 10_000)]
    for message in messages:
        push.send_multipart(message)
    assert [pull.recv_multipart() for _ in messages] == messages


def test_no_message_is_larger_than_maxmsgsize(make, client):
    """MAXMSGSIZE cuts what comes; libzmq lets it pass."""
    stream = make(zmq.STREAM, bind=TCP, maxmsgsize=10, stream_notify=0)
    client(stream).sendall(b"x" * 95)
    assert [len(stream.recv_multipart()[1]) for _ in range(10)] == [10] * 9 + [5]


# -- around it ------------------------------------------------------------------------------------------------------


def test_frames_and_peers_know_the_address(make, client):
    """Peer-Address, `peers()` with its counters."""
    stream = make(zmq.STREAM, bind=TCP)
    sock = client(stream)
    sock.sendall(b"hello")
    routing_id = stream.recv_multipart()[0]
    for frame in stream.recv_multipart(copy=False):
        assert frame["Peer-Address"] == "127.0.0.1" and int(frame["__fd"]) > 0
    (peer,) = stream.peers()
    assert (peer.routing_id, peer.address, peer.connected, peer.bytes_in) == (routing_id, "127.0.0.1", True, 5)


def test_over_ipc(make, tmp_path):
    """As over tcp."""
    stream = make(zmq.STREAM, bind=f"ipc://{tmp_path}/s")
    with green.socket(net.AF_UNIX) as sock:
        sock.connect(f"{tmp_path}/s")
        sock.sendall(b"hello")
        ids, data = receive(stream, 5)
        stream.send_multipart([*ids, data.upper()])
        assert sock.recv(100) == b"HELLO"


def test_inproc_carries_no_bytes(make, inproc):
    """EPROTONOSUPPORT, which says what would be right."""
    for call in (make(zmq.STREAM).bind, make(zmq.STREAM).connect):
        with pytest.raises(zmq.ZMQError, match="use tcp or ipc") as caught:
            call(inproc)
        assert caught.value.errno == errno.EPROTONOSUPPORT


@pytest.mark.parametrize("verb", ["bind", "connect"])
def test_no_mechanism_protects_a_stream(make, verb):
    """EINVAL, where libzmq ignores the options and sends in the clear."""
    stream = make(zmq.STREAM, plain_username=b"user", plain_password=b"secret")
    with pytest.raises(zmq.ZMQError, match="PLAIN would protect nothing") as caught:
        getattr(stream, verb)("tcp://127.0.0.1:9999")
    assert caught.value.errno == errno.EINVAL


def test_two_streams_talk(make):
    """One bound, one connected."""
    one = make(zmq.STREAM, bind=TCP)
    other = make(zmq.STREAM, connect=one.last_endpoint)
    other.send_multipart([other.routing_id, b"ping"])
    ids, data = receive(one, 4)
    one.send_multipart([*ids, b"pong"])
    assert (data, receive(other, 4)) == (b"ping", ({other.routing_id}, b"pong"))


def test_a_web_server_of_a_stream(make):
    """Fetched by urllib, in a thread as it blocks."""
    stream = make(zmq.STREAM, bind=TCP)

    def serve():
        asked = b""
        while b"\r\n\r\n" not in asked:
            routing_id, data = stream.recv_multipart()
            asked += data
        path = asked.split()[1]
        stream.send_multipart([routing_id, b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nyou asked for " + path])
        stream.send_multipart([routing_id, b""])

    server, url = gevent.spawn(serve), f"http://127.0.0.1:{port(stream)}/page"
    fetched = gevent.get_hub().threadpool.apply(lambda: urlopen(url, timeout=5).read())
    assert fetched == b"you asked for /page"
    server.get(timeout=5)


# -- ROUTER_RAW -----------------------------------------------------------------------------------------------------


def test_a_raw_router_exchanges_bytes(make, client):
    """ROUTER_RAW: notices, bytes, and an empty frame that closes."""
    router = make(zmq.ROUTER, router_raw=1, bind=None)
    router.bind(TCP)
    sock = client(router)
    sock.sendall(b"hello")
    routing_id, connected = router.recv_multipart()
    assert connected == b"" and router.recv_multipart() == [routing_id, b"hello"]
    router.send_multipart([routing_id, b"answer"])
    router.send_multipart([routing_id, b""])
    assert read(sock) == b"answer"


@pytest.mark.parametrize("mandatory", [0, 1])
def test_a_raw_router_drops_as_a_router_does(make, mandatory):
    """What is for nobody; with ROUTER_MANDATORY it is EHOSTUNREACH."""
    router = make(zmq.ROUTER, router_raw=1, router_mandatory=mandatory)
    if mandatory:
        assert refuses(errno.EHOSTUNREACH, router.send_multipart, [b"nobody", b"x"])
    else:
        router.send_multipart([b"nobody", b"x"])


def test_router_raw_comes_before_the_first_connection(make):
    """It can be taken back, and not changed afterwards."""
    router = make(zmq.ROUTER, router_raw=1)
    router.router_raw = 0
    router.bind(TCP)
    make(zmq.DEALER, connect=router.last_endpoint).send(b"hello")
    assert router.recv_multipart()[1] == b"hello"
    assert refuses(errno.EINVAL, router.set, zmq.ROUTER_RAW, 1)
