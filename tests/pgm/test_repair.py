"""Claims of loss and repair between a source and its receivers, in the test's own time."""

import random

import pytest

from gzmq.pgm import Audience, Source, Tsi
from gzmq.pgm import packet as packets
from gzmq.pgm.source import Rate

from .network import GROUP, NLA, PORT, TSI, Network, Publisher

MESSAGES = [[b"%d" % number, b"x" * (number % 150)] for number in range(60)]


def once(*losses):
    """Loses each (kind, sequence) the first time."""
    left = set(losses)

    def loses(kind, sequence, receiver):
        if (kind, sequence) in left:
            left.remove((kind, sequence))
            return True
        return False

    return loses


def opened(**how):
    """A network whose receivers know the publisher."""
    publisher = how.pop("publisher", None) or Publisher()
    network = Network(publisher, **how)
    network.open()
    return network


def test_all_arrive_in_order():
    """Without any loss, nothing is asked for."""
    network = opened(receivers=3)
    network.publish(*MESSAGES)
    assert network.got == [MESSAGES] * 3 and network.naks == 0


@pytest.mark.parametrize("sequence", [0, 1, 7, 20])
def test_one_lost_packet_is_repaired(sequence):
    """One NAK, answered by NCF and RDATA, and everything is in order."""
    network = opened(loses=once((packets.ODATA, sequence)))
    network.publish(*MESSAGES)
    network.run(1)
    assert network.got[0] == MESSAGES and network.naks == 1


def test_the_last_packet_is_missed_by_an_spm():
    """Only the heartbeat after the data says that there was one."""
    publisher = Publisher()
    network = opened(publisher=publisher, loses=lambda kind, sequence, at: (kind, sequence) == (packets.ODATA, 2))
    network.publish([b"a" * 90], [b"b" * 90], [b"c" * 90])
    assert publisher.sent == 3 and len(network.got[0]) == 2
    network.run(1)
    assert len(network.got[0]) == 3


def test_a_burst_is_asked_for_in_one_nak():
    """Up to 63 sequences, once all back-offs have run out together."""
    network = Network(Publisher(), loses=once(*((packets.ODATA, n) for n in range(5, 25))))
    network.audiences[0]._draw = lambda: 0.5
    network.open()
    network.publish(*MESSAGES)
    network.run(1)
    assert network.got[0] == MESSAGES and network.naks == 1


def test_others_naks_are_not_repeated():
    """Three receivers miss the same packet: the answer to the first that asks keeps the others quiet."""
    network = opened(receivers=3, loses=lambda kind, n, at: kind == packets.ODATA and n == 4)
    network.publish(*MESSAGES)
    network.run(1)
    assert network.got == [MESSAGES] * 3 and network.naks == 1
    assert network.publisher.source.repaired == 1


@pytest.mark.parametrize("kind", [packets.NAK, packets.NCF, packets.RDATA])
def test_a_lost_repair_is_asked_for_again(kind):
    """Whichever of its three packets was lost."""
    network = opened(loses=once((packets.ODATA, 3), (kind, 3)))
    network.publish(*MESSAGES)
    network.run(2)
    assert network.got[0] == MESSAGES


