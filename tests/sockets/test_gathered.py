"""Claims of a publisher with many subscribers: what it sends is shared by all, and written in turns of its own.

Here a single one is many already.
"""

import threading

import gevent
import pytest

import gzmq as zmq
import gzmq.pattern.pubsub as pubsub
import gzmq.standstill
import gzmq.transport.broadcast as broadcast
import gzmq.transport.engine as engine_module
import gzmq.transport.session as sessions
from gzmq.testing.peer import Peer

from .claims import refuses, until


@pytest.fixture(autouse=True)
def many(monkeypatch):
    """Also a few subscribers are so many."""
    monkeypatch.setattr(sessions, "_MANY", 0)
    monkeypatch.setattr(pubsub, "_MANY", 0)


@pytest.fixture
def encodings(monkeypatch):
    """What was encoded for all alike, in its order."""
    made, alone = [], broadcast.alone
    monkeypatch.setattr(broadcast, "alone", lambda message: made.append(message) or alone(message))
    return made


@pytest.fixture
def publisher(make):
    """One that hears who subscribes."""
    return make(zmq.XPUB, bind="tcp://127.0.0.1:*", xpub_verbose=1)


def subscribe(publisher, make, count=1, **options):
    """So many subscribers to everything, whom the publisher knows."""
    subs = [make(zmq.SUB, connect=publisher.last_endpoint, **options) for _ in range(count)]
    for sub in subs:
        sub.subscribe(b"")
        assert publisher.recv() == b"\1"
    return subs


def engines(publisher):
    """Of its connections."""
    return [pipe.peer.sink.engine for pipe in publisher._core.pipes]


def test_one_message_for_all_is_encoded_once(publisher, make, encodings):
    """Each gets it, and is counted."""
    subs = subscribe(publisher, make, 5)
    publisher.send(b"news")
    assert [sub.recv() for sub in subs] == [b"news"] * 5 and encodings == [b"news"]
    assert [(peer.messages_out, peer.queued_out) for peer in publisher.peers()] == [(1, 0)] * 5


def written(publisher):
    """How many messages each of its connections has written; the hub does not run."""
    return [pipe.peer.sink.traffic.messages_out for pipe in publisher._core.pipes]


def test_what_is_shared_is_queued_for_nobody_but_who_looks(publisher, make):
    """`peers` tells what is on its way."""
    subs = subscribe(publisher, make, 2)
    publisher.send(b"news")
    assert [len(pipe.outbox) for pipe in publisher._core.pipes] == [0, 0]
    assert [peer.queued_out for peer in publisher.peers()] == [1, 1]
    assert [sub.recv() for sub in subs] == [b"news"] * 2


def test_nothing_overtakes_what_is_shared(publisher, make):
    """Messages that come before the first is written, for all or for some."""
    one, other = subscribe(publisher, make, 2)
    one.subscribe(b"1")
    assert publisher.recv() == b"\1" + b"1"
    sent = [b"0", b"1", b"2", b"3"]
    for message in sent:
        publisher.send(message)
    assert [[sub.recv() for _ in sent] for sub in (one, other)] == [sent] * 2


def test_what_is_shared_is_with_an_inproc_subscriber_at_once(publisher, make, inproc):
    """As without many."""
    subscribe(publisher, make)
    publisher.bind(inproc)
    sub = make(zmq.SUB, connect=inproc)
    sub.subscribe(b"")
    assert publisher.recv() == b"\1"
    publisher.send(b"news")
    assert sub.recv(zmq.NOBLOCK) == b"news"


@pytest.mark.parametrize("destroys", [False, True])
def test_the_end_of_a_thread_takes_nothing_that_is_shared(context, make, destroys):
    """What it has sent is delivered by who ends the context, or before."""
    sub = make(zmq.SUB, bind="tcp://127.0.0.1:*")
    sub.subscribe(b"")
    endpoint = sub.last_endpoint

    def publish():
        publisher = context.socket(zmq.XPUB)
        publisher.connect(endpoint)
        assert publisher.recv() == b"\1"
        publisher.send(b"last words")
        if destroys:
            gevent.get_hub().destroy(destroy_loop=True)

    thread = threading.Thread(target=publish)
    thread.start()
    until(lambda: not thread.is_alive())
    assert sub.recv() == b"last words"


def test_a_hub_that_stands_still_is_not_waited_for(publisher, make, monkeypatch):
    """What is sent next is written at once."""
    subscribe(publisher, make)
    monkeypatch.setattr(gzmq.standstill, "SHORT", -1)
    publisher.send(b"news")
    publisher.send(b"more")
    assert written(publisher) == [2]


@pytest.mark.parametrize("size", [0, 300, 20_000])
def test_each_gets_what_it_asked_for(publisher, make, size):
    """Messages of any size, of one frame or several, that come alone or together, in their order."""
    (sub,) = subscribe(publisher, make)
    sent = [[b"a" * size], [b"b", b"c" * size], [b"d" * size, b"", b"e"], [b"f"]]
    for message in sent[:2]:
        publisher.send_multipart(message)
        gevent.sleep(0.01)
    for message in sent[2:]:
        publisher.send_multipart(message)
    assert [sub.recv_multipart() for _ in sent] == sent


def test_who_takes_no_more_gets_the_rest_later(make):
    """Not a byte is lost or said twice, and nothing overtakes."""
    publisher = make(zmq.XPUB, sndbuf=4096)
    publisher.bind("tcp://127.0.0.1:*")
    with Peer("SUB", connect=publisher.last_endpoint, buffer=4096) as peer:
        peer.shake_hands().subscribe(b"")
        publisher.recv()
        sent = [b"%03d" % number + bytes(8000) for number in range(100)]
        for message in sent:
            publisher.send(message)
            gevent.sleep(0)
        assert publisher.peers()[0].queued_out > 10
        assert [peer.recv() for _ in sent] == [[message] for message in sent]


