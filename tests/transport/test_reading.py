"""Claims of gzmq.transport.reading, compiled or not."""

import errno
import signal
import socket

import pytest

from gzmq.transport.reading import AHEAD, read_into


@pytest.fixture
def ends():
    """Two ends of a connection, of which the first does not block."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("sent, count, behind", [
    (b"bo", 2, b""),
    (b"body", 4, b""),
    (b"body and more", 4, b" and more"),
    (b"body" + b"x" * 5000, 4, b"x" * AHEAD),
])  # fmt: skip
def test_the_body_comes_to_its_place_and_some_of_what_follows(ends, sent, count, behind):
    """The rest stays where it is."""
    ends[1].sendall(sent)
    room = bytearray(4)
    assert read_into(ends[0].fileno(), room, 4) == (count, behind)
    assert room[:count] == sent[:count]


def test_a_room_that_is_too_small_gets_what_it_holds(ends):
    """Nothing is read beyond it, as that belongs to the body."""
    ends[1].sendall(b"one two")
    rooms = bytearray(4), bytearray(3)
    assert read_into(ends[0].fileno(), rooms[0], 7) == (4, b"")
    assert read_into(ends[0].fileno(), rooms[1], 3) == (3, b"")
    assert b"".join(rooms) == b"one two"


def test_nothing_there_and_nothing_to_come_differ(ends):
    """As for recv(2)."""
    with pytest.raises(BlockingIOError):
        read_into(ends[0].fileno(), bytearray(4), 4)
    ends[1].close()
    assert read_into(ends[0].fileno(), bytearray(4), 4) == (0, b"")


def test_an_error_has_its_number(ends):
    """Of the system."""
    with pytest.raises(OSError) as caught:
        read_into(-1, bytearray(4), 4)
    assert caught.value.errno == errno.EBADF


def test_what_cannot_be_written_is_not(ends):
    """Bytes stay what they are."""
    ends[1].sendall(b"abcd")
    with pytest.raises((BufferError, TypeError)):
        read_into(ends[0].fileno(), b"room", 4)


def test_a_signal_does_not_end_the_wait(ends):
    """Its handler runs, and reading goes on."""
    ends[0].setblocking(True)
    before = signal.signal(signal.SIGALRM, lambda *_: ends[1].sendall(b"late"))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert read_into(ends[0].fileno(), bytearray(4), 4) == (4, b"")
    finally:
        signal.signal(signal.SIGALRM, before)
