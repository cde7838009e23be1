"""Claims of monitoring: what happens to connections can be heard."""

import errno
import struct
import sys

import gevent
import pytest

import gzmq as zmq
from gzmq.utils.monitor import parse_monitor_message, recv_monitor_message

from .claims import refuses, until


def hear(monitor, wanted):
    """Wait for an event: (value, endpoint)."""
    while True:
        head, endpoint = monitor.recv_multipart()
        event, value = struct.unpack("=Hi", head)
        if event == wanted:
            return value, endpoint.decode()


def monitored(make, kind, **options):
    socket = make(kind, **options)
    monitor = socket.get_monitor_socket()
    monitor.rcvtimeo = 5000
    return socket, monitor


def test_a_binder_hears_of_its_peers(make):
    """LISTENING, ACCEPTED, HANDSHAKE_SUCCEEDED, DISCONNECTED, CLOSED; with the endpoint."""
    pull, monitor = monitored(make, zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint.decode()
    assert hear(monitor, zmq.EVENT_LISTENING)[1] == endpoint
    push = make(zmq.PUSH, connect=endpoint)
    for event in (zmq.EVENT_ACCEPTED, zmq.EVENT_HANDSHAKE_SUCCEEDED):
        assert hear(monitor, event)[1] == endpoint
    push.close()
    assert hear(monitor, zmq.EVENT_DISCONNECTED)[1] == endpoint
    pull.unbind(endpoint)
    assert hear(monitor, zmq.EVENT_CLOSED)[1] == endpoint


def test_a_connecter_hears_of_its_attempts(make):
    """CONNECT_RETRIED with the milliseconds until the next, CONNECTED at last."""
    push, monitor = monitored(make, zmq.PUSH, reconnect_ivl=10)
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint.decode()
    pull.close()
    push.connect(endpoint)
    assert 10 <= hear(monitor, zmq.EVENT_CONNECT_RETRIED)[0] <= 15
    make(zmq.PULL, bind=endpoint)
    assert hear(monitor, zmq.EVENT_CONNECTED)[1] == endpoint
    assert hear(monitor, zmq.EVENT_HANDSHAKE_SUCCEEDED)[1] == endpoint


def test_only_what_was_asked_for_is_heard(make):
    """A mask of events."""
    pull = make(zmq.PULL)
    monitor = pull.get_monitor_socket(zmq.EVENT_CLOSED)
    monitor.rcvtimeo = 5000
    pull.bind("tcp://127.0.0.1:*")
    pull.unbind(pull.last_endpoint)
    assert struct.unpack("=Hi", monitor.recv_multipart()[0])[0] == zmq.EVENT_CLOSED


def test_the_end_of_monitoring_is_heard(make):
    """MONITOR_STOPPED is the last event."""
    pull, monitor = monitored(make, zmq.PULL)
    pull.disable_monitor()
    hear(monitor, zmq.EVENT_MONITOR_STOPPED)


def test_a_monitor_at_an_address_of_ones_own(make, inproc):
    """As zmq_socket_monitor has it."""
    pull = make(zmq.PULL)
    pull.monitor(inproc, zmq.EVENT_LISTENING)
    monitor = make(zmq.PAIR, connect=inproc)
    pull.bind("tcp://127.0.0.1:*")
    assert hear(monitor, zmq.EVENT_LISTENING)[1] == pull.last_endpoint.decode()


def test_a_monitor_socket_is_made_once(make):
    """As long as it is open; then, and after disable_monitor, a new one."""
    pull = make(zmq.PULL)
    first = pull.get_monitor_socket()
    assert pull.get_monitor_socket(zmq.EVENT_CLOSED) is first
    first.close()
    second = pull.get_monitor_socket()
    assert second is not first and not second.closed
    pull.disable_monitor()
    assert pull.get_monitor_socket() is not second


def test_a_new_monitor_replaces_the_old(make, inproc):
    """Which hears that it is over."""
    pull, first = monitored(make, zmq.PULL)
    pull.monitor(inproc, zmq.EVENT_LISTENING)
    second = make(zmq.PAIR, connect=inproc)
    hear(first, zmq.EVENT_MONITOR_STOPPED)
    pull.bind("tcp://127.0.0.1:*")
    hear(second, zmq.EVENT_LISTENING)
    assert not first.poll(0)


def test_the_last_events_outlive_the_socket(make):
    """CLOSED, and MONITOR_STOPPED at the end; the monitor socket itself stays open."""
    pull, monitor = monitored(make, zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    pull.close()
    kinds = [recv_monitor_message(monitor)["event"] for _ in range(3)]
    assert kinds == [zmq.EVENT_LISTENING, zmq.EVENT_CLOSED, zmq.EVENT_MONITOR_STOPPED]
    assert not monitor.closed


@pytest.mark.parametrize(
    "addr, events, code",
    [
        ("tcp://127.0.0.1:*", zmq.EVENT_ALL, zmq.EPROTONOSUPPORT),
        ("ipc://*", zmq.EVENT_ALL, zmq.EPROTONOSUPPORT),
        ("nowhere", zmq.EVENT_ALL, zmq.EINVAL),
        ("inproc://here", zmq.EVENT_ALL_V2, zmq.EINVAL),
        ("inproc://here", -1, zmq.EINVAL),
        ("inproc://taken", zmq.EVENT_ALL, zmq.EADDRINUSE),
    ],
)
def test_where_and_what_cannot_be_monitored(make, addr, events, code):
    """The errors of libzmq; nothing is left of the attempt."""
    make(zmq.PAIR, bind="inproc://taken")
    pull = make(zmq.PULL)
    assert refuses(code, pull.monitor, addr, events)
    assert not pull._core.monitors


def test_nobody_listening_costs_nothing(make, inproc):
    """Events that nobody is there to hear are lost, and block nobody."""
    pull = make(zmq.PULL)
    pull.monitor(inproc)
    for _ in range(5):
        pull.bind("tcp://127.0.0.1:*")
    pull.monitor(None)


def test_a_slow_listener_is_not_waited_for(make, inproc):
    """Its queue holds what the two high-water marks add up to."""
    pull = make(zmq.PULL)
    pull.monitor(inproc, zmq.EVENT_LISTENING | zmq.EVENT_CLOSED)
    monitor = make(zmq.PAIR, rcvhwm=1, connect=inproc)
    for _ in range(700):
        pull.unbind(pull.bind("tcp://127.0.0.1:*") and pull.last_endpoint)
    heard = 0
    while monitor.poll(0):
        heard += bool(monitor.recv_multipart())
    assert heard == 1001


def test_messages_of_a_monitor_are_taken_apart(make):
    """By the helpers that pyzmq has; another message is no event."""
    pull, monitor = monitored(make, zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    event = recv_monitor_message(monitor)
    assert (event["event"], event["endpoint"]) == (zmq.EVENT_LISTENING, pull.last_endpoint)
    assert isinstance(event["event"], zmq.Event) and event["value"] > 2
    with pytest.raises(RuntimeError):
        parse_monitor_message([b"12345"])


def test_events_can_be_iterated(make):
    """As named tuples, until the socket closes."""
    pull = make(zmq.PULL)
    events = pull.events()
    pull.bind("tcp://127.0.0.1:*")
    endpoint = pull.last_endpoint.decode()
    push = make(zmq.PUSH, connect=endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    pull.close()
    seen = list(events)
    assert {event.endpoint for event in seen} == {endpoint}
    kinds = [event.event for event in seen]
    assert kinds == [zmq.Event.LISTENING, zmq.Event.ACCEPTED, zmq.Event.HANDSHAKE_SUCCEEDED, zmq.Event.CLOSED]


def test_iterating_waits_for_the_next_event(make):
    """The calling greenlet only."""
    pull = make(zmq.PULL)
    events = pull.events(zmq.EVENT_LISTENING)
    waiting = gevent.spawn(next, events)
    gevent.sleep(0)
    assert not waiting.ready()
    pull.bind("tcp://127.0.0.1:*")
    assert waiting.get(timeout=5).event == zmq.EVENT_LISTENING


def test_events_nobody_looks_at_are_bounded(make):
    """The last ones are kept, and the others counted."""
    pull = make(zmq.PULL)
    with pull.events(zmq.EVENT_LISTENING, limit=2) as events:
        for _ in range(5):
            pull.bind("tcp://127.0.0.1:*")
        assert (events.dropped, next(events).endpoint != pull.last_endpoint.decode()) == (3, True)
        assert next(events).endpoint == pull.last_endpoint.decode()
    assert list(events) == []


def test_events_is_the_option_too(joined):
    """``socket.events`` is pyzmq's EVENTS."""
    pull, push = joined(zmq.PULL, zmq.PUSH)
    assert pull.events == 0
    push.send(b"x")
    assert pull.poll(5000)
    assert pull.events == pull.getsockopt(zmq.EVENTS) == zmq.POLLIN


def test_peers_are_listed(make):
    """Field notes A18 and A20: who, where, and what has gone to and fro."""
    router = make(zmq.ROUTER, bind="tcp://127.0.0.1:*")
    dealer = make(zmq.DEALER, routing_id=b"anna", connect=router.last_endpoint)
    for _ in range(3):
        dealer.send(b"12345")
        router.recv_multipart()
    (anna,) = router.peers()
    assert (anna.routing_id, anna.socket_type, anna.address, anna.connected) == (b"anna", "DEALER", "127.0.0.1", True)
    assert (anna.messages_in, anna.messages_out, anna.queued_in, anna.queued_out) == (3, 0, 0, 0)
    (server,) = dealer.peers()
    assert (server.socket_type, server.messages_out) == ("ROUTER", 3)
    assert server.bytes_out == anna.bytes_in > 15
    dealer.close()
    until(lambda: router.peers() == [])


def test_a_peer_that_is_not_there_yet_is_listed(make):
    """With what waits for it."""
    push = make(zmq.PUSH, connect="tcp://127.0.0.1:9", linger=0)
    push.send(b"x")
    (peer,) = push.peers()
    assert (peer.connected, peer.queued_out, peer.sndhwm, peer.endpoint) == (False, 1, 1000, "tcp://127.0.0.1:9")


def test_drops_are_counted_by_reason(make, inproc):
    """Of a subscriber that does not read."""
    pub = make(zmq.PUB, bind=inproc, sndhwm=1)
    sub = make(zmq.SUB, rcvhwm=1)
    sub.subscribe(b"")
    sub.connect(inproc)
    for _ in range(5):
        pub.send(b"x")
    (peer,) = pub.peers()
    assert (peer.queued_out, peer.dropped, peer.messages_out) == (2, {"hwm": 3}, None)


# -- version 2 --------------------------------------------------------------------------------------------------------


def test_events_of_version_2_name_both_ends(make):
    """As libzmq's: what is not known is empty; the port that we connect from is known once we are connected."""
    pull, push = make(zmq.PULL), make(zmq.PUSH)
    below, above = (socket.get_monitor_socket(version=2) for socket in (pull, push))
    pull.bind("tcp://127.0.0.1:*")
    bound = pull.last_endpoint
    push.connect(bound)
    told = [recv_monitor_message(above) for _ in range(3)]
    own = told[1]["local"]
    assert [(one["event"], one["local"], one["remote"]) for one in told] == [
        (zmq.EVENT_CONNECT_DELAYED, b"", bound),
        (zmq.EVENT_CONNECTED, own, bound),
        (zmq.EVENT_HANDSHAKE_SUCCEEDED, own, bound),
    ]
    told = [recv_monitor_message(below) for _ in range(3)]
    assert [(one["event"], one["local"], one["remote"]) for one in told] == [
        (zmq.EVENT_LISTENING, bound, b""),
        (zmq.EVENT_ACCEPTED, bound, own),
        (zmq.EVENT_HANDSHAKE_SUCCEEDED, bound, own),
    ]


def test_a_message_of_version_2_is_libzmqs(make):
    """Event, number of values, values in 64 bits each, and two endpoints."""
    pull = make(zmq.PULL)
    pair = pull.get_monitor_socket(version=2)
    pull.bind("tcp://127.0.0.1:*")
    *numbers, local, remote = pair.recv_multipart()
    event, count, descriptor = (int.from_bytes(number, sys.byteorder) for number in numbers)
    assert (event, count, local, remote) == (zmq.EVENT_LISTENING, 1, pull.last_endpoint, b"") and descriptor > 2


def test_pipes_stats_tell_how_many_wait(make, inproc):
    """Two values for each pipe: going out, and come in."""
    one, other = make(zmq.DEALER, bind=inproc), make(zmq.DEALER, connect=inproc)
    pair = one.get_monitor_socket(version=2)
    one.send(b"1"), one.send(b"2"), other.send(b"3")
    one.monitor_pipes_stats()
    told = recv_monitor_message(pair)
    assert (told["event"], told["values"]) == (zmq.EVENT_PIPES_STATS, [2, 1])


def test_pipes_stats_need_a_monitor_and_a_pipe(make):
    """EINVAL, and EAGAIN, as libzmq's."""
    push = make(zmq.PUSH)
    assert refuses(errno.EINVAL, push.monitor_pipes_stats)
    push.get_monitor_socket(version=2)
    assert refuses(errno.EAGAIN, push.monitor_pipes_stats)


@pytest.mark.parametrize("version", [0, 3, None])
def test_monitors_have_two_versions(make, version):
    """EINVAL for any other."""
    assert refuses(errno.EINVAL, make(zmq.PUSH).monitor, "inproc://events", zmq.EVENT_ALL, version)
