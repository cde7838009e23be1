"""Claims of sockets with many peers: their end is taken in slices, and is an end all the same.

`python -m benchmarks.scale` measures the full numbers.
"""

import errno
import itertools
import socket as net
import threading

import gevent
import pytest
from gevent.event import AsyncResult

import gzmq as zmq
import gzmq.observing
import gzmq.pattern.pubsub
import gzmq.transport.broadcast
import gzmq.transport.session
import gzmq.turn
from gzmq.home import here
from gzmq.slices import FEW
from gzmq.testing import Peer
from gzmq.transport.clock import Clock, Timeout
from gzmq.transport.listener import _BATCH
from gzmq.waitqueue import give_way

from ..zmtp.marriage import frame
from .claims import refuses, until

MANY = 5 * FEW


@pytest.fixture
def slow(monkeypatch):
    """Each look at the clock takes a millisecond, so that in a turn little more is done than what is few."""
    give_way(gevent.get_hub())  # a turn begins
    looks = itertools.count()
    for clock in ("monotonic", "thread_time"):
        monkeypatch.setattr(gzmq.turn, clock, lambda: next(looks) / 1000)


@pytest.fixture
def crowd(context, make):
    """A bound socket and many that are connected to it: ``crowd(zmq.ROUTER, zmq.DEALER)``."""

    def crowd(kind, others, endpoint="tcp://127.0.0.1:*"):
        context.max_sockets = MANY + 100
        bound = make(kind, bind=endpoint, backlog=1000)
        made = []
        for _ in range(MANY):
            made.append(make(others, connect=bound.last_endpoint))
            gevent.sleep(0)
        until(lambda: len(bound.peers()) == MANY, 20)
        return bound, made

    return crowd


def test_a_socket_of_many_peers_lets_the_hub_run_while_it_closes(crowd, context, slow):
    """It is closed at once, its endpoint is free, and its peers go a slice at a time; `term` waits for the last."""
    router, dealers = crowd(zmq.ROUTER, zmq.DEALER)
    name, core = router.last_endpoint, router._core
    router.close()
    assert router.closed and core.pipes
    again = context.socket(zmq.ROUTER)
    again.bind(name)
    until(lambda: not core.pipes)
    again.close()
    context.destroy(linger=0)


def test_what_many_peers_were_sent_arrives(crowd, context):
    """Though the socket closes right behind it."""
    router, dealers = crowd(zmq.ROUTER, zmq.DEALER)
    for number, dealer in enumerate(dealers):
        dealer.send(b"%d" % number)
    for _ in dealers:
        router.send_multipart(router.recv_multipart())
    router.close()
    assert [dealer.recv() for dealer in dealers] == [b"%d" % number for number in range(MANY)]


def test_unbind_parts_with_many_peers(crowd):
    """The endpoint is free at once."""
    pull, pushes = crowd(zmq.PULL, zmq.PUSH)
    name = pull.last_endpoint
    pull.unbind(name)
    pull.bind(name)
    until(lambda: sum(peer.connected for peer in pull.peers()) >= MANY, 20)  # they are back


def test_a_thread_that_ends_while_a_crowd_leaves(context):
    """Its loop turns no more, and all is closed nevertheless."""
    context.max_sockets = 3 * MANY
    before = context.socket(zmq.ROUTER)

    def work():
        router = context.socket(zmq.ROUTER)
        router.bind("ipc://*")
        dealers = [context.socket(zmq.DEALER) for _ in range(MANY)]
        for dealer in dealers:
            dealer.connect(router.last_endpoint)
            gevent.sleep(0)
        until(lambda: len(router.peers()) == MANY, 20)
        router.close(0)
        for dealer in dealers:
            dealer.close(0)

    thread = threading.Thread(target=work)
    thread.start()
    gevent.get_hub().threadpool.apply(thread.join, (30,))
    before.close()
    with gevent.Timeout(10):
        context.term()


