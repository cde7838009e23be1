"""Claims of when a message is written: one that is sent alone right where it is sent, others together."""

from socket import SHUT_WR

import gevent
import pytest

import gzmq as zmq
from gzmq.utils.monitor import parse_monitor_message


@pytest.fixture
def pair(make):
    """Two DEALERs over tcp, of which the first has sent one message that the other has received."""
    one = make(zmq.DEALER, bind="tcp://127.0.0.1:*")
    other = make(zmq.DEALER, connect=one.last_endpoint.decode())
    one.send(b"first")
    assert other.recv() == b"first"
    return one, other


def written(socket):
    """How many messages its only peer has been written."""
    return socket.peers()[0].messages_out


def test_a_message_sent_alone_is_written_at_once(pair):
    """Before the hub has run."""
    before = written(pair[0])
    pair[0].send(b"alone")
    assert written(pair[0]) == before + 1


def test_what_is_sent_behind_it_is_written_together(pair):
    """In the hub's next turn."""
    one, other = pair
    before = written(one)
    for _ in range(5):
        one.send(b"x")
    assert written(one) == before + 1
    assert [other.recv() for _ in range(5)] == [b"x"] * 5


def test_after_several_at_a_time_the_first_waits_for_the_others(pair):
    """A system call for it alone would be one more for each batch."""
    one, other = pair
    for _ in range(2):
        before = written(one)
        for _ in range(5):
            one.send(b"x")
        at_once = written(one) - before
        assert [other.recv() for _ in range(5)] == [b"x"] * 5
    assert at_once == 0


def test_who_waits_for_it_goes_on_where_it_is_read(pair):
    """The loop does not go round before."""
    one, other = pair
    (peer,) = other.peers()
    before, seen = peer.messages_in, []
    going_round = gevent.get_hub().loop.prepare(priority=gevent.get_hub().loop.MAXPRI)
    going_round.start(lambda: seen.append(other.peers()[0].messages_in))
    gevent.spawn(one.send, b"x")
    other.recv()
    going_round.close()
    assert seen and set(seen) == {before}


def test_what_waited_for_a_connection_is_written_to_the_last(make):
    """More than a batch, and nothing is sent behind it."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode())
    for number in range(500):
        push.send(b"%d" % number + bytes(1000))
    assert [int(pull.recv().rstrip(b"\0")) for _ in range(500)] == list(range(500))


def test_what_goes_to_many_waits_for_the_hub(make):
    """One send may have ten thousand to write to."""
    pub = make(zmq.PUB, bind="tcp://127.0.0.1:*")
    sub = make(zmq.SUB, connect=pub.last_endpoint.decode(), subscribe=b"")
    while not sub.poll(10):
        pub.send(b"here?")
    before = written(pub)
    pub.send(b"x")
    assert written(pub) == before


def test_a_connection_that_has_gone_is_noticed_by_the_hub_and_not_by_send(pair):
    """The send that finds it broken is in the middle of its pattern."""
    one = pair[0]
    with one.get_monitor_socket(zmq.EVENT_DISCONNECTED) as monitor:
        monitor.rcvtimeo = 5000
        (pipe,) = one._core.pipes
        pipe.peer.sink.engine.sock.shutdown(SHUT_WR)  # any write fails from now on
        one.send(b"lost")
        assert len(one.peers()) == 1
        assert parse_monitor_message(monitor.recv_multipart())["event"] == zmq.EVENT_DISCONNECTED
