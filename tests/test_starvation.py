"""Claims of a greenlet that computes for longer than every time-out: what came meanwhile counts before any is judged.

The peer is a process of its own, with real libzmq, and goes on while our hub stands still.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import gevent
import pytest

import gzmq as zmq

from .handlers import Handler
from .interop.claims import address, event, events, until
from .interop.conftest import context, make, peer, shared, start_peer, we_bind
from .interop.frames import body
from .socks_proxy import Proxy

__all__ = ["context", "make", "peer", "shared", "start_peer", "we_bind"]

#: Milliseconds of a time-out, and seconds that the hub does not run.
TIMEOUT, BUSY = 50, 0.15
FAILED = zmq.Event.DISCONNECTED | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL | zmq.Event.CLOSED | zmq.Event.CONNECT_RETRIED
SERVER_PUBLIC, SERVER_SECRET = zmq.curve_keypair()
CLIENT_PUBLIC, CLIENT_SECRET = zmq.curve_keypair()
SECURITY = {
    "NULL": ({}, {}),
    "PLAIN": ({"plain_server": 1}, {"plain_username": b"u", "plain_password": b"p"}),
    "CURVE": (
        {"curve_server": 1, "curve_secretkey": SERVER_SECRET},
        {"curve_publickey": CLIENT_PUBLIC, "curve_secretkey": CLIENT_SECRET, "curve_serverkey": SERVER_PUBLIC},
    ),
}


def compute(seconds=BUSY):
    """Keep the hub from running."""
    end = monotonic() + seconds
    while monotonic() < end:
        pass


def compute_again_and_again(done, times=8, rest=0.001):
    """Let the hub run for a moment only, between two long computations."""
    for _ in range(times):
        compute(TIMEOUT / 1000 * 2)
        gevent.sleep(rest)
        if done():
            break


def begin(call, *args):
    """Have a peer do something, and do not wait for it: it goes on while we compute."""
    begun = gevent.spawn(call, *args)
    gevent.sleep(0)
    return begun


def dealers(make, peer, options, their_options):
    """One of ours, joined to libzmq's, and the monitor of ours."""
    ours = make("DEALER", bind="tcp://127.0.0.1:*", **options)
    theirs = peer.socket("DEALER", connect=address(ours), **their_options)
    theirs.send(b"there")
    assert ours.recv() == b"there"
    return ours, theirs, ours.get_monitor_socket(FAILED)


# -- heartbeats --------------------------------------------------------------------------------------------------------


def test_what_came_meanwhile_is_a_sign_of_life(make, start_peer):
    """The PONG that lies unread in the kernel."""
    process = start_peer()
    ours, _, monitor = dealers(make, process, {"heartbeat_ivl": TIMEOUT}, {})
    for _ in range(2):
        process.freeze()
        written = ours.peers()[0].bytes_out
        until(lambda: ours.peers()[0].bytes_out > written)  # noqa: B023  the PING
        process.go_on()
        compute()
    assert events(monitor, 50) == []


def test_the_promise_of_a_peer_is_not_broken_by_our_computing(make, peer):
    """Its PINGs, which say when the next comes, lie unread (HEARTBEAT_TTL)."""
    ours, theirs, monitor = dealers(
        make, peer, {}, {"heartbeat_ivl": 30, "heartbeat_ttl": 100, "heartbeat_timeout": 9999}
    )
    gevent.sleep(0.05)
    for _ in range(3):
        compute()
        gevent.sleep(0.001)
    assert events(monitor, 50) == []


def test_a_ping_that_waited_to_be_written_gets_its_time(make, peer):
    """Our hub stood still between the PING and its way out: behind a large message that the peer has begun to take."""
    ours, theirs, monitor = dealers(make, peer, {"heartbeat_ivl": TIMEOUT}, {})
    for _ in range(3):
        ours.send(body(6 << 20))
        for _ in range(3):
            gevent.sleep(0.001)
            compute(0.1)
        assert len(theirs.recv()) == 6 << 20
    assert events(monitor, 50) == []