def test_many_topics_come_and_go_in_slices(make, inproc, slow):
    """A subscriber that connects is heard a slice at a time, and so is what it leaves behind."""
    xpub, sub = make(zmq.XPUB, bind=inproc), make(zmq.SUB)
    for topic in range(3 * FEW):
        sub.subscribe(b"%d" % topic)
    sub.connect(inproc)
    assert FEW <= xpub.topics_count < 2 * FEW
    until(lambda: xpub.topics_count == 3 * FEW)
    sub.close()
    assert FEW < xpub.topics_count <= 2 * FEW
    xpub.send(b"%d" % (3 * FEW - 1))
    until(lambda: xpub.topics_count == 0)
    assert not xpub.drops()


def test_many_publishers_hear_of_a_topic_in_slices(make, inproc, slow):
    """And that it is wanted no more, in this order."""
    sub, pubs = make(zmq.SUB), []
    for number in range(3 * FEW):
        pubs.append(make(zmq.XPUB, bind=f"{inproc}{number}"))
        sub.connect(f"{inproc}{number}")
    sub.subscribe(b"a"), sub.subscribe(b"b"), sub.unsubscribe(b"a")
    assert FEW <= sum(pub.topics_count for pub in pubs) < 2 * FEW
    until(lambda: sum(pub.poll(0) for pub in pubs) == 3 * FEW)
    until(lambda: [pub.topics_count for pub in pubs] == [1] * len(pubs))
    assert [[pub.recv() for _ in range(3)] for pub in pubs] == [[b"\1a", b"\1b", b"\0a"]] * len(pubs)


def test_a_flood_of_subscriptions_is_written_in_turns(make):
    """No flush takes all of them."""
    xpub, sub = make(zmq.XPUB, bind="ipc://*"), make(zmq.SUB)
    sub.connect(xpub.last_endpoint)
    until(lambda: sub.peers()[0].connected)
    gevent.sleep(0.001)
    for topic in range(10_000):
        sub.subscribe(b"%d" % topic)
    gevent.sleep(0)
    assert 0 < sub.peers()[0].messages_out < 5000
    until(lambda: xpub.topics_count == 10_000)


def test_a_listener_accepts_so_many_at_once(make, monkeypatch):
    """And the others in the next turns, however much time there is."""
    monkeypatch.setattr(gzmq.turn, "monotonic", lambda: 1.0)
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    host, port = pull.last_endpoint.removeprefix(b"tcp://").split(b":")
    (listener,) = pull._core.connections.listeners()
    clients = [net.create_connection((host.decode(), int(port))) for _ in range(2 * _BATCH)]
    listener._accept()
    assert len(listener._sessions) == _BATCH
    until(lambda: len(listener._sessions) == 2 * _BATCH)
    for client in clients:
        client.close()


def test_a_name_that_many_had_connected_to(make, inproc, slow):
    """Over inproc they are joined and parted in slices, too; whoever is not joined yet is parted from none."""
    pushes = [make(zmq.PUSH, connect=inproc) for _ in range(2)]
    for push in pushes:
        for _ in range(FEW):
            push.connect(inproc)
    pull = make(zmq.PULL)
    pull.bind(inproc)
    assert FEW <= len(pull.peers()) < 2 * FEW
    pull.unbind(inproc)
    pull.bind(inproc)
    until(lambda: not any(push.peers() for push in pushes))
    for push in pushes:
        push.connect(inproc)
        push.send(b"joined")
    assert [pull.recv(), pull.recv()] == [b"joined"] * 2


def test_many_inproc_peers_are_parted_with_in_slices(make, inproc, slow):
    """The name is free at once."""
    pull, push = make(zmq.PULL, bind=inproc), make(zmq.PUSH)
    for _ in range(2 * FEW):
        push.connect(inproc)
    assert len(pull.peers()) == 2 * FEW
    pull.unbind(inproc)
    pull.bind(inproc)
    assert 0 < len(pull.peers()) <= FEW
    until(lambda: not pull.peers())


