"""Claims of playing a script over a descriptor."""

import errno
import socket as net

import gevent
import pytest
from gevent import socket as green
from gevent.event import AsyncResult

from gzmq.transport.exchange import Exchange


@pytest.fixture
def ends():
    """Both ends of a connection: the exchange's, and the other's in gevent's hands."""
    ours, theirs = net.socketpair()
    ours.setblocking(False)
    with ours, green.socket(fileno=theirs.detach()) as other:
        other.settimeout(5)
        yield ours, other


def play(sock, script):
    """Begin; how it ends: None, or the error."""
    ended = AsyncResult()
    exchange = Exchange(sock, gevent.get_hub().loop, script, lambda: ended.set(None), ended.set)
    exchange.start()
    return exchange, ended


def test_it_reads_what_is_needed_and_no_more(ends):
    """In any cuts; what is behind it stays for whoever comes then."""
    heard = []

    def script():
        heard.append((yield b"", 3))
        heard.append((yield b"", 2))

    ours, other = ends
    _, ended = play(ours, script())
    for piece in (b"a", b"bcd", b"erest"):
        other.sendall(piece)
        gevent.sleep(0.002)
    assert ended.get(timeout=5) is None and heard == [b"abc", b"de"] and ours.recv(100) == b"rest"


def test_it_writes_as_much_as_is_taken(ends):
    """A script may say more than the system's buffers hold."""

    def script():
        assert (yield b"x" * 3_000_000, 1) == b"!"

    ours, other = ends
    _, ended = play(ours, script())
    left = 3_000_000
    while left:
        left -= len(other.recv(1 << 20))
    other.sendall(b"!")
    assert ended.get(timeout=5) is None


def test_the_others_end_is_ours(ends):
    """With an errno."""
    ours, other = ends
    _, ended = play(ours, (need for need in [(b"", 5)]))
    other.sendall(b"1234")
    other.shutdown(net.SHUT_WR)
    assert ended.get(timeout=5).errno == errno.ECONNABORTED


def test_a_stopped_exchange_says_nothing_more(ends):
    """And its script is closed."""
    closed = []

    def script():
        try:
            yield b"", 1
        finally:
            closed.append(True)

    ours, other = ends
    exchange, ended = play(ours, script())
    exchange.stop()
    other.sendall(b"x")
    gevent.sleep(0.01)
    assert closed and not ended.ready() and ours.recv(10) == b"x"
