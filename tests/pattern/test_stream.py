"""Claims of STREAM's and ROUTER_RAW's routing."""

import errno

import pytest

from gzmq.error import ZMQError
from gzmq.pattern.router import RawRouter, Router
from gzmq.pattern.stream import Stream
from gzmq.pipe import FULL

from ..fakes import Bench, contents


def connections(bench, count):
    """So many: [(routing id, the far end of its pipe)]; their notices are received."""
    ends = [bench.peer() for _ in range(count)]
    return [(bench.pattern.recv()[0], end) for end in ends]


@pytest.mark.parametrize("pattern", [Stream, RawRouter])
def test_each_connection_has_an_id_of_its_own(pattern):
    """And gets what is sent to that."""
    bench = Bench(pattern)
    for number, (routing_id, far) in enumerate(connections(bench, 3)):
        assert bench.pattern.send([routing_id, b"%d" % number])
        assert contents(far) == [b"%d" % number]


@pytest.mark.parametrize("pattern", [Stream, RawRouter])
def test_an_empty_frame_parts_with_one_connection(pattern):
    """The others stay."""
    bench = Bench(pattern)
    (one, far), (other, _) = connections(bench, 2)
    assert bench.pattern.send([one, b""])
    assert far.peer is None or far.peer.closed
    assert bench.pattern.send([other, b"x"])


def test_what_a_connection_said_last_stays_readable():
    """With the notice behind it."""
    bench = Bench(Stream)
    ((routing_id, far),) = connections(bench, 1)
    far.send([b"last"])
    bench.pattern.lost(far.peer)
    far.close()
    assert [bench.pattern.recv() for _ in range(2)] == [[routing_id, b"last"], [routing_id, b""]]


def test_a_full_connection_is_full():
    """Where ROUTER would drop."""
    bench = Bench(Stream, hwm=1)
    ((routing_id, _),) = connections(bench, 1)
    assert bench.pattern.send([routing_id, b"1"])
    assert bench.pattern.send([routing_id, b"2"]) is FULL
    assert bench.pattern.writable()  # as in libzmq: for all that is known, to another


@pytest.mark.parametrize("pattern, message", [(Stream, [b"id"]), (RawRouter, [b"id", b"a", b"b"])])
def test_a_message_has_two_frames(pattern, message):
    """EINVAL for any other."""
    with pytest.raises(ZMQError, match="two frames") as caught:
        Bench(pattern).pattern.send(message)
    assert caught.value.errno == errno.EINVAL


def test_a_router_becomes_raw_and_a_router_again():
    """ROUTER_RAW asks the socket for another pattern."""
    bench, became = Bench(Router), []
    bench.socket.become = became.append
    for value in (1, 0):
        assert bench.pattern.set_option("ROUTER_RAW", value)
    assert became == [RawRouter, Router]