def test_a_publisher_that_closes_does_not_go_through_its_topics(make):
    """It routes no more, and drops them as a whole."""
    xpub, sub = make(zmq.XPUB, bind="tcp://127.0.0.1:*"), make(zmq.SUB)
    sub.connect(xpub.last_endpoint)
    sub.subscribe(b"topic")
    until(lambda: xpub.topics_count)
    pattern = xpub._core.pattern
    xpub.close()
    assert pattern.topics_count == 1 and not xpub._core.pipes


@pytest.fixture
def short(monkeypatch):
    """A turn of the loop is over with its first callback."""
    give_way(gevent.get_hub())
    monkeypatch.setattr(gzmq.turn, "SPAN", -1)


def most_in_a_turn(counted, counter, total):
    """How much a counter of all that are ``counted()`` grows in one turn of the loop at most, until it is so much."""
    counts = [0]
    while counts[-1] < total:
        give_way(gevent.get_hub())
        counts.append(sum(getattr(one, counter) for one in counted()))
    return max(after - before for before, after in zip(counts, counts[1:]))


def test_many_connections_are_read_in_turns(make, short):
    """One or two in each, in their order, and nothing is left out."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    pushes = [make(zmq.PUSH, connect=pull.last_endpoint) for _ in range(20)]
    until(lambda: sum(push.peers()[0].connected for push in pushes) == len(pull.peers()) == 20)
    for push in pushes:
        push.send(b"there")
    assert most_in_a_turn(pull.peers, "queued_in", 20) <= 2


@pytest.mark.parametrize("many", [0, 20], ids=["shared", "gathered"])
def test_many_subscribers_are_written_to_in_turns(make, short, monkeypatch, many):
    """What one send leaves for them, one or two in each; all get it."""
    monkeypatch.setattr(gzmq.transport.session, "_MANY", 0)
    monkeypatch.setattr(gzmq.pattern.pubsub, "_MANY", many)
    monkeypatch.setattr(gzmq.transport.broadcast, "_UNTIMED", 1)
    xpub = make(zmq.XPUB, bind="tcp://127.0.0.1:*", xpub_verbose=1)
    subs = [make(zmq.SUB, connect=xpub.last_endpoint) for _ in range(20)]
    for sub in subs:
        sub.subscribe(b"")
    assert [xpub.recv() for _ in subs] == [b"\1"] * 20
    traffic = [pipe.peer.sink.traffic for pipe in xpub._core.pipes]
    xpub.send(b"news")
    assert most_in_a_turn(lambda: traffic, "messages_out", 20) <= 2
    assert [sub.recv() for sub in subs] == [b"news"] * 20


def keep_busy():
    """Put a thousand things off that take a turn each."""
    for _ in range(1000):
        here().turn.put_off(int)


def test_the_wishes_behind_a_large_one_are_not_read_all_at_once(make):
    """They take much longer than other bytes."""
    pub = make(zmq.PUB, bind="tcp://127.0.0.1:*")
    large, small = frame(b"\1" + bytes(5000)), [frame(b"\1%d" % number) for number in range(20_000)]
    with Peer("SUB", connect=pub.last_endpoint) as peer:
        peer.shake_hands()
        peer.send_raw(large[:-1])
        until(lambda: next(iter(pub._core.pipes)).peer.sink.engine.connection.under_way)
        seen = [0]
        going_round = gevent.get_hub().loop.prepare()
        going_round.start(lambda: seen.append(pub.topics_count))
        peer.send_raw(large[-1:] + b"".join(small))
        until(lambda: pub.topics_count == 1 + len(small))
        going_round.close()
    assert max(later - earlier for earlier, later in zip(seen, seen[1:])) < 3000


@pytest.fixture
def put_off(make, short):
    """A socket that waits to be read, with a message, behind much else."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint)
    until(lambda: pull.peers())
    (listener,) = pull._core.connections.listeners()
    (session,) = listener._sessions
    push.send(b"there")
    next(iter(push._core.pipes)).peer.sink.flush()
    keep_busy()
    here().turn.over()
    session.engine.on_readable()
    return pull, session


