"""Claims of gzmq.zmtp.legacy."""

from collections import deque

import pytest
from hypothesis import given

from gzmq.buffers import parts
from gzmq.limits import LIMITS
from gzmq.zmtp import ProtocolError
from gzmq.zmtp.legacy import LegacyDecoder, encode

from .marriage import CUTS, MESSAGES, STEADY, frame1, header1, peak, pieces, written

SIZES = [0, 1, 252, 253, 254, 255, 256, 70_000]


def decoder(max_frame=-1, **limits):
    return LegacyDecoder(max_frame, lambda body: None, LIMITS.changed(**limits))


def fed(data, cut=None, max_frame=-1):
    taker = decoder(max_frame)
    return [parts(message) for piece in pieces(data, cut) for message in taker.feed(piece)]


def fault(data, taker=None):
    with pytest.raises(ProtocolError) as caught:
        (taker or decoder()).feed(data)
    return caught.value


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_any_size_is_encoded_as_the_specification_says(size):
    """The length counts the flags; 255 says that eight octets follow."""
    body = b"x" * size
    assert written(encode, [body]) == frame1(body)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_any_size_is_decoded(size):
    """The same, the other way round."""
    body = b"x" * size
    assert fed(frame1(body)) == [[body]]


@pytest.mark.parametrize("size", SIZES)
def test_multiparts_go_both_ways(size):
    """MORE is bit 0, here too."""
    body = b"x" * size
    stream = frame1(body, 1) + frame1(b"", 1) + frame1(body)
    assert written(encode, [body, b"", body]) == stream
    assert fed(stream + frame1(b"next")) == [[body, b"", body], [b"next"]]


@pytest.mark.parametrize("size", [0, 1, 253])
def test_a_short_frame_may_have_a_long_header(size):
    """13/ZMTP: for lengths of 1 to 254 this encoding may also be used."""
    body = b"x" * size
    assert fed(header1(size + 1, 1) + body + header1(size + 1) + body) == [[body, body]]


@STEADY
@given(messages=MESSAGES, cuts=CUTS)
def test_any_messages_in_any_cuts_come_out_the_same(messages, cuts):
    """How the bytes are cut makes no difference."""
    assert fed(written(encode, *messages), cuts) == messages


@STEADY
@given(messages=MESSAGES)
def test_any_messages_come_out_the_same_byte_by_byte(messages):
    """Nor do the smallest cuts there are."""
    assert fed(written(encode, *messages), 1) == messages


def test_wanted_is_what_the_frame_under_way_lacks():
    """As with the later framing."""
    taker = decoder()
    taker.feed(frame1(b"x" * 1000)[:510])
    assert taker.wanted == 500


@pytest.mark.parametrize("data", [b"", b"\x05", b"\xff\x00\x00", header1(500)[:9]])
def test_nothing_is_wanted_while_a_header_is_cut(data):
    """The flags belong to it."""
    taker = decoder()
    taker.feed(data)
    assert taker.wanted == 0


@pytest.mark.parametrize("size", [0, 1, 300, 20_000])
def test_a_batch_respects_its_limit(size):
    """It ends with the message that reaches it, also when there is nothing in any."""
    buffers, queue, limit = [], deque([[b"x" * size]] * 90_000), 50_000
    encode(queue, buffers, limit)
    assert limit <= sum(map(len, buffers)) < 3 * limit + size + 10


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [b"\x00\x00", header1(0)])
def test_a_length_of_nothing_is_refused(header):
    """There are the flags at least."""
    fault(header)


@pytest.mark.parametrize("flags", [2, 3, 4, 0x80, 0xFF])
@pytest.mark.parametrize("header", [b"\x05", header1(5)[:-1]])
def test_unknown_flags_are_refused(header, flags):
    """All but MORE are reserved."""
    assert f"0x{flags:02x}" in fault(header + bytes((flags,))).reason


@pytest.mark.parametrize("length", [(1 << 30) + 2, 1 << 31, 1 << 63, (1 << 64) - 1])
def test_an_unbelievable_length_is_refused_by_its_header(length):
    """Before any of the body has come."""
    errors = []
    assert peak(lambda: errors.append(fault(header1(length)))) < 1 << 20
    assert str(LIMITS.message_bytes) in errors[0].reason


def test_the_length_that_once_overflowed_is_refused():
    """Field note C2: fifty hundred bytes follow it."""
    fault(b"\xff\xff\xff\xff\xff\xff\xff\xff\xda\x00" + b"x" * 5000)


def test_nothing_is_allocated_for_a_declared_length():
    """However much MAXMSGSIZE admits."""
    taker = decoder(1 << 62)
    assert peak(lambda: taker.feed(header1(1 << 62) + b"x" * 100)) < 10_000


@pytest.mark.parametrize("bound", [0, 1, 253, 254, 255, 70_000])
def test_maxmsgsize_admits_itself_and_no_more(bound):
    """The flags do not count."""
    assert fed(frame1(b"x" * bound), max_frame=bound) == [[b"x" * bound]]
    fault(frame1(b"x" * (bound + 1))[:10], decoder(bound))


def test_endless_frames_are_refused():
    """What one unfinished message may hold is bounded."""
    taker = decoder(message_frames=5)
    assert taker.feed(frame1(b"x", 1) * 4) == []
    fault(frame1(b"x", 1), taker)


def test_an_endless_message_is_refused():
    """In bytes, too."""
    taker = decoder(message_bytes=1000)
    assert taker.feed(frame1(b"x" * 500, 1)) == []
    fault(frame1(b"x" * 501, 1), taker)


def test_messages_before_the_fault_are_not_lost():
    """They come with the error."""
    assert fault(frame1(b"one", 1) + frame1(b"two") + frame1(b"three") + b"\x00\x00").messages == [
        [b"one", b"two"],
        b"three",
    ]