def test_who_does_not_read_misses_no_sign_of_life(make, peer):
    """A socket that has more than it wants reads nothing; its peer is not silent for that."""
    ours, theirs, monitor = dealers(make, peer, {"heartbeat_ivl": TIMEOUT, "rcvhwm": 1}, {})
    for number in range(50):
        theirs.send(b"%d" % number)
    for _ in range(3):
        gevent.sleep(0.03)
        compute()
    assert [ours.recv() for _ in range(50)] == [b"%d" % number for number in range(50)]
    assert events(monitor, 50) == []


@pytest.mark.parametrize("ours_beats", [True, False], ids=["our PINGs", "its promise"])
def test_a_silent_peer_is_noticed_by_a_busy_process(make, start_peer, ours_beats):
    """Computing is no excuse for it."""
    beating = {"heartbeat_ivl": 30, "heartbeat_timeout": TIMEOUT, "heartbeat_ttl": 100}
    theirs = start_peer()
    _, _, monitor = dealers(make, theirs, *((beating, {}) if ours_beats else ({}, beating)))
    gevent.sleep(0.05)
    theirs.freeze()
    compute_again_and_again(lambda: monitor.poll(0), times=20, rest=0.01)
    assert event(monitor, zmq.Event.DISCONNECTED)


# -- handshakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", SECURITY)
def test_a_handshake_goes_on_in_a_busy_process(make, context, peer, we_bind, mechanism):
    """Step by step, whenever the hub has a moment; the time in which it has none is nobody's fault.

    Our ZAP handler is a greenlet of the same hub.
    """
    server, client = SECURITY[mechanism]
    if mechanism == "PLAIN" and not we_bind:
        peer.ask("authenticate", passwords={"u": "p"})
    handler = Handler(context)
    ours = make("DEALER", handshake_ivl=TIMEOUT, **(server if we_bind else client))
    theirs = peer.socket("DEALER", **(client if we_bind else server))
    bound, connecting = (ours, theirs) if we_bind else (theirs, ours)
    monitor = ours.get_monitor_socket(FAILED | zmq.Event.HANDSHAKE_SUCCEEDED)
    bound.bind("tcp://127.0.0.1:*")
    begun = begin(connecting.connect, address(bound))
    compute_again_and_again(lambda: monitor.poll(0), times=20)
    assert events(monitor, 50) == [zmq.Event.HANDSHAKE_SUCCEEDED]
    begun.get()
    assert len(handler.asked) == (we_bind and mechanism != "NULL")
    handler.stop()


def test_who_says_nothing_is_given_up_by_a_busy_process(make):
    """HANDSHAKE_IVL holds for a peer that is silent."""
    ours = make("PULL", bind="tcp://127.0.0.1:*", handshake_ivl=TIMEOUT)
    monitor = ours.get_monitor_socket(FAILED)
    with gevent.socket.create_connection(("127.0.0.1", int(address(ours).rpartition(":")[2]))):
        compute_again_and_again(lambda: monitor.poll(0), times=20, rest=0.01)
        assert event(monitor, zmq.Event.HANDSHAKE_FAILED_NO_DETAIL)


def test_a_connection_made_meanwhile_is_not_late(make, peer):
    """CONNECT_TIMEOUT: the kernel has connected us while we computed."""
    theirs = peer.socket("PULL", bind="tcp://127.0.0.1:*")
    ours = make("PUSH", connect_timeout=TIMEOUT)
    monitor = ours.get_monitor_socket(FAILED | zmq.Event.CONNECTED)
    ours.connect(address(theirs))
    compute()
    assert events(monitor, 50) == [zmq.Event.CONNECTED]


