"""Claims of connections through a SOCKS 5 proxy."""

import errno
import socket as net
from contextlib import suppress

import gevent
import pytest

import gzmq as zmq

from ..socks_proxy import Proxy, read
from .claims import refuses, until

TCP = "tcp://127.0.0.1:*"


@pytest.fixture
def proxy():
    """Make a proxy: ``proxy(username=..., behave=...)``."""
    made = []

    def proxy(**how):
        made.append(Proxy(**how))
        return made[-1]

    yield proxy
    for each in made:
        each.stop()


def port(socket):
    return int(socket.last_endpoint.rpartition(b":")[2])


def test_messages_go_through_the_proxy(make, proxy):
    """Both ways; the peer sees the proxy's connection."""
    through, rep = proxy(), make(zmq.REP, bind=TCP)
    req = make(zmq.REQ, socks_proxy=through.address, connect=None)
    req.connect(rep.last_endpoint)
    for size in (1, 1_000_000):
        req.send(b"x" * size)
        rep.send(rep.recv().upper())
        assert req.recv() == b"X" * size
    assert through.asked == [(1, "127.0.0.1", port(rep))]


def test_names_are_looked_up_by_the_proxy(make, proxy):
    """The name is sent as it is: here nobody knows it."""
    pull = make(zmq.PULL, bind=TCP)
    through = proxy(hosts={"server.invalid": "127.0.0.1"})
    push = make(zmq.PUSH, socks_proxy=through.address)
    push.connect(f"tcp://server.invalid:{port(pull)}")
    push.send(b"hello")
    assert pull.recv() == b"hello" and through.asked == [(3, "server.invalid", port(pull))]


def test_a_name_that_no_request_has_room_for(make):
    """EINVAL at once, with its length; one of 255 bytes is asked for."""
    push = make(zmq.PUSH, socks_proxy=b"127.0.0.1:1")
    push.connect(f"tcp://{'x' * 255}:80")
    with pytest.raises(zmq.ZMQError, match="tcp://x{256}:80 .* 256 bytes, of at most 255") as caught:
        push.connect(f"tcp://{'x' * 256}:80")
    assert caught.value.errno == errno.EINVAL


@pytest.mark.skipif(not net.has_ipv6, reason="no IPv6")
def test_an_ipv6_address_needs_no_ipv6_here(make, proxy):
    """Only the proxy has to have it."""
    pull = make(zmq.PULL, bind=TCP)
    through = proxy(hosts={"2001:db8::1": "127.0.0.1"})
    push = make(zmq.PUSH, socks_proxy=through.address)
    push.connect(f"tcp://[2001:db8::1]:{port(pull)}")
    push.send(b"hello")
    assert pull.recv() == b"hello" and through.asked == [(4, "2001:db8::1", port(pull))]


def test_a_proxy_may_have_a_name_of_its_own(make, proxy):
    """That one is looked up here."""
    pull, through = make(zmq.PULL, bind=TCP), proxy()
    push = make(zmq.PUSH, socks_proxy=f"localhost:{through.port}".encode())
    push.connect(pull.last_endpoint)
    push.send(b"hello")
    assert pull.recv() == b"hello"


def test_a_user_logs_in(make, proxy):
    """SOCKS_USERNAME and SOCKS_PASSWORD."""
    pull, through = make(zmq.PULL, bind=TCP), proxy(username=b"user", password=b"secret")
    push = make(zmq.PUSH, socks_proxy=through.address, socks_username=b"user", socks_password=b"secret")
    push.connect(pull.last_endpoint)
    push.send(b"hello")
    assert pull.recv() == b"hello"


def test_a_stream_goes_through_the_proxy(make, proxy):
    """Bytes as well as messages, and not one is lost behind the proxy's reply."""
    through, one = proxy(), make(zmq.STREAM, bind=TCP, stream_notify=0)
    other = make(zmq.STREAM, socks_proxy=through.address, connect_routing_id=b"far")
    other.connect(one.last_endpoint)
    other.send_multipart([b"far", b"hello"])
    assert one.recv_multipart()[1] == b"hello"


def answering(*answers):
    """A proxy that says these, each after something was heard, and then waits for the client to leave."""

    def behave(sock, number):
        for answer in answers:
            sock.recv(1000)
            sock.sendall(answer)
        while sock.recv(1000):
            pass

    return behave


def breaking_off(sock, number):
    """A proxy that leaves in the middle of its reply."""
    read(sock, 3)
    sock.sendall(b"\x05\x00")
    read(sock, 10)
    sock.sendall(b"\x05\x00\x00\x01\x7f")


BAD = {
    "no method": (answering(b"\x05\xff"), errno.EACCES),
    "HTTP": (answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), errno.EPROTO),
    "zeros": (answering(bytes(100)), errno.EPROTO),
    "refused": (answering(b"\x05\x00", b"\x05\x05\x00\x01" + bytes(6)), errno.ECONNREFUSED),
    "unreachable": (answering(b"\x05\x00", b"\x05\x04\x00\x01" + bytes(6)), errno.EHOSTUNREACH),
    "address type": (answering(b"\x05\x00", b"\x05\x00\x00\x09" + bytes(6)), errno.EPROTO),
    "hangs up": (lambda sock, number: read(sock, 3), errno.ECONNABORTED),
    "hangs up in its reply": (breaking_off, errno.ECONNABORTED),
}


