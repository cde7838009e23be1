"""Claims of the ways through a socket: by its only pipe, and by all of them, whichever it has at the moment."""

import gevent
import pytest

import gzmq as zmq
from gzmq.pipe import TURN

from .claims import until

SENDERS = {zmq.PUSH: zmq.PULL, zmq.DEALER: zmq.DEALER}  # and who receives
READERS = {zmq.PULL: zmq.PUSH, zmq.DEALER: zmq.DEALER, zmq.SUB: zmq.XPUB, zmq.XSUB: zmq.XPUB, zmq.PAIR: zmq.PAIR}


def feed(make, reader, name):
    """A socket of the type that feeds this one, connected to it."""
    kind = READERS[reader]
    feeder = make(kind, connect=name, sndhwm=0)
    if kind == zmq.XPUB:
        assert feeder.recv() == b"\1"
    return feeder


def read(make, kind, name):
    """A bound reader of everything, without a bound of its own."""
    reader = make(kind, bind=name, rcvhwm=0)
    if kind == zmq.SUB:
        reader.subscribe(b"")
    elif kind == zmq.XSUB:
        reader.send(b"\1")
    return reader


@pytest.mark.parametrize("kind", SENDERS)
def test_a_sender_that_waits_for_its_only_peer_goes_on_with_another(make, inproc, kind):
    """The second comes while the first is full."""
    sender = make(kind, bind=inproc, sndhwm=1)
    make(SENDERS[kind], connect=inproc, rcvhwm=1)
    sent = gevent.spawn(lambda: [sender.send(b"%d" % number) for number in range(4)])
    until(lambda: sender._core.senders.parked)
    other = make(SENDERS[kind], connect=inproc, rcvhwm=0)
    assert other.recv() in (b"2", b"3")
    sent.get()


@pytest.mark.parametrize("kind", SENDERS)
def test_two_peers_share_and_the_last_has_all(make, inproc, kind):
    """One of them leaves in between."""
    sender = make(kind, bind=inproc)
    first, second = (make(SENDERS[kind], connect=inproc) for _ in range(2))
    for number in range(4):
        sender.send(b"%d" % number)
    assert [peer.recv() for peer in (first, second, first, second)] == [b"0", b"1", b"2", b"3"]
    first.close()
    for number in range(3):
        sender.send(b"%d" % number)
    assert [second.recv() for _ in range(3)] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("kind", [kind for kind in READERS if kind != zmq.PAIR])
def test_what_the_only_peer_sent_is_read_when_there_are_two(make, inproc, kind):
    """It was not read yet when the other came."""
    reader = read(make, kind, inproc)
    first = feed(make, kind, inproc)
    first.send(b"1")
    first.send(b"2")
    assert reader.recv() == b"1"
    feed(make, kind, inproc).send(b"3")
    assert sorted(reader.recv() for _ in range(2)) == [b"2", b"3"]


@pytest.mark.parametrize("kind", READERS)
def test_what_a_peer_left_is_read_when_another_is_the_only_one(make, inproc, kind):
    """The first has gone, and its messages are still there."""
    reader = read(make, kind, inproc)
    first = feed(make, kind, inproc)
    first.send(b"1")
    first.send(b"2")
    first.close()
    feed(make, kind, inproc).send(b"3")
    assert sorted(reader.recv() for _ in range(3)) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("kind", READERS)
def test_it_is_known_whom_a_message_of_the_only_peer_is_from(make, kind):
    """The metadata of its frame."""
    reader = read(make, kind, "tcp://127.0.0.1:*")
    feed(make, kind, reader.last_endpoint.decode()).send(b"x")
    frame = reader.recv(copy=False)
    assert frame["Socket-Type"] == READERS[kind].name


@pytest.mark.parametrize("kind", READERS)
def test_a_reader_of_much_from_one_peer_gives_way(make, inproc, kind):
    """Another greenlet gets its turn before all is read."""
    reader = read(make, kind, inproc)
    feeder = feed(make, kind, inproc)
    for _ in range(2 * TURN):
        feeder.send(b"x")
    turns = []
    gevent.spawn(turns.append, "other")
    for _ in range(2 * TURN):
        reader.recv()
    assert turns == ["other"]


@pytest.mark.parametrize("kind", SENDERS)
def test_a_socket_whose_time_is_over_stays_so_when_its_peer_leaves(kind):
    """ETERM is what a send says from then on."""
    theirs = zmq.Context()
    with gevent.Timeout(20), zmq.Context() as ours, ours.socket(kind) as sender:
        port = sender.bind_to_random_port("tcp://127.0.0.1")
        peer = theirs.socket(SENDERS[kind])
        peer.connect(f"tcp://127.0.0.1:{port}")
        sender.send(b"x")
        assert peer.recv() == b"x"
        term = gevent.spawn(ours.term)
        until(lambda: sender._core._refuses)
        theirs.destroy(linger=0)
        until(lambda: not sender._core.pipes)
        with pytest.raises(zmq.ContextTerminated):
            sender.send(b"y")
        sender.close(linger=0)
        term.get()


def test_a_rep_serves_its_only_peer_and_then_two(make, inproc):
    """Each has the answer to what it asked, though the first asked before the second came."""
    rep = make(zmq.REP, bind=inproc)
    first = make(zmq.REQ, connect=inproc)
    first.send(b"1")
    assert rep.recv() == b"1"
    rep.send(b"one")
    assert first.recv() == b"one"
    first.send(b"1 again")
    second = make(zmq.REQ, connect=inproc)
    second.send(b"2")
    for _ in range(2):
        rep.send(b"for " + rep.recv())
    assert [first.recv(), second.recv()] == [b"for 1 again", b"for 2"]


def test_a_req_asks_its_only_peer_and_then_each_in_turn(make, inproc):
    """The second comes between two requests, and the first leaves in the end."""
    req = make(zmq.REQ, bind=inproc)
    reps = [make(zmq.REP, connect=inproc)]

    def asked():
        req.send(b"ask")
        for number, rep in enumerate(reps):
            if rep.poll(50):
                rep.send(rep.recv() + b"%d" % number)
                return req.recv()

    assert asked() == b"ask0"
    reps.append(make(zmq.REP, connect=inproc))
    assert {asked(), asked()} == {b"ask0", b"ask1"}
    reps[0].close()
    del reps[0]
    assert [asked(), asked()] == [b"ask0", b"ask0"]