@pytest.mark.parametrize("share", [0.1, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_random_loss_of_everything(share, seed):
    """SPMs, data, NAKs, answers and repairs alike."""
    draw = random.Random(seed)
    network = Network(Publisher(), 3, lambda kind, sequence, at: draw.random() < share, seed=seed)
    network.loses, loses = (lambda *_: False), network.loses
    network.open()
    network.loses = loses
    network.publish(*MESSAGES)
    network.run(30)
    assert network.got == [MESSAGES] * 3


@pytest.mark.parametrize("first", [2**31 - 10, 2**32 - 10])
def test_sequences_wrap(first):
    """With losses before, at and after the end of the numbers."""
    lost = [(packets.ODATA, packets.following(first, n)) for n in (3, 9, 10, 11, 20)]
    network = opened(publisher=Publisher(first=first), loses=once(*lost))
    network.publish(*MESSAGES)
    network.run(1)
    assert network.got[0] == MESSAGES


def test_what_the_window_has_left_is_lost_and_the_stream_goes_on():
    """The gap is counted; nothing half is delivered."""
    network = opened(publisher=Publisher(window=5), loses=lambda kind, n, at: kind in (4, 5) and n == 3)
    network.publish(*MESSAGES)
    network.run(1)
    lost = network.audiences[0].lost
    assert lost == 1
    assert 0 < len(network.got[0]) < len(MESSAGES)
    assert all(message in MESSAGES for message in network.got[0])
    assert network.got[0][-1] == MESSAGES[-1]


def test_nobody_answers_for_ever():
    """Fifty tries, then the packet is lost and what waited for it comes at once, without another packet."""
    network = opened(loses=lambda kind, n, at: (kind == packets.ODATA and n == 3) or kind == packets.NAK)
    network.publish(*MESSAGES)
    network.run(8)
    before = len(network.got[0])
    network.run(8)
    assert before < 25 < len(network.got[0]) and network.audiences[0].lost == 1


def test_a_late_receiver_begins_with_the_next_message():
    """Nothing that was sent before it came is asked for."""
    network = opened(receivers=1)
    network.publish(*MESSAGES[:20])
    network.audiences.append(Audience(PORT, GROUP, 80, -1, random.random))
    network.got.append([])
    network.publish(*MESSAGES[20:])
    network.run(1)
    assert network.got[1] == MESSAGES[20:] and network.naks == 0


def test_without_an_spm_one_is_asked_for():
    """25 ms after the first packet; the answer says where NAKs go."""
    network = Network(Publisher(), loses=once((packets.ODATA, 3)))
    network.publish(*MESSAGES)
    assert len(network.got[0]) < 25
    network.run(0.5)
    assert network.got[0] == MESSAGES


def test_an_spm_is_asked_for_until_it_comes():
    """The first ones are lost, and the answers to the first questions: what is missing is not given up for that."""
    left = [8]

    def loses(kind, sequence, receiver):
        left[0] -= kind == packets.SPM
        return (kind == packets.SPM and left[0] > 0) or (kind == packets.ODATA and sequence == 3)

    network = Network(Publisher(), loses=loses)
    network.open()
    network.publish(*MESSAGES)
    network.run(3)
    assert network.got[0] == MESSAGES


def test_two_sources_on_one_group():
    """Each has its own sequence; the global id and the port tell them apart."""
    one, other = Publisher(), Publisher(tsi=Tsi(TSI.gsi, 99))
    network = opened(publisher=one)
    for raw in other.packets([[b"from the other"]], 0.0):
        network.to_group(raw)
    network.publish([b"from one"])
    assert network.got[0] == [b"from the other", b"from one"]


def test_a_source_that_starts_again_is_another():
    """A new port, a new stream."""
    network = opened()
    network.publish([b"before"])
    network.publisher = Publisher(tsi=Tsi(TSI.gsi, 7))
    network.open()
    network.publish([b"after"])
    assert network.got[0] == [b"before", b"after"]


def test_duplicates_come_once():
    """Of data and of repairs."""
    network = opened()
    for raw in network.publisher.packets(MESSAGES, 0.0):
        network.to_group(raw)
        network.to_group(raw)
    assert network.got[0] == MESSAGES


def test_a_silent_source_is_forgotten():
    """After 300 s without a packet."""
    network = opened()
    audience = network.audiences[0]
    assert len(audience._receivers) == 1
    audience.tick(audience.due)
    assert not audience._receivers


@pytest.mark.parametrize("jump", [2000, 2**20, 2**31 - 1])
def test_a_leap_costs_no_more_than_the_window(jump):
    """A lead far ahead, whoever says it: what is too long ago is lost at once, and no list grows with the number."""
    audience = Audience(PORT, GROUP, 80, -1, random.random)
    audience.receive(packets.spm(TSI, PORT, 0, 0, 10, NLA), NLA, 0.0)
    audience.receive(packets.spm(TSI, PORT, 1, 0, packets.following(10, jump), NLA), NLA, 0.0)
    (receiver,) = audience._receivers.values()
    assert len(receiver._gaps) <= 1024 and receiver.lost >= jump - 1024


def test_an_older_spm_says_nothing():
    """It was overtaken on its way."""
    network = opened()
    network.publish([b"one"])
    network.to_group(packets.spm(TSI, PORT, 0, 0, 50, NLA))
    assert network.audiences[0].due > 100


def test_other_ports_and_groups_are_not_ours():
    """Groups that share a port, and ports that share a group."""
    audience = Audience(PORT, GROUP, 80, -1, random.random)
    assert audience.receive(packets.data(packets.ODATA, TSI, 5556, 0, 0, b"\0\0\x06\0hello"), NLA, 0.0) == []
    assert not audience._receivers


def test_a_thousand_sources_and_one():
    """The one that was silent for longest makes room."""
    audience = Audience(PORT, GROUP, 80, -1, random.random)
    for port in range(1, 1102):
        audience.receive(packets.spm(Tsi(TSI.gsi, port), PORT, 0, 0, 0, NLA), NLA, float(port))
    assert len(audience._receivers) == 1000 and Tsi(TSI.gsi, 1) not in audience._receivers


# -- the source ------------------------------------------------------------------------------------------------------


def test_spms_follow_data_ever_more_seldom():
    """0.1 s four times, 1.3, 7, 16, 25, 30 and then every 30 s."""
    source = Source(TSI, PORT, NLA, GROUP, 80)
    source.open(0.0)
    source.data(b"\0\0\x02\0a", 0.0)
    at = []
    while len(at) < 10:
        assert len(source.tick(source.due)) == 1
        at.append(source.due)
    gaps = [round(after - before, 3) for before, after in zip([0.1, *at], at)]
    assert gaps == [0.1, 0.1, 0.1, 1.3, 7, 16, 25, 30, 30, 30]


def test_a_source_opens_and_closes_with_three_spms():
    """Each with its own sequence, the last ones with FIN."""
    source = Source(TSI, PORT, NLA, GROUP, 80)
    heard = [packets.parse(raw) for raw in source.open(0.0) + source.close()]
    assert [(spm.sequence, spm.fin) for spm in heard] == [(n, n > 2) for n in range(6)]


@pytest.mark.parametrize("nla, group", [("10.77.0.9", GROUP), (NLA, "239.9.9.9")])
def test_naks_for_others_are_ignored(nla, group):
    """Another address, another group."""
    source = Source(TSI, PORT, NLA, GROUP, 80)
    source.data(b"\0\0\x02\0a", 0.0)
    assert source.receive(packets.nak(TSI, PORT, [0], nla, group), 0.0) == []
    assert source.repairs(10, 0.0) == []


def test_naks_for_what_is_not_held_are_not_answered():
    """Neither what has left the window nor what was never sent."""
    source = Source(TSI, PORT, NLA, GROUP, 2)
    for _ in range(4):
        source.data(b"\0\0\x02\0a", 0.0)
    (raw,) = source.receive(packets.nak(TSI, PORT, [0, 1, 2, 3, 4], NLA, GROUP), 0.0)
    assert packets.parse(raw).sequences == [2, 3]
    assert [packets.parse(raw).sequence for raw in source.repairs(10, 0.0)] == [2, 3]


def test_a_repair_goes_once_however_many_ask():
    """Between two times that repairs are sent."""
    source = Source(TSI, PORT, NLA, GROUP, 2)
    source.data(b"\0\0\x02\0a", 0.0)
    asked = packets.nak(TSI, PORT, [0], NLA, GROUP)
    source.receive(asked, 0.0), source.receive(asked, 0.0)
    assert len(source.repairs(10, 0.0)) == 1 and source.repairs(10, 0.0) == []


def test_a_rate_holds_over_time():
    """100 kbit/s are 12 500 bytes a second, after a first burst."""
    rate, now, sent = Rate(100, 1500, 0.0), 0.0, 0
    while now < 10:
        wait = rate.wait(1500, now)
        sent += 0 if wait else 1500
        now += wait
    assert 120_000 <= sent <= 130_000
