"""Claims of PING and PONG between gzmq and libzmq, and of the peer that falls silent."""

from time import monotonic

import pytest

import gzmq as zmq

from .claims import address, event, events, heard_by
from .frames import body

#: Milliseconds, and how many of them a quiet link is looked at.
INTERVAL, SEVERAL = 40, 10
BEATING = {"heartbeat_ivl": INTERVAL, "heartbeat_timeout": 5 * INTERVAL, "heartbeat_ttl": 500}
#: Milliseconds that a busy machine may be late.
LATE = 200


@pytest.mark.parametrize("ours_beats, libzmq_beats", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("kind, theirs", [("DEALER", "DEALER"), ("PULL", "PUSH"), ("SUB", "PUB"), ("PUSH", "PULL")])
def test_a_beating_link_stays(joined, kind, theirs, ours_beats, libzmq_beats):
    """No connection ends over several intervals without a message; then messages pass."""
    ours, other = joined(kind, theirs, options=BEATING if ours_beats else {},
                         their_options=BEATING if libzmq_beats else {})  # fmt: skip
    sender, receiver = (other, ours) if theirs in ("PUSH", "PUB") else (ours, other)
    if kind == "SUB":
        ours.subscribe(b"")
        heard_by(other, ours)
    else:
        sender.send(b"there")
        assert receiver.recv() == b"there"
    monitor = ours.get_monitor_socket(zmq.Event.DISCONNECTED)
    assert events(monitor, SEVERAL * INTERVAL) == []
    sender.send(b"still there")
    assert receiver.recv() == b"still there"


@pytest.mark.parametrize("interval, timeout", [(100, 200), (100, None), (150, 50), (50, 500)])
def test_a_frozen_peer_is_noticed(make, start_peer, we_bind, interval, timeout):
    """A libzmq that is stopped is given up within HEARTBEAT_IVL and HEARTBEAT_TIMEOUT (by default the interval)."""
    options = {"heartbeat_ivl": interval}
    if timeout is not None:
        options["heartbeat_timeout"] = timeout
    ours, process = _joined(make, start_peer, we_bind, options, {})
    monitor = ours.get_monitor_socket(zmq.Event.DISCONNECTED)
    assert events(monitor, 2 * interval) == []
    assert _noticed(monitor, process) <= interval + (interval if timeout is None else timeout) + LATE


def test_a_frozen_peer_is_noticed_by_its_own_promise(make, start_peer, we_bind):
    """We do not beat, but libzmq's PING says how soon it will speak again (HEARTBEAT_TTL)."""
    promise = {"heartbeat_ivl": 50, "heartbeat_ttl": 500, "heartbeat_timeout": 5000}
    ours, process = _joined(make, start_peer, we_bind, {}, promise)
    monitor = ours.get_monitor_socket(zmq.Event.DISCONNECTED)
    assert events(monitor, 150) == []  # and meanwhile a few PINGs
    assert _noticed(monitor, process) <= 500 + LATE


def test_without_heartbeats_a_frozen_peer_is_waited_for(make, start_peer, we_bind):
    """Silence alone is no reason to end a connection."""
    ours, process = _joined(make, start_peer, we_bind, {}, {})
    monitor = ours.get_monitor_socket(zmq.Event.DISCONNECTED)
    process.freeze()
    assert events(monitor, 300) == []


def test_we_are_given_up_when_we_fall_silent(make, peer):
    """libzmq beats, our hub stands still for longer than it waits; afterwards the two find each other again."""
    theirs = peer.socket("DEALER", bind="tcp://127.0.0.1:*", heartbeat_ivl=50, heartbeat_timeout=100)
    ours = make("DEALER", connect=address(theirs), reconnect_ivl=20)
    ours.send(b"before")
    assert theirs.recv() == b"before"
    theirs.watch(zmq.Event.DISCONNECTED)
    _stand_still_until(monotonic() + 0.5)
    theirs.wait_for_event()
    theirs.send(b"after")
    assert ours.recv() == b"after"


def test_a_large_message_is_no_silence(joined):
    """Heartbeats of both sides go on between and behind messages that take longer than an interval."""
    options = {"heartbeat_ivl": 5, "heartbeat_timeout": 1000, "heartbeat_ttl": 1000}
    ours, theirs = joined("DEALER", "DEALER", options=options, their_options=options)
    monitor = ours.get_monitor_socket(zmq.Event.DISCONNECTED)
    large = body(10 << 20)
    for _ in range(3):
        ours.send_multipart([b"", large, b""])
        assert theirs.poll(5000)
        theirs.send_multipart(theirs.recv_multipart())
        assert ours.recv_multipart() == [b"", large, b""]
    assert events(monitor) == []


def _joined(make, start_peer, we_bind, our_options, their_options):
    """A DEALER of ours, joined to one in a process that may be frozen."""
    process = start_peer()
    ours, theirs = make("DEALER", **our_options), process.socket("DEALER", **their_options)
    bound, connected = (ours, theirs) if we_bind else (theirs, ours)
    bound.bind("tcp://127.0.0.1:*")
    connected.connect(address(bound))
    theirs.send(b"hello")
    assert ours.recv() == b"hello"
    return ours, process


def _noticed(monitor, process):
    """Milliseconds from freezing the process to our monitor's DISCONNECTED."""
    frozen = monotonic()
    process.freeze()
    event(monitor, zmq.Event.DISCONNECTED)
    return (monotonic() - frozen) * 1000


def _stand_still_until(moment):
    """Keep the hub from running, as a busy program does."""
    while monotonic() < moment:
        pass
