"""Claims of CLIENT, SERVER and PEER as patterns."""

import errno

import pytest

from gzmq.error import ZMQError
from gzmq.pattern.clientserver import Client, Peer, Server
from gzmq.pipe import FULL

from ..fakes import Bench, contents


def refuses(code, call, *args):
    with pytest.raises(ZMQError) as caught:
        call(*args)
    return caught.value.errno == code


def heard_from(bench, far, word):
    """Send a word by a peer; its routing id."""
    far.send([word])
    assert bench.pattern.recv() == [word]
    return bench.pattern.last_label


def test_client_goes_round():
    """41/CLISRV: CLIENT distributes round robin."""
    bench = Bench(Client)
    peers = [bench.peer() for _ in range(3)]
    for i in range(6):
        assert bench.pattern.send([b"%d" % i])
    assert [contents(peer) for peer in peers] == [[b"0", b"3"], [b"1", b"4"], [b"2", b"5"]]


def test_client_blocks_without_a_server():
    """41/CLISRV: it "SHALL block on sending ... when it has no available peers"."""
    assert Bench(Client).pattern.send([b"x"]) is FULL


@pytest.mark.parametrize("kind", [Server, Peer])
def test_each_peer_is_reached_by_its_number(kind):
    """41/CLISRV: a unique, non-zero routing id for each."""
    bench = Bench(kind)
    peers = [bench.peer() for _ in range(3)]
    numbers = [heard_from(bench, peer, b"hello") for peer in peers]
    assert len(set(numbers)) == 3 and bytes(4) not in numbers
    for number in reversed(numbers):
        assert bench.pattern.send([number, number])
    assert [contents(peer) for peer in peers] == [[number] for number in numbers]


def test_server_takes_from_all_in_turn():
    """41/CLISRV: fair queueing."""
    bench = Bench(Server)
    one, other = bench.peer(), bench.peer()
    for i in (b"1", b"2"):
        one.send([i])
    other.send([b"a"])
    assert [bench.pattern.recv() for _ in range(3)] == [[b"1"], [b"a"], [b"2"]]


def test_the_number_is_known_when_its_queue_is_empty():
    """Looking whether there is more does not forget who spoke."""
    bench = Bench(Server)
    number = heard_from(bench, bench.peer(), b"only")
    assert not bench.pattern.readable()
    assert bench.pattern.last_label == number


@pytest.mark.parametrize("message", [[b"x"], [b"\0\0\0\7", b"x"]], ids=["no number", "nobody's number"])
def test_a_server_that_knows_no_such_peer_says_so(message):
    """41/CLISRV: it "SHALL return an error if the queue does not exist"."""
    assert refuses(errno.EHOSTUNREACH, Bench(Server).pattern.send, message)


def test_server_blocks_for_a_full_peer_only():
    """41/CLISRV: it never drops; others are not held up."""
    bench = Bench(Server, hwm=1)
    one, other = bench.peer(), bench.peer()
    first, second = (heard_from(bench, peer, b"hello") for peer in (one, other))
    assert bench.pattern.send([first, b"x"])
    assert bench.pattern.send([first, b"x"]) is FULL
    assert bench.pattern.send([second, b"y"])
    assert contents(other) == [b"y"]


def test_a_peer_that_has_left_is_not_reached():
    """What it sent can still be received, with its number."""
    bench = Bench(Server)
    peer = bench.peer()
    peer.send([b"last words"])
    peer.close()
    assert bench.pattern.recv() == [b"last words"]
    assert refuses(errno.EHOSTUNREACH, bench.pattern.send, [bench.pattern.last_label, b"x"])


def test_disconnect_peer_parts_with_one():
    """And only with that one."""
    bench = Bench(Server)
    one, other = bench.peer(), bench.peer()
    number, stays = heard_from(bench, one, b"hello"), heard_from(bench, other, b"hello")
    bench.pattern.disconnect_peer(number)
    assert one.sink.heard[-1] == "terminated"
    assert refuses(errno.EHOSTUNREACH, bench.pattern.disconnect_peer, number)
    assert bench.pattern.send([stays, b"x"])


def test_numbers_wrap_past_zero_and_those_in_use():
    """32 bits."""
    bench = Bench(Server)
    bench.pattern._next_id = 0xFFFFFFFE
    numbers = []
    for _ in range(3):
        numbers.append(int.from_bytes(heard_from(bench, bench.peer(), b"hello"), "big"))
    bench.pattern._next_id = 0xFFFFFFFE
    numbers.append(int.from_bytes(heard_from(bench, bench.peer(), b"hello"), "big"))
    assert numbers == [0xFFFFFFFF, 1, 2, 3]
