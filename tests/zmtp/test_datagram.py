"""Claims of gzmq.zmtp.datagram: messages as datagrams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmq.error import ZMQError
from gzmq.zmtp.datagram import LIBZMQ_READS, UDP_HOLDS, Groups, Raw, format_address, parse_address

from .marriage import STEADY

SENDER = ("127.0.0.1", 5555)


@STEADY
@given(st.binary(max_size=255), st.binary(max_size=300))
def test_a_group_and_a_body(group, body):
    """One byte of length, the group, the body: what libzmq sends."""
    pieces, target = Groups().encode([group, body])
    assert target is None
    assert b"".join(pieces) == bytes((len(group),)) + group + body
    assert Groups().decode(b"".join(pieces), SENDER) == [group, body]


@pytest.mark.parametrize("data", [b"", b"\1", b"\5news", b"\xff" + bytes(254)], ids=len)
def test_a_datagram_shorter_than_its_group_is_none(data):
    """Nothing of it is a message."""
    assert Groups().decode(data, SENDER) is None


@STEADY
@given(st.binary(max_size=600))
def test_any_datagram_is_a_message_or_none(data):
    """No byte of it is lost or made up."""
    message = Groups().decode(data, SENDER)
    if message is None:
        assert not data or data[0] > len(data) - 1
    else:
        assert bytes((len(message[0]),)) + b"".join(message) == data


def test_the_largest_are_what_libzmq_reads_and_what_udp_holds():
    """The byte of the length counts."""
    pieces, _ = Groups().encode([b"group", bytes(Groups.largest - len(b"group"))])
    assert sum(map(len, pieces)) == LIBZMQ_READS
    assert Raw.largest == UDP_HOLDS


@pytest.mark.parametrize("data", [b"", b"body", bytes(1000)], ids=len)
def test_raw_datagrams_have_their_address_in_front(data):
    """Where it came from is where an answer goes."""
    message = Raw().decode(data, SENDER)
    assert message == [b"127.0.0.1:5555\0", data]
    pieces, target = Raw().encode(message)
    assert (b"".join(pieces), target) == (data, SENDER)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "fe80::1%1"])
@pytest.mark.parametrize("port", [1, 5555, 65535])
def test_an_address_is_read_as_it_was_written(host, port):
    """IPv6 in brackets."""
    assert parse_address(format_address(host, port)) == (host, port)


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"\0", b":", b"127.0.0.1", b"127.0.0.1:", b"127.0.0.1:0", b"127.0.0.1:65536", b"127.0.0.1:-1", b":5555",
        b"127.0.0.1:x", b"localhost:5555", b"*:5555", b"127.0.0.1:" + b"9" * 5000, b"\xff\xfe:5555", b"127.1:5555",
        "127.0.0.1:５".encode(), b"1 27.0.0.1:5", b"127.0.0.1:5 5",
    ],
)  # fmt: skip
def test_what_is_no_address(frame):
    """EINVAL with an example; names are not looked up."""
    with pytest.raises(ZMQError, match=r"such as 127\.0\.0\.1:5555"):
        parse_address(frame)
