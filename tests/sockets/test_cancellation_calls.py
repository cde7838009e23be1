"""Claims of storms around all other calls that wait: proxies, monitors, the end of contexts, look-ups, trackers."""

import random
import socket as net

import gevent
import pytest

import gzmq as zmq
from gzmq.utils.monitor import recv_monitor_message

from .claims import until
from .storms import Holdings, rage, timed_out

KILLS = 150


@pytest.fixture
def dice(request):
    """Random numbers, the same in each run of a test."""
    return random.Random(request.node.name)


def stormy(job, dice, kills=KILLS, wait=False):
    """A storm around one call, by two greenlets and by two that are timed out."""
    rage([job, job, timed_out(job, dice), timed_out(job, dice)], kills, dice, wait)


@pytest.fixture
def stream(make, anywhere):
    """Numbers that come to a PULL and leave by a PUSH: (those two, a check that all get through)."""
    front, back = make(zmq.PULL, bind=anywhere, rcvhwm=10), make(zmq.PUSH, bind="tcp://127.0.0.1:*", sndhwm=10)
    source, sink = make(zmq.PUSH, connect=front.last_endpoint, sndhwm=10), make(zmq.PULL, connect=back.last_endpoint)
    sent, got = [], []

    def send():
        for number in range(10**9):
            source.send(b"%d" % number)
            sent.append(number)

    def receive():
        for message in sink:
            got.append(int(message))

    def arrives():
        """All that was sent, once and in order."""
        sending.kill()
        forwarding = gevent.spawn(zmq.proxy, front, back)
        until(lambda: len(got) >= len(sent))
        gevent.killall([receiving, forwarding])
        assert got == list(range(len(got)))
        return len(got) > 20

    until(lambda: source.peers()[0].connected and sink.peers()[0].connected)
    held = Holdings(front, back, source, sink)
    sending, receiving = gevent.spawn(send), gevent.spawn(receive)
    yield front, back, lambda: arrives() and held.are_as_before()
    gevent.killall([sending, receiving])


@pytest.mark.parametrize("call", [zmq.proxy, lambda *ends: zmq.device(zmq.STREAMER, *ends)])
def test_a_proxy_in_a_storm(stream, dice, call):
    """One after the other is killed or timed out: none takes a message with it."""
    front, back, all_arrives = stream
    rage([timed_out(lambda: call(front, back), dice)], KILLS, dice, wait=True)
    assert all_arrives()


def test_a_steered_proxy_in_a_storm(stream, make, dice, inproc):
    """Also when it is told to pause, to go on, to end, and to say how much it has done."""
    front, back, all_arrives = stream
    control, steer = make(zmq.PAIR, bind=inproc), make(zmq.PAIR, connect=inproc)

    def command():
        while True:
            steer.send(dice.choice([b"PAUSE", b"RESUME", b"RESUME", b"STATISTICS", b"TERMINATE"]))
            gevent.sleep(0.0005)

    def hear():
        while True:
            assert len(steer.recv_multipart()) == 8

    held = Holdings(control, steer)
    around = [gevent.spawn(command), gevent.spawn(hear)]
    rage([timed_out(lambda: zmq.proxy_steerable(front, back, None, control), dice)], KILLS, dice, wait=True)
    gevent.killall(around)
    assert held.are_as_before()
    control.close(), steer.close()
    assert all_arrives()


def test_what_is_captured_in_a_storm(stream, make, dice, inproc):
    """A full capture holds a message up, and a kill then lets it go on its way."""
    front, back, all_arrives = stream
    capture, record = make(zmq.PUSH, bind=inproc, sndhwm=1), make(zmq.PULL, connect=inproc, rcvhwm=1)
    recording = gevent.spawn(lambda: [gevent.sleep(0.001) for _ in record])
    rage([timed_out(lambda: zmq.proxy(front, back, capture), dice)], KILLS, dice, wait=True)
    recording.kill()
    capture.close(), record.close()
    assert all_arrives()


@pytest.mark.parametrize("how", ["events", "monitor"])
def test_who_hears_of_events_in_a_storm(make, dice, how):
    """Each event is heard once, in order, though the listeners are killed."""
    bound = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    quiet, heard = bound.events(zmq.EVENT_ALL), []
    stream = bound.events(zmq.EVENT_ALL) if how == "events" else bound.get_monitor_socket(zmq.EVENT_ALL)

    def listen():
        while True:
            heard.append(next(stream).event if how == "events" else recv_monitor_message(stream)["event"])

    def come_and_go():
        while True:
            with make(zmq.PUSH, connect=bound.last_endpoint) as push:
                push.send(b"here")
                bound.recv()

    held = Holdings(bound)
    rage([listen, listen, timed_out(listen, dice), come_and_go], KILLS, dice)
    until(lambda: not bound.peers())
    assert held.are_as_before()
    quiet.stop()
    expected = [event.event for event in quiet]
    listening = gevent.spawn(listen)
    until(lambda: len(heard) == len(expected) > 20)
    listening.kill()
    assert heard == expected