@pytest.fixture
def proxy():
    """A SOCKS proxy that goes on while our hub stands still: in a thread with another."""
    started, end, made = threading.Event(), threading.Event(), []

    def serve():
        made.append(Proxy())
        started.set()
        while not end.is_set():
            gevent.sleep(0.002)
        made[0].stop()

    thread = threading.Thread(target=serve)
    thread.start()
    started.wait()
    yield made[0]
    end.set()
    thread.join()


def test_a_proxys_answers_are_not_late(make, peer, proxy):
    """Those of a SOCKS proxy, that came while we computed."""
    theirs = peer.socket("PULL", bind="tcp://127.0.0.1:*")
    ours = make("PUSH", handshake_ivl=TIMEOUT, socks_proxy=proxy.address)
    monitor = ours.get_monitor_socket(FAILED | zmq.Event.CONNECTED)
    ours.connect(address(theirs))
    compute_again_and_again(lambda: monitor.poll(0), times=10, rest=0.003)
    assert events(monitor) == [zmq.Event.CONNECTED]


# -- our own time-outs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 400_000])
@pytest.mark.parametrize("wait", ["recv", "recv_multipart", "poll", "Poller", "select"])
def test_a_message_wins_over_a_time_out(make, peer, wait, size):
    """RCVTIMEO, and those of polling: the message has come, though in many pieces, and we have not seen it yet."""
    ours, theirs, _ = dealers(make, peer, {"rcvtimeo": TIMEOUT}, {})
    poller = zmq.Poller()
    poller.register(ours, zmq.POLLIN)
    waiting = gevent.spawn({
        "recv": ours.recv, "recv_multipart": ours.recv_multipart, "poll": lambda: ours.poll(TIMEOUT),
        "Poller": lambda: poller.poll(TIMEOUT), "select": lambda: zmq.select([ours], [], [], TIMEOUT / 1000)[0],
    }[wait])  # fmt: skip
    gevent.sleep(0)
    begun = begin(theirs.send, body(size))
    compute()
    assert waiting.get()
    begun.get()


def test_room_wins_over_a_time_out(make):
    """SNDTIMEO: the peer has taken what was in the way."""
    libzmq = pytest.importorskip("zmq")
    with libzmq.Context() as far, far.socket(libzmq.PULL) as theirs:
        theirs.rcvhwm = 1
        theirs.rcvtimeo = 1000
        ours = make("PUSH", sndhwm=1, sndtimeo=0)
        ours.connect(f"tcp://127.0.0.1:{theirs.bind_to_random_port('tcp://127.0.0.1')}")
        until(lambda: ours.peers()[0].connected)
        while ours.poll(20, zmq.POLLOUT):
            ours.send(body(1 << 20))
        ours.sndtimeo = TIMEOUT
        sending = gevent.spawn(ours.send, b"last")
        gevent.sleep(0)
        with ThreadPoolExecutor() as pool:
            pool.submit(lambda: [None for _ in iter(theirs.recv, b"last")])
            compute()
            sending.get()


def test_a_time_out_with_nothing_there_still_comes(make, peer):
    """Soon after the hub runs again."""
    ours, _, _ = dealers(make, peer, {"rcvtimeo": TIMEOUT}, {})
    waiting = gevent.spawn(ours.recv)
    gevent.sleep(0)
    compute()
    before = monotonic()
    with pytest.raises(zmq.Again):
        waiting.get()
    assert monotonic() - before < 2


@pytest.mark.parametrize("connected", [True, False])
def test_linger_is_not_used_up_by_computing(make, peer, connected):
    """What was sent before a close with a short LINGER leaves, though the hub did not run before that was over."""
    theirs = peer.socket("PULL", bind="tcp://127.0.0.1:*")
    ours = make("PUSH", connect=address(theirs))
    if connected:
        ours.send(b"first")
        assert theirs.recv() == b"first"
    ours.send(b"last")
    ours.close(linger=TIMEOUT)
    compute()
    assert theirs.recv() == b"last"