class Short:
    """A descriptor whose first write takes so many bytes, or none at all."""

    def __init__(self, engine, room):
        self._sock, self._room, self.sends = engine.sock, room, 0
        engine.sock = self

    def send(self, data):
        self.sends += 1
        if self.sends > 1:
            return self._sock.send(data)
        if not self._room:
            raise BlockingIOError
        return self._sock.send(data[: self._room])

    def __getattr__(self, name):
        return getattr(self._sock, name)


@pytest.mark.parametrize("room", [0, 1, 2, 3, 500])
def test_a_write_that_is_cut_short_goes_on_where_it_was(publisher, make, room):
    """The rest of the message, and then the next."""
    (sub,) = subscribe(publisher, make)
    sock = Short(*engines(publisher), room)
    publisher.send(b"first" * 100)
    until(lambda: sock.sends)
    publisher.send(b"second")
    assert [sub.recv(), sub.recv()] == [b"first" * 100, b"second"]


def test_what_waits_for_the_descriptor_is_not_overtaken(publisher, make):
    """Nor does one that was written in this turn of the loop get more, which would keep the hub in its callbacks."""
    subscribe(publisher, make)
    (engine,) = engines(publisher)
    sock = Short(engine, 1000)
    engine.write_gathered(0, 0, engine._flushed_at)
    engine.write_gathered(0, 0, engine._flushed_at + 1)
    assert sock.sends == 0


def test_a_peer_with_words_of_its_own_is_not_told_those_of_others(publisher, make):
    """A peer of 1.0, which has other frames, beside one of today."""
    with Peer("SUB", connect=publisher.last_endpoint, version=(1, 0)) as old:
        old.shake_hands().subscribe(b"")
        assert publisher.recv() == b"\1"
        (sub,) = subscribe(publisher, make)
        for engine in engines(publisher):
            assert engine.connection.alike is (engine.connection.peer_version > (1, 0))
        publisher.send(b"news")
        assert sub.recv() == b"news" and old.recv() == [b"news"]


def test_what_is_encrypted_is_so_for_each(make, encodings):
    """Nobody could read what was sealed for another."""
    public, secret = zmq.curve_keypair()
    own = dict(zip(("curve_publickey", "curve_secretkey"), zmq.curve_keypair()))
    options = {"curve_server": 1, "curve_secretkey": secret, "xpub_verbose": 1}
    publisher = make(zmq.XPUB, **options)
    publisher.bind("tcp://127.0.0.1:*")
    subs = []
    for _ in range(2):
        sub = make(zmq.SUB, curve_serverkey=public, **own)
        sub.connect(publisher.last_endpoint)
        sub.subscribe(b"")
        assert publisher.recv() == b"\1"
        subs.append(sub)
    for message in (b"news", b"more"):
        publisher.send(message)
        assert [sub.recv() for sub in subs] == [message] * 2


def test_who_waits_for_room_hears_of_it(make):
    """XPUB_NODROP: a sender waits until the message before is written."""
    publisher = make(zmq.XPUB, xpub_verbose=1, xpub_nodrop=1, sndhwm=1)
    publisher.bind("tcp://127.0.0.1:*")
    (sub,) = subscribe(publisher, make)
    for number in range(5):
        publisher.send(b"%d" % number)
    assert [sub.recv() for _ in range(5)] == [b"%d" % number for number in range(5)]


def test_who_leaves_has_sent_all(publisher, make):
    """LINGER: the connection ends behind what was sent last."""
    (sub,) = subscribe(publisher, make)
    (engine,) = engines(publisher)
    publisher.send(b"goodbye")
    publisher.close(linger=-1)
    assert sub.recv() == b"goodbye"
    until(lambda: engine.closed)


def test_a_connection_that_has_failed_is_met_by_the_next_flush(publisher, make):
    """Its peer is gone then, and the others are not concerned."""
    subs = subscribe(publisher, make, 2)
    first, second = engines(publisher)
    first.sock.shutdown(1)
    publisher.send(b"news")
    until(lambda: first.closed)
    assert not second.closed and b"news" in [sub.recv(zmq.NOBLOCK) for sub in subs if sub.poll(100)]


def test_nothing_is_written_to_who_has_gone_meanwhile(publisher, make):
    """Between the send and the turn in which it is written."""
    (sub,) = subscribe(publisher, make)
    (pipe,) = publisher._core.pipes
    publisher.send(b"news")
    pipe.peer.sink.stop()
    until(lambda: publisher.drops() == {"unsent": 1})
    refuses(zmq.EAGAIN, sub.recv, zmq.NOBLOCK)


def test_a_hub_that_came_late_is_noticed(publisher, make, monkeypatch):
    """Those who wait for it are told, as without many."""
    subscribe(publisher, make)
    told = late(monkeypatch)
    publisher.send(b"news")
    until(lambda: told)


def test_a_hub_that_came_late_is_noticed_without_a_connection(make, monkeypatch):
    """What waits for a peer that is not there waits as long."""
    xsub = make(zmq.XSUB, connect="tcp://127.0.0.1:1")
    told = late(monkeypatch)
    xsub.send(b"news")
    until(lambda: told)


def late(monkeypatch):
    """What is told from now on, as if the hub always came late."""
    told = []
    monkeypatch.setattr(sessions, "LATE", -1)
    monkeypatch.setattr(broadcast, "LATE", -1)
    monkeypatch.setattr(engine_module, "LATE", -1)
    monkeypatch.setattr(sessions.Session, "hub_was_late", lambda self, seconds, turns: told.append(turns))
    return told