def test_the_end_of_a_context_in_a_storm(make, dice, tmp_path):
    """`term` and `destroy` can be killed and called again; they end once all is closed and sent."""
    held = Holdings()
    context = zmq.Context()
    push = context.socket(zmq.PUSH)
    push.connect(f"ipc://{tmp_path}/late")
    push.send(b"there in the end")
    rage([context.term, timed_out(context.term, dice)], KILLS, dice)
    rage([context.destroy, timed_out(context.destroy, dice)], KILLS, dice)
    pull = make(zmq.PULL, bind=f"ipc://{tmp_path}/late")
    context.term()
    assert not context._core._terminations
    assert pull.recv() == b"there in the end"
    pull.close()
    assert held.are_as_before()


class SlowResolver:
    """Stands in for gevent's; every name is this machine's, after a while, or too late for anybody."""

    def __init__(self, dice):
        self.dice = dice

    def getaddrinfo(self, host, port, *_):
        gevent.sleep(self.dice.choice([0.001, 60]))
        return [(net.AF_INET, net.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture(params=["slow", "gevent's"])
def resolver(request, monkeypatch, dice):
    """What looks names up: with each the caller's greenlet waits."""
    hub = gevent.get_hub()
    if request.param == "slow":
        monkeypatch.setattr(hub, "resolver", SlowResolver(dice))
    else:
        hub.resolver.getaddrinfo("localhost", 1)  # its threads stay, once it has some


def test_names_looked_up_in_a_storm(context, make, dice, resolver):
    """Who connects is killed, disconnects or closes while the name is looked up, and while there is a connection."""
    bound = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    name = bound.last_endpoint.replace(b"127.0.0.1", b"localhost")

    def connect():
        while True:
            with context.socket(zmq.PUSH) as push:
                push.connect(name)
                gevent.sleep(dice.choice([0, 0, 0.001, 0.004]))
                if dice.random() < 0.3:
                    push.disconnect(name)
                    gevent.sleep(0)

    held = Holdings(bound)
    stormy(connect, dice)
    assert held.are_as_before()


@pytest.mark.parametrize("kind, address", [(zmq.PULL, "tcp://localhost:*"), (zmq.DISH, "udp://localhost:*")])
def test_binding_to_names_in_a_storm(context, dice, resolver, kind, address):
    """`bind`, and a RADIO's `connect`, wait for the look-up themselves."""

    def bind():
        while True:
            with context.socket(kind) as bound, context.socket(zmq.RADIO) as radio:
                radio.connect("udp://localhost:5555")
                bound.bind(address)

    held = Holdings()
    stormy(bind, dice)
    assert held.are_as_before()


def test_trackers_in_a_storm(make, dice, inproc):
    """They tell those who are left."""
    push, pull = make(zmq.PUSH, bind=inproc), make(zmq.PULL, connect=inproc)
    held = Holdings(push, pull)
    tracker = push.send(bytearray(100_000), copy=False, track=True)
    rage([tracker.wait, timed_out(tracker.wait, dice), timed_out(lambda: tracker.wait(5), dice)], KILLS, dice)
    waiting = gevent.spawn(tracker.wait)
    gevent.sleep(0)
    pull.recv(copy=False)
    waiting.get(timeout=5)
    assert held.are_as_before()


def test_waiting_for_room_in_a_storm(make, dice, anywhere):
    """`wait_writable` hears of room, when there is some."""
    push = make(zmq.PUSH, bind=anywhere)
    held = Holdings(push)
    stormy(push.wait_writable, dice)
    assert held.are_as_before()
    waiting = [gevent.spawn(push.wait_writable) for _ in range(3)]
    until(lambda: len(push._core.senders) == 3)
    waiting.pop(0).kill()
    make(zmq.PULL, connect=push.last_endpoint)
    gevent.joinall(waiting, timeout=5)
    assert all(one.successful() for one in waiting)


def test_iterating_in_a_storm(make, dice, anywhere):
    """``for message in socket``: each message comes to one of them."""
    pull = make(zmq.PULL, bind=anywhere)
    push = make(zmq.PUSH, connect=pull.last_endpoint, sndhwm=10)
    until(lambda: push.peers()[0].connected)
    got = []

    def iterate():
        for message in pull:
            got.append(int(message))

    def send():
        for number in range(10**9):
            push.send(b"%d" % number)

    held = Holdings(push, pull)
    sending = gevent.spawn(send)
    stormy(iterate, dice)
    sending.kill()
    while pull.poll(20):
        got.append(int(pull.recv()))
    assert len(got) > 100 and got == list(range(len(got)))
    assert held.are_as_before()


def test_polling_descriptors_in_a_storm(make, dice, inproc):
    """Sockets and descriptors in one poll: no watcher stays."""
    push, pull = make(zmq.PUSH, bind=inproc), make(zmq.PULL, connect=inproc)
    one, other = net.socketpair()
    poller = zmq.Poller()
    for what in (pull, one):
        poller.register(what, zmq.POLLIN)
    held = Holdings(push, pull)
    stormy(poller.poll, dice)
    assert held.are_as_before()
    other.send(b"x")
    assert poller.poll(5000) == [(one.fileno(), zmq.POLLIN)]
    one.close(), other.close()
