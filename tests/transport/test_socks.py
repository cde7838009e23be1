"""Claims of the SOCKS 5 scripts, without a wire."""

import errno

import pytest

from gzmq.transport.socks import SocksError, script

OK = b"\x05\x00"
REPLY = b"\x05\x00\x00"


def play(script, *answers):
    """Play a script against a proxy that says these bytes, given in the pieces that are asked for; what was sent."""
    said, sent = b"".join(answers), b""
    data, need = next(script)
    while True:
        sent += data
        if len(said) < need:
            raise EOFError(f"{need} bytes are needed, {said!r} is left")
        answer, said = said[:need], said[need:]
        try:
            data, need = script.send(answer)
        except StopIteration:
            return sent, said


ADDRESSES = [
    ("127.0.0.1", b"\x01\x7f\x00\x00\x01"),
    ("::1", b"\x04" + bytes(15) + b"\x01"),
    ("host.example", b"\x03\x0chost.example"),
    ("x" * 255, b"\x03\xff" + b"x" * 255),
]
BOUND = {
    "IPv4": b"\x01" + bytes(6),
    "IPv6": b"\x04" + bytes(18),
    "name": b"\x03\x04name\x00\x50",
    "none": b"\x03\0\0\0",
}


@pytest.mark.parametrize("host, encoded", ADDRESSES, ids=["IPv4", "IPv6", "name", "long name"])
def test_a_request_names_the_host_as_it_is(host, encoded):
    """RFC 1928: names are for the proxy to look up."""
    sent, _ = play(script(host, 0x1234), OK, REPLY, BOUND["IPv4"])
    assert sent == b"\x05\x01\x00" + b"\x05\x01\x00" + encoded + b"\x12\x34"


@pytest.mark.parametrize("bound", BOUND.values(), ids=BOUND)
def test_not_one_byte_of_the_peers_is_read(bound):
    """Whatever address the reply has."""
    _, left = play(script("host", 80), OK, REPLY, bound, b"\xffZMTP")
    assert left == b"\xffZMTP"


def test_a_user_says_name_and_password():
    """RFC 1929."""
    sent, _ = play(script("h", 80, b"user", b""), b"\x05\x02", b"\x01\x00", REPLY, BOUND["IPv4"])
    assert sent.startswith(b"\x05\x01\x02" + b"\x01\x04user\x00" + b"\x05\x01\x00")


REFUSALS = {
    "no method fits": ([b"\x05\xff"], errno.EACCES, "without SOCKS_USERNAME"),
    "another method": ([b"\x05\x01"], errno.EPROTO, "0x01"),
    "SOCKS 4": ([b"\x00\x5a"], errno.EPROTO, "no SOCKS 5"),
    "HTTP": ([b"HTTP/1.0 400"], errno.EPROTO, "no SOCKS 5"),
    "refused": ([OK, b"\x05\x05\x00"], errno.ECONNREFUSED, "connection refused"),
    "unknown code": ([OK, b"\x05\x63\x00"], errno.EPROTO, "unknown code 99"),
    "another version": ([OK, b"\x04\x00\x00"], errno.EPROTO, "version 4"),
    "unknown address type": ([OK, REPLY, b"\x02\x00"], errno.EPROTO, "unknown type 2"),
}


@pytest.mark.parametrize("answers, code, words", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_why(answers, code, words):
    """A sentence, and an errno."""
    with pytest.raises(SocksError, match=words) as caught:
        play(script("host", 80), *answers)
    assert caught.value.errno == code


@pytest.mark.parametrize("answers", [[b"\x05\xff"], [b"\x05\x02", b"\x01\x01"], [b"\x05\x02", b"\x02\x00"]])
def test_a_refused_user_is_told(answers):
    """By the method, by the status; or the proxy speaks something else."""
    with pytest.raises(SocksError):
        play(script("host", 80, b"user", b"password"), *answers)


def test_every_prefix_of_an_answer_wants_more():
    """None is taken for the whole."""
    whole = OK + REPLY + BOUND["name"]
    for length in range(len(whole)):
        with pytest.raises(EOFError):
            play(script("host", 80), whole[:length])