def test_who_waits_to_be_read_is_judged_afterwards(put_off):
    """By the clocks of heartbeats, handshakes and others."""
    pull, session = put_off
    heard, clock = [], Timeout(here())
    clock.start(1, lambda: heard.append(session.engine.heard))
    before = session.engine.heard
    until(lambda: heard)
    assert heard == [before + 1]


def test_a_wait_is_over_when_what_came_in_time_was_read(put_off):
    """RCVTIMEO and polling."""
    pull, _ = put_off
    pull.rcvtimeo = 1
    assert pull.recv() == b"there"


def test_clocks_of_many_ring_in_turns(short):
    """One or two in each."""
    turns, clocks = [], [Clock(here()) for _ in range(6)]
    for clock in clocks:
        clock.start(5, lambda: turns.append(gevent.get_hub().loop.iteration))
    until(lambda: len(turns) == 6)
    assert max(map(turns.count, turns)) <= 2 and not any(clock.running for clock in clocks)


def test_a_clock_that_is_stopped_while_it_waits_does_not_ring(short):
    """The first that rings stops them all, of which others are due as well."""
    rung, clocks = [], [Clock(here()) for _ in range(6)]
    for clock in clocks:
        clock.start(1, lambda: rung.append([clock.stop() for clock in clocks]))
    keep_busy()
    until(lambda: not any(clock.running for clock in clocks))
    gevent.sleep(0.005)
    assert len(rung) == 1


def test_a_listener_has_accepted_one_before_its_turn_is_over(make, short):
    """However much others are read."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    (listener,) = pull._core.connections.listeners()
    pushes = [make(zmq.PUSH, connect=pull.last_endpoint) for _ in range(3)]
    pull._core.home.turn.over()
    listener._accept()
    assert len(listener._sessions) == 1
    until(lambda: len(pull.peers()) == len(pushes))


@pytest.fixture
def listed(make, inproc, monkeypatch):
    """A socket of many peers, of which `peers` looks at few in a turn, and those peers."""
    monkeypatch.setattr(gzmq.observing, "_AT_ONCE", FEW)
    pull = make(zmq.PULL, bind=inproc)
    return pull, [make(zmq.PUSH, connect=inproc) for _ in range(3 * FEW)]


def turns_during(call):
    """What it returns, and how many turns of the loop that took."""
    before = gevent.get_hub().loop.iteration
    return call(), gevent.get_hub().loop.iteration - before


def test_a_list_of_many_peers_lets_the_hub_run(listed):
    """Each is in it once."""
    pull, pushes = listed
    peers, turns = turns_during(pull.peers)
    assert turns >= 3 and len(peers) == len(pushes)


def test_a_callback_gets_the_list_of_many_peers_at_once(listed):
    """It cannot wait."""
    pull, pushes = listed
    found = AsyncResult()
    gevent.get_hub().loop.run_callback(lambda: found.set(turns_during(pull.peers)))
    peers, turns = found.get(timeout=5)
    assert turns == 0 and len(peers) == len(pushes)


def test_peers_that_go_while_they_are_listed_are_left_out(listed):
    """Those of the last turn, here."""
    pull, pushes = listed
    gevent.spawn(lambda: [push.close() for push in pushes[-FEW:]])
    assert len(pull.peers()) == len(pushes) - FEW


def test_a_socket_that_closes_while_its_peers_are_listed(listed):
    """ENOTSOCK, as of any call."""
    pull, _ = listed
    gevent.spawn(pull.close)
    assert refuses(errno.ENOTSOCK, pull.peers)


def test_a_socket_that_connected_to_many_closes_in_slices(make, slow):
    """What it has left goes one by one, and its pipes with it."""
    pull, push = make(zmq.PULL, bind="ipc://*"), make(zmq.PUSH)
    for _ in range(3 * FEW):
        push.connect(pull.last_endpoint)
    core = push._core
    push.close()
    assert FEW <= len(core.pipes) == len(list(core.connections.each())) <= 2 * FEW
    until(lambda: not core.pipes and not core.connections)
