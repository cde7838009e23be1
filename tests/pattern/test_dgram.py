"""Claims of DGRAM as a pattern."""

import errno

import pytest

from gzmq.error import ZMQError
from gzmq.pattern.dgram import Dgram
from gzmq.pipe import FULL

from ..fakes import Bench

TO = b"127.0.0.1:5555"


def refuses(code, call, *args):
    with pytest.raises(ZMQError) as caught:
        call(*args)
    return caught.value.errno == code


def test_a_message_is_an_address_and_a_body():
    """Both ways."""
    bench = Bench(Dgram)
    peer = bench.peer(largest=100)
    assert bench.pattern.send([TO, b"body"])
    assert peer.recv() == [TO, b"body"]
    peer.send([TO, b"answer"])
    assert bench.pattern.recv() == [TO, b"answer"]


@pytest.mark.parametrize("message", [[b"body"], [TO], [TO, b"body", b"body"], [b"nowhere", b"body"]], ids=str)
def test_what_is_none(message):
    """EINVAL; nothing is sent."""
    bench = Bench(Dgram)
    peer = bench.peer(largest=100)
    assert refuses(errno.EINVAL, bench.pattern.send, message)
    assert peer.recv() is None


def test_what_does_not_fit():
    """EMSGSIZE; the address does not count."""
    bench = Bench(Dgram)
    bench.peer(largest=5)
    assert bench.pattern.send([TO, b"12345"])
    assert refuses(errno.EMSGSIZE, bench.pattern.send, [TO, b"123456"])


def test_one_endpoint_at_a_time():
    """A second one is refused; without any, a sender waits."""
    bench = Bench(Dgram)
    assert bench.pattern.send([TO, b"x"]) is FULL
    first = bench.peer(largest=5)
    assert bench.peer() is None
    first.close()
    assert bench.peer() is not None
