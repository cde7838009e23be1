"""Claims of gzmq.zmtp.sodium, compiled or not: what it writes and reads is what PyNaCl's own functions do."""

import pytest
from nacl import bindings

from gzmq.zmtp.room import Room
from gzmq.zmtp.sealed import BOX_AT, COMMAND, LAST, MESSAGE, MORE, NONCE_AT, OVERHEAD
from gzmq.zmtp.sodium import Opener, Sealer

KEY, PREFIX = bytes(range(32)), b"CurveZMQMESSAGEC"
#: Around the blocks of the cipher, short frames, where bodies are no longer copied, and large ones.
SIZES = [0, 1, 30, 31, 32, 63, 64, 222, 223, 1024, 4062, 4063, 4064, 4096, 4097, 8158, 8159, 8160, 70_000]


def sealed(*frames, limit=1 << 16):
    """Frames of a new sealer, whose nonces are 1, 2 and so on, as it puts them on the wire."""
    sealer, buffers = Sealer(KEY, PREFIX), []
    sealer.begin(buffers, limit)
    sizes = [sealer.add(number, flags, body) for number, (flags, body) in enumerate(frames, 1)]
    sealer.end()
    wire = b"".join(buffers)
    assert sum(sizes) == len(wire)
    return wire


def message(flags, body, number=1):
    """A MESSAGE by PyNaCl."""
    nonce = number.to_bytes(8, "big")
    return MESSAGE + nonce + bindings.crypto_box_afternm(bytes((flags,)) + body, PREFIX + nonce, KEY)


def framed(word):
    size = len(word)
    return (bytes((0, size)) if size < 256 else b"\x02" + size.to_bytes(8, "big")) + word


def opener(last=0):
    return Opener(KEY, PREFIX, last.to_bytes(8, "big"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("flags", [LAST, MORE, COMMAND, 255])
def test_sealed_as_pynacl_seals(size, flags):
    """Byte for byte, of bytes and of views."""
    body = bytes(n * 7 % 251 for n in range(size))
    assert sealed((flags, body)) == sealed((flags, memoryview(body))) == framed(message(flags, body))


@pytest.mark.parametrize("limit", [1, 1000, 1 << 16])
def test_many_frames_are_sealed_in_turn(limit):
    """Of every size in one batch, however much was to be expected."""
    bodies = [bytes((n,)) * size for n, size in enumerate(SIZES + SIZES[::-1])]
    wire = b"".join(framed(message(LAST, body, n)) for n, body in enumerate(bodies, 1))
    assert sealed(*((LAST, body) for body in bodies), limit=limit) == wire


def test_a_batch_that_was_given_up_leaves_nothing():
    """The next one begins anew."""
    sealer, buffers = Sealer(KEY, PREFIX), []
    sealer.begin([], 100)
    sealer.add(1, LAST, b"given up")
    sealer.begin(buffers, 100)
    sealer.add(2, LAST, b"sent")
    sealer.end()
    assert buffers == [framed(message(LAST, b"sent", 2))]


def test_at_the_end_of_all_nonces_nothing_is_sealed():
    """Rather than with a nonce that was used before."""
    sealer, buffers = Sealer(KEY, PREFIX), []
    sealer.begin(buffers, 100)
    sealer.add((1 << 64) - 1, LAST, b"the last")
    with pytest.raises(OverflowError):
        sealer.add(1 << 64, LAST, b"one more")
    sealer.end()
    assert b"".join(buffers) == framed(message(LAST, b"the last", (1 << 64) - 1))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("flags", [LAST, MORE, COMMAND, 77])
def test_opened_as_pynacl_opens(size, flags):
    """In the midst of other bytes, with the flags that are inside."""
    body, reader = bytes(n * 7 % 251 for n in range(size)), opener()
    word = message(flags, body, 5)
    assert reader.open(b"before" + word + b"after", 6, 6 + len(word)) == body
    assert (reader.flags, reader.last) == (flags, (5).to_bytes(8, "big"))


@pytest.mark.parametrize("size", [0, 100, 4063, 4064, 70_000])
def test_what_was_changed_does_not_open(size):
    """Any byte of the MESSAGE; and the refused one leaves no trace, so the true one still opens."""
    word, reader = message(LAST, bytes(size)), opener()
    for pos in {*range(min(len(word), 70)), len(word) // 2, len(word) - 1}:
        changed = bytearray(word)
        changed[pos] ^= 0x10
        assert reader.open(bytes(changed), 0, len(word)) is None
    assert reader.last == bytes(8)
    assert reader.open(word, 0, len(word)) == bytes(size)


def roomy(word, spare=100):
    """A room that begins with this, as one that is used again does."""
    room = Room(len(word) + spare)
    room.put(0, word, 0, len(word))
    return room


@pytest.mark.parametrize("size", SIZES)
def test_opened_in_a_room_as_elsewhere(size):
    """With the flags that are inside; and no other time."""
    body, reader = bytes(n * 7 % 251 for n in range(size)), opener()
    word = message(MORE, body, 5)
    assert reader.open_in(roomy(word), len(word)) == body
    assert (reader.flags, reader.last) == (MORE, (5).to_bytes(8, "big"))
    assert reader.open_in(roomy(word), len(word)) is None


@pytest.mark.parametrize("size", [100, 8158, 8160, 70_000])
def test_what_was_changed_does_not_open_in_a_room(size):
    """It stays as it came, for whoever wants to know what is wrong."""
    word, reader = message(LAST, bytes(size)), opener()
    for pos in (0, NONCE_AT, BOX_AT, OVERHEAD, len(word) - 1):
        changed = bytearray(word)
        changed[pos] ^= 0x10
        room = roomy(bytes(changed))
        assert reader.open_in(room, len(word)) is None
        assert (room.whole()[: len(word)], reader.last) == (changed, bytes(8))
    assert reader.open_in(roomy(word), len(word)) == bytes(size)


@pytest.mark.parametrize("last, opens", [(4, True), (5, False), (6, False), ((1 << 64) - 1, False)])
def test_a_nonce_is_above_the_last(last, opens):
    """As an unsigned number."""
    word = message(LAST, b"x", 5)
    assert (opener(last).open(word, 0, len(word)) == b"x") is opens


@pytest.mark.parametrize("size", [0, 1, NONCE_AT, BOX_AT, OVERHEAD - 1])
def test_less_than_a_whole_one_is_none(size):
    """Nor is anything read that lies behind it."""
    word = message(LAST, b"")
    assert opener().open(word, 0, size) is None
    assert opener().open(word[:size], 0, size) is None


def test_nothing_is_read_outside_of_the_data():
    """Whatever place is asked for."""
    word = message(LAST, b"x" * 50)
    for start, stop in ((0, 1 << 40), (0, len(word) + 1), (1 << 40, 1 << 41), (50, 10)):
        assert opener().open(word, start, stop) is None
