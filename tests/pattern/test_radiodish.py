"""Claims of RADIO and DISH as patterns."""

import errno

import pytest

from gzmq.error import ZMQError
from gzmq.pattern.radiodish import Dish, Radio
from gzmq.pipe import FULL

from ..fakes import Bench


def refuses(code, call, *args):
    with pytest.raises(ZMQError) as caught:
        call(*args)
    return caught.value.errno == code


def messages(pipe):
    """Drain a pipe's end."""
    return list(iter(pipe.recv, None))


def test_a_radio_sends_to_who_has_joined():
    """48/RADIODISH: membership is checked "using exact matching"."""
    bench = Bench(Radio)
    news, new, other = (bench.peer() for _ in range(3))
    for peer, group in ((news, b"news"), (new, b"new"), (other, b"other")):
        peer.send([b"\1" + group])
    assert bench.pattern.send([b"news", b"body"])
    assert (messages(news), messages(new), messages(other)) == ([[b"news", b"body"]], [], [])


def test_a_message_without_a_group_is_of_the_empty_one():
    """As in libzmq; a dish can join that, too."""
    bench = Bench(Radio)
    peer = bench.peer()
    peer.send([b"\1"])
    assert bench.pattern.send([b"body"])
    assert messages(peer) == [[b"", b"body"]]


def test_a_radio_stops_when_a_dish_leaves():
    """The group, or altogether."""
    bench = Bench(Radio)
    one, other = bench.peer(), bench.peer()
    for peer in (one, other):
        peer.send([b"\1news"])
    one.send([b"\0news"])
    assert bench.pattern.send([b"news", b"1"])
    assert (messages(one), messages(other)) == ([], [[b"news", b"1"]])
    other.close()
    assert bench.pattern.send([b"news", b"2"])


def test_a_full_dish_misses_messages():
    """48/RADIODISH: RADIO "SHALL silently drop the message if the queue for a dish is full"; it is counted."""
    bench = Bench(Radio, hwm=1)
    full, other = bench.peer(), bench.peer(hwm=0)
    for peer in (full, other):
        peer.send([b"\1news"])
    for body in (b"1", b"2", b"2"):
        bench.pattern.send([b"news", body])  # TURN_OVER once: what was sent gets a chance to leave
    assert messages(full) == [[b"news", b"1"]]
    assert messages(other)[-1] == [b"news", b"2"]


def test_nodrop_waits_for_a_full_dish():
    """XPUB_NODROP, which libzmq's RADIO has, too."""
    bench = Bench(Radio, hwm=1, xpub_nodrop=1)
    peer = bench.peer()
    peer.send([b"\1news"])
    assert bench.pattern.send([b"news", b"1"])
    assert bench.pattern.send([b"news", b"2"]) is FULL
    assert not bench.pattern.writable()


def test_where_nobody_can_ask_all_goes():
    """A pipe of the udp transport: its dishes choose at their own end."""
    bench = Bench(Radio)
    peer = bench.peer(subscribe_to_all=True, largest=100)
    for group in (b"news", b""):
        assert bench.pattern.send([group, b"body"])
    assert messages(peer) == [[b"news", b"body"], [b"", b"body"]]
    peer.close()
    assert bench.pattern.send([b"news", b"body"])


def test_what_fits_into_no_datagram_goes_to_nobody():
    """EMSGSIZE, before anyone got it; 9 bytes of group and body are the most here."""
    bench = Bench(Radio)
    other, small = bench.peer(), bench.peer(subscribe_to_all=True, largest=9)
    other.send([b"\1news"])
    assert refuses(errno.EMSGSIZE, bench.pattern.send, [b"news", b"123456"])
    assert bench.pattern.send([b"news", b"12345"])
    assert messages(other) == messages(small) == [[b"news", b"12345"]]


def test_a_dish_tells_each_radio_what_it_has_joined():
    """Those that are there, those that come, and those that come back."""
    bench = Bench(Dish)
    early = bench.peer()
    bench.pattern.join("a")
    bench.pattern.join(b"b")
    bench.pattern.leave(b"a")
    late = bench.peer()
    assert messages(early) == [[b"\1a"], [b"\1b"], [b"\0a"]]
    assert messages(late) == [[b"\1b"]]


def test_a_dish_joins_once():
    """EINVAL to join again, and to leave what was not joined."""
    bench = Bench(Dish)
    bench.pattern.join(b"a")
    assert refuses(errno.EINVAL, bench.pattern.join, b"a")
    bench.pattern.leave(b"a")
    assert refuses(errno.EINVAL, bench.pattern.leave, b"a")
    bench.pattern.join(b"a")


def test_a_dish_passes_over_other_groups():
    """What was on its way when the group was left, and what comes over udp."""
    bench = Bench(Dish)
    peer = bench.peer()
    bench.pattern.join(b"news")
    for group in (b"new", b"news", b"news."):
        peer.send([group, b"of " + group])
    assert bench.pattern.readable()
    assert bench.pattern.recv() == [b"of news"]
    assert not bench.pattern.readable()
    assert bench.pattern.recv() is None


def test_the_group_of_a_message_is_known_when_the_next_was_looked_at():
    """`readable` does not change what was received last."""
    bench = Bench(Dish)
    one, other = bench.peer(), bench.peer()
    for peer, group in ((one, b"a"), (other, b"b")):
        bench.pattern.join(group)
        peer.send([group, b"x"])
    bench.pattern.recv()
    assert bench.pattern.readable()
    assert bench.pattern.last_label == b"a"
    assert bench.pattern.source is one.peer


def test_a_dish_does_not_send_and_a_radio_does_not_receive():
    """ENOTSUP."""
    assert refuses(errno.ENOTSUP, Bench(Dish).pattern.send, [b"x"])
    assert refuses(errno.ENOTSUP, Bench(Radio).pattern.recv)
