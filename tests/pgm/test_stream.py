"""Claims of the stream: cut at any byte, joined where a message begins, and half a message is nobody's."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmq.buffers import parts
from gzmq.pgm import Packer, Unpacker
from gzmq.pgm.stream import NO_START, tsdu_size

MESSAGES = st.lists(st.lists(st.binary(max_size=600), min_size=1, max_size=4), max_size=12)


def packed(messages, size):
    packer, queue, tsdus = Packer(size), deque(messages), []
    while (tsdu := packer.next(queue)) is not None:
        tsdus.append(tsdu)
    return tsdus


def offset(tsdu):
    return int.from_bytes(tsdu[:2], "big")


def test_a_message_as_captured():
    """ "hello" alone in a packet."""
    assert packed([[b"hello"]], 1428) == [b"\0\0\x06\0hello"]


def test_a_multipart_as_captured():
    """[A, empty, CC]: lengths count the flags."""
    assert packed([[b"A", b"", b"CC"]], 1428) == [bytes.fromhex("0000020141010103004343")]


@pytest.mark.parametrize("size, header", [(253, "fe00"), (254, "ff00000000000000ff00"), (255, "ff000000000000010000")])
def test_lengths_around_the_long_form(size, header):
    """255 bytes with the flags are the first to need eight bytes for their number."""
    (tsdu,) = packed([[bytes(size)]], 1428)
    assert tsdu == b"\0\0" + bytes.fromhex(header) + bytes(size)


def test_the_offset_names_the_first_message_that_begins_here():
    """Not a frame: the second part of a multipart is no place to join."""
    first, second = packed([[b"a" * 10, b"b" * 10], [b"c"]], 20)
    assert offset(first) == 0 and offset(second) == 6


def test_no_message_begins_in_the_middle_of_a_long_one():
    """0xffff, also when it ends with the packet's last byte."""
    tsdus = packed([[b"x" * 50]], 20)
    assert [offset(tsdu) for tsdu in tsdus] == [0, NO_START, 16]
    assert [offset(tsdu) for tsdu in packed([[b"x" * 34]], 20)] == [0, NO_START]


@given(MESSAGES, st.integers(3, 700))
def test_what_is_packed_is_unpacked(messages, size):
    """For every size of packets, each at most that size."""
    unpacker, got = Unpacker(-1), []
    for tsdu in packed(messages, size):
        assert len(tsdu) <= size
        got += map(parts, unpacker.feed(tsdu))
    assert got == messages and not unpacker.errors


@given(MESSAGES, st.integers(3, 300), st.integers(0, 30))
def test_joining_late_gives_the_rest_whole(messages, size, start):
    """From any packet on: a suffix of the messages, nothing half."""
    unpacker, got = Unpacker(-1), []
    for tsdu in packed(messages, size)[start:]:
        got += map(parts, unpacker.feed(tsdu))
    assert got == messages[len(messages) - len(got) :] and not unpacker.errors


@given(MESSAGES, st.integers(3, 300), st.sets(st.integers(0, 40)))
def test_after_a_loss_only_whole_messages_come(messages, size, missing):
    """And each that comes was sent, in order."""
    unpacker, got = Unpacker(-1), []
    for at, tsdu in enumerate(packed(messages, size)):
        if at in missing:
            unpacker.lost()
        else:
            got += map(parts, unpacker.feed(tsdu))
    left = iter(messages)
    assert all(any(message == sent for sent in left) for message in got)


@pytest.mark.parametrize("tsdu", [b"", b"\0", b"\0\x05abc", b"\0\0\0\0", b"\0\0\x05\x09abcd"])
def test_what_makes_no_sense_is_counted_and_left(tsdu):
    """An empty TSDU, an offset beyond it, a frame of length 0, flags that there are not; the next message is whole."""
    unpacker = Unpacker(-1)
    assert unpacker.feed(tsdu) == [] and unpacker.errors == 1
    assert unpacker.feed(b"\0\0\x06\0hello") == [b"hello"]


def test_maxmsgsize_holds():
    """A frame beyond it leaves the stream; nothing is allocated for it."""
    unpacker = Unpacker(4)
    assert unpacker.feed(b"\0\0\x06\0hello") == [] and unpacker.errors == 1


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_any_stream_is_survived(one, other):
    """Whatever the bytes, and whatever follows."""
    unpacker = Unpacker(1000)
    unpacker.feed(one)
    unpacker.feed(other)


def test_sizes_at_the_default_tpdu():
    """1428 bytes in UDP, 1436 on IP: what libzmq fills."""
    assert (tsdu_size(1500, 20, 8), tsdu_size(1500, 20, 0), tsdu_size(1500, 40, 0)) == (1428, 1436, 1416)
