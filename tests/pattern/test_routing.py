"""Claims of the ways a message finds a pipe."""

from gzmq.pattern.pipeline import Pull, Push
from gzmq.pattern.routing import Distribution, FairQueue, LoadBalancer, send_or_drop
from gzmq.pipe import FULL, TURN, TURN_OVER, pipe_pair

from ..fakes import Bench, FakeSink, contents, joined


def test_push_goes_round():
    """30/PIPELINE: PUSH distributes round robin, exactly."""
    bench = Bench(Push)
    peers = [bench.peer() for _ in range(3)]
    for i in range(9):
        assert bench.pattern.send([b"%d" % i])
    assert [contents(peer) for peer in peers] == [[b"0", b"3", b"6"], [b"1", b"4", b"7"], [b"2", b"5", b"8"]]


def test_push_skips_a_full_peer():
    """A puller that is full does not hold the others up."""
    bench = Bench(Push)
    full, other = bench.peer(hwm=1), bench.peer()
    for i in range(5):
        assert bench.pattern.send([b"%d" % i])
    assert contents(full) == [b"0"]
    assert contents(other) == [b"1", b"2", b"3", b"4"]


def test_push_blocks_when_every_peer_is_full():
    """30/PIPELINE: PUSH blocks, it never drops."""
    bench = Bench(Push, hwm=1)
    for _ in range(3):
        bench.peer()
    for _ in range(3):
        assert bench.pattern.send([b"x"])
    assert bench.pattern.send([b"x"]) is FULL
    assert not bench.pattern.writable()


def test_push_goes_on_with_a_peer_that_has_room_again():
    """write_activated puts it back into the round."""
    bench = Bench(Push, hwm=1)
    peer = bench.peer()
    bench.pattern.send([b"1"])
    assert bench.pattern.send([b"2"]) is FULL
    assert contents(peer) == [b"1"]
    assert bench.pattern.send([b"2"])
    assert contents(peer) == [b"2"]


def test_a_peer_that_leaves_does_not_disturb_the_round():
    """The next in turn stays the next in turn."""
    bench = Bench(Push)
    a, b, c = (bench.peer() for _ in range(3))
    bench.pattern.send([b"1"])
    a.close()
    for i in (b"2", b"3", b"4"):
        bench.pattern.send([i])
    assert contents(b) == [b"2", b"4"] and contents(c) == [b"3"]


def test_pull_takes_one_from_each_in_turn():
    """30/PIPELINE: PULL fair-queues, per message."""
    bench = Bench(Pull)
    for name in (b"a", b"b", b"c"):
        peer = bench.peer()
        for i in range(3):
            peer.send([name + b"%d" % i])
    got = [bench.pattern.recv()[0] for _ in range(9)]
    assert got == [b"a0", b"b0", b"c0", b"a1", b"b1", b"c1", b"a2", b"b2", b"c2"]


def test_pull_reads_what_a_peer_sent_before_it_left():
    """A closed peer's messages stay in their turn."""
    bench = Bench(Pull)
    peer = bench.peer()
    peer.send([b"1"])
    peer.send([b"2"])
    peer.close()
    assert [bench.pattern.recv()[0] for _ in range(2)] == [b"1", b"2"]
    assert bench.pattern.recv() is None and not bench.pattern.readable()


def test_a_reader_gives_way_after_its_turn():
    """None although readable: the receiver lets others run, then goes on."""
    queue = FairQueue()
    a, b = joined(0)
    for _ in range(TURN + 5):
        a.send([b"x"]) or a.send([b"x"])
    queue.activated(b)
    assert all(queue.recv_in_turn() for _ in range(TURN))
    assert queue.recv_in_turn() is None and queue.readable()
    assert queue.recv_in_turn() == [b"x"]


def test_distribution_reaches_all():
    """Every pipe gets the very same message."""
    distribution = Distribution()
    ends = [joined(10) for _ in range(3)]
    for near, _ in ends:
        distribution.attach(near)
    message = [b"news"]
    assert distribution.send(message, distribution.pipes)
    assert all(far.recv() is message for _, far in ends)


def test_distribution_drops_for_the_full_pipe_only_and_counts_it():
    """29/PUBSUB: a slow subscriber loses messages, the others do not."""
    distribution = Distribution()
    (slow, slow_far), (quick, quick_far) = joined(1), joined(10)
    distribution.attach(slow)
    distribution.attach(quick)
    sent = 0
    while sent < 3:
        sent += distribution.send([b"%d" % sent], distribution.pipes) is True
    assert contents(slow_far) == [b"0"] and contents(quick_far) == [b"0", b"1", b"2"]
    assert (slow.drops(), quick.drops()) == ({"hwm": 2}, {})


def test_distribution_gives_way_before_the_smallest_queue_is_full():
    """So that what was sent can leave before it is called full."""
    distribution = Distribution()
    near, _ = joined(3)
    distribution.attach(near)
    assert [distribution.send([b"x"], distribution.pipes) for _ in range(4)] == [True, True, True, TURN_OVER]


def test_the_more_subscribers_the_shorter_a_turn():
    """Of messages, so that the work of a turn stays about the same; when they leave it grows again."""
    distribution = Distribution()
    ends = {joined(0)[0]: None for _ in range(100)}
    for near in ends:
        distribution.attach(near)
    assert sum(iter(lambda: distribution.send([b"x"], ends), TURN_OVER)) == 100
    for near in list(ends)[1:]:
        distribution.terminated(near)
    assert sum(iter(lambda: distribution.send([b"x"], ends), TURN_OVER)) == 100  # the turn that had begun
    assert sum(iter(lambda: distribution.send([b"x"], distribution.pipes), TURN_OVER)) == TURN


def test_send_or_drop_gives_a_full_pipe_one_chance():
    """First TURN_OVER, then the drop is counted."""
    near, _ = joined(1)
    assert send_or_drop(near, [b"1"]) is True
    assert send_or_drop(near, [b"2"]) is TURN_OVER
    assert send_or_drop(near, [b"2"]) is True
    assert near.drops() == {"hwm": 1}


def test_a_balancer_without_pipes_is_full():
    """Nobody there is nobody with room."""
    balancer = LoadBalancer()
    assert balancer.send([b"x"]) is FULL and balancer.pick() is None


def test_fair_queue_order_survives_lazy_removal():
    """A pipe that ran dry and fills again goes to the end of the line once."""
    queue = FairQueue()
    ends = []
    for _ in range(2):
        near, far = pipe_pair(10, 10)
        near.sink = FakeSink()
        far.sink = type("Sink", (), {"read_activated": staticmethod(queue.activated)})()
        ends.append(near)
    ends[0].send([b"a"])
    assert queue.recv_in_turn() == [b"a"]
    ends[1].send([b"b"])
    ends[0].send([b"a"])
    assert sorted([queue.recv_in_turn()[0], queue.recv_in_turn()[0]]) == [b"a", b"b"] and queue.recv_in_turn() is None


def test_a_fair_queue_passes_over_empty_pipes_and_starves_none():
    """While two of four stay full and two come and go, the full ones have every second turn at the least."""
    queue, ends = FairQueue(), [joined(0) for _ in range(4)]
    for number, (near, _) in enumerate(ends):
        for _ in range(100 if number % 2 else 1):
            near.send([b"%d" % number])
    for _, far in ends:
        queue.activated(far)
    order = b""
    for at in range(60):
        order += queue.recv_in_turn()[0]
        ends[0][0].send([b"0"]) if at % 3 == 0 else None
        queue.activated(ends[0][1])
    assert min(order[at : at + 4].count(full) for full in b"13" for at in range(0, 56)) >= 1
