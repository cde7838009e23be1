"""A batch that many connections send is encoded once, and is the same bytes for all."""

import weakref
from collections import deque

import pytest

from gzmq.zmtp import framing
from gzmq.zmtp.repeats import Repeats

LIMIT = 1 << 17


def encoded(encode, messages, limit=LIMIT):
    """The bytes of a queue of these messages, written batch by batch."""
    queue, buffers = deque(messages), []
    while queue:
        encode(queue, buffers, limit)
    return b"".join(buffers)


def messages(count, size=64):
    """Of two frames, and every third of one."""
    return [[b"%d" % number, bytes(size)] if number % 3 else b"%d" % number + bytes(size) for number in range(count)]


@pytest.fixture
def calls(monkeypatch):
    """How often anything was encoded."""
    made = []
    encode = framing.encode
    monkeypatch.setattr(framing, "encode", lambda *args: made.append(encode(*args)))
    return made


@pytest.mark.parametrize("size", [0, 64, 300, 100_000])
@pytest.mark.parametrize("count", [1, 7, 5000])
@pytest.mark.parametrize("limit", [100, LIMIT])
def test_every_peer_gets_the_same_bytes(size, count, limit):
    """However long the queue, and whatever it holds."""
    said = messages(min(count, 10**7 // (size + 1)), size)
    repeats = Repeats()
    plain = encoded(framing.encode, said)
    assert all(encoded(repeats.encode, said, limit) == plain for _ in range(4))


def test_the_third_peer_costs_no_encoding(calls):
    """The second one shows that there are several."""
    said, repeats = messages(10), Repeats()
    for _ in range(5):
        encoded(repeats.encode, said)
    assert len(calls) == 2


def test_who_has_more_to_hear_gets_the_rest():
    """Peers that have fallen behind, or whose subscriptions differ, have other queues."""
    said, repeats = messages(10), Repeats()
    queues = [said, said, said + messages(3), said[:4], said[5:], said[:3] + said[6:], said]
    assert [encoded(repeats.encode, queue) for queue in queues] == [encoded(framing.encode, queue) for queue in queues]


def test_another_limit_is_another_batch(calls):
    """OUT_BATCH_SIZE is each socket's own."""
    said, repeats = messages(10), Repeats()
    for limit in (LIMIT, LIMIT, 100):
        encoded(repeats.encode, said, limit)
    assert len(calls) > 3


class Owned(bytearray):
    """Memory whose end can be seen."""


def test_no_view_is_kept():
    """Its owner waits until everybody has let go of it."""
    view = memoryview(Owned(100))
    gone, repeats = weakref.ref(view), Repeats()
    said = [[b"first"], [b"topic", view]]
    for _ in range(3):
        encoded(repeats.encode, said)
    encoded(repeats.encode, [[view]])
    del said, view
    assert gone() is None


def test_the_same_bytes_sent_again_and_again_make_large_batches():
    """Though each batch begins like those before it, which were short."""
    repeats, body, buffers = Repeats(), b"still here", []
    for count in (1, 1, 1, 100, 100):
        queue = deque([body] * count)
        repeats.encode(queue, buffers, LIMIT)
        assert not queue
    assert b"".join(buffers) == encoded(framing.encode, [body] * 203)