@pytest.mark.parametrize("behave, code", BAD.values(), ids=BAD)
def test_a_bad_proxy_costs_the_attempt(make, proxy, behave, code):
    """An event with what was wrong, then it is tried again; the socket's other connections go on."""
    through = proxy(behave=behave)
    pull = make(zmq.PULL, bind=TCP)
    push = make(zmq.PUSH, reconnect_ivl=5)
    heard = push.events(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_CONNECT_RETRIED)
    push.socks_proxy = through.address
    push.connect("tcp://127.0.0.1:9")
    for _ in range(2):
        failed, retried = next(heard), next(heard)
        assert (failed.event, failed.value) == (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, code)
        assert retried.event == zmq.EVENT_CONNECT_RETRIED
    push.disconnect("tcp://127.0.0.1:9")
    push.socks_proxy = b""
    push.connect(pull.last_endpoint)
    push.send(b"hello")
    assert pull.recv() == b"hello"


def test_a_proxy_that_mends_itself_is_used(make, proxy):
    """The messages have waited."""
    pull = make(zmq.PULL, bind=TCP)

    def behave(sock, number):
        if number == 3:
            good._behave = None
            good._let_in(sock) and good._forward(sock)

    good = proxy(behave=behave)
    push = make(zmq.PUSH, socks_proxy=good.address, reconnect_ivl=5)
    push.connect(pull.last_endpoint)
    push.send(b"hello")
    assert pull.recv() == b"hello" and good.connections == 3


def test_reconnect_stop_knows_what_the_proxy_says(make, proxy):
    """RECONNECT_STOP_CONN_REFUSED: the proxy was refused."""
    through = proxy(behave=BAD["refused"][0])
    push = make(zmq.PUSH, socks_proxy=through.address, reconnect_ivl=1)
    push.reconnect_stop = zmq.RECONNECT_STOP_CONN_REFUSED
    heard = push.events(zmq.EVENT_CLOSED)
    push.connect("tcp://127.0.0.1:9")
    assert next(heard).event == zmq.EVENT_CLOSED and through.connections == 1


@pytest.mark.parametrize("option", ["connect_timeout", "handshake_ivl"])
def test_a_silent_proxy_is_given_up(make, proxy, option):
    """CONNECT_TIMEOUT covers the proxy's answers; without it HANDSHAKE_IVL does."""
    through = proxy(behave=lambda sock, number: sock.recv(1000) and sock.recv(1000) and gevent.sleep(5))
    push = make(zmq.PUSH, socks_proxy=through.address, reconnect_ivl=1, **{option: 20})
    push.connect("tcp://127.0.0.1:9")
    until(lambda: through.connections >= 3)


@pytest.mark.parametrize("step", range(5))
def test_closing_in_the_middle(make, proxy, step):
    """libzmq ends the process there."""
    heard = []

    def behave(sock, number):
        for answer in [b"", b"\x05", b"\x00", b"\x05\x00\x00\x03", b"\x10half"][: step + 1]:
            sock.sendall(answer)
        heard.append(True)
        with suppress(OSError):  # it had not read all of that
            while sock.recv(1000):
                pass
        heard.append(False)

    through = proxy(behave=behave)
    push = make(zmq.PUSH, socks_proxy=through.address)
    push.connect("tcp://127.0.0.1:9")
    push.send(b"x")
    until(lambda: heard)
    push.close(linger=0)
    until(lambda: heard == [True, False])


def test_ipc_goes_past_the_proxy(make, tmp_path):
    """As in libzmq it is for tcp."""
    pull = make(zmq.PULL, bind=f"ipc://{tmp_path}/s")
    push = make(zmq.PUSH, socks_proxy=b"127.0.0.1:1")
    push.connect(pull.last_endpoint)
    push.send(b"hello")
    assert pull.recv() == b"hello"


@pytest.mark.parametrize("value", [b"x", b"host:", b"host:0", b":80", b"host:99999", b"a b:80", b"\xff:80"])
def test_what_is_no_proxy_is_refused(make, value):
    """EINVAL by connect, rather than a connection that never comes."""
    push = make(zmq.PUSH, socks_proxy=value)
    with pytest.raises(zmq.ZMQError, match="SOCKS_PROXY .* is not host:port") as caught:
        push.connect("tcp://127.0.0.1:9")
    assert caught.value.errno == errno.EINVAL


def test_a_name_too_long_for_socks_is_refused(make, proxy):
    """RFC 1928 has one byte for its length."""
    push = make(zmq.PUSH, socks_proxy=proxy().address)
    assert refuses(errno.EINVAL, push.connect, f"tcp://{'x' * 256}:80")
