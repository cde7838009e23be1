"""Claims of epgm and pgm sockets on one host: groups on the loopback interface."""

import errno
import itertools
import os
import random
import socket as net
import subprocess
import sys
from collections import deque
from time import monotonic

import gevent
import pytest

import gzmq as zmq
from gzmq.pgm import Packer, Source, Tsi

from .claims import must_not_recv, refuses

_numbers = itertools.count(1)


@pytest.fixture
def group():
    """A group and port of its own, on the loopback interface."""
    return f"epgm://lo;239.255.{os.getpid() % 250}.{next(_numbers)}:{random.randrange(20000, 30000)}"


@pytest.fixture
def pair(make, group):
    """A publisher and a subscriber of everything."""
    sub = make(zmq.SUB, connect=group, subscribe=b"", rate=100_000)
    return make(zmq.PUB, bind=group, rate=100_000), sub


def descriptor(socket):
    """The network socket of its endpoint."""
    (end,) = socket._core.connections.each()
    return end.carrier._sock


def test_a_group_joins_publisher_and_subscriber(pair):
    """Nobody waits for a subscription: the publisher sends everything from the first moment."""
    pub, sub = pair
    pub.send_multipart([b"a", b"", b"b" * 100_000])
    assert sub.recv_multipart() == [b"a", b"", b"b" * 100_000]


@pytest.mark.parametrize("first, second", [("bind", "connect"), ("connect", "bind"), ("connect", "connect")])
def test_bind_and_connect_mean_the_same(make, group, first, second):
    """In any order."""
    sub = make(zmq.SUB, subscribe=b"", **{first: group})
    pub = make(zmq.PUB, **{second: group})
    pub.send(b"here")
    assert sub.recv() == b"here"


@pytest.mark.parametrize("sender, receiver", [(zmq.XPUB, zmq.XSUB), (zmq.PUB, zmq.XSUB), (zmq.XPUB, zmq.SUB)])
def test_the_x_types_too(make, group, sender, receiver):
    """An XPUB hears of no subscription, since there is none on the wire."""
    sub = make(receiver, connect=group)
    sub.subscribe(b"") if receiver == zmq.SUB else sub.send(b"\x01")
    pub = make(sender, connect=group)
    pub.send(b"here")
    assert sub.recv() == b"here"
    assert not pub.poll(0)


def test_the_subscriber_filters(pair):
    """By its own topics, at its own end."""
    pub, sub = pair
    sub.unsubscribe(b""), sub.subscribe(b"b")
    pub.send(b"a1"), pub.send(b"b1")
    assert sub.recv() == b"b1"


@pytest.mark.parametrize("kind", [zmq.PUSH, zmq.PULL, zmq.REQ, zmq.REP, zmq.DEALER, zmq.ROUTER, zmq.PAIR])
def test_other_types_are_refused(make, group, kind):
    """ENOCOMPATPROTO."""
    socket = make(kind)
    assert refuses(zmq.ENOCOMPATPROTO, socket.connect, group) and refuses(zmq.ENOCOMPATPROTO, socket.bind, group)


@pytest.mark.parametrize("option", [{"plain_server": 1}, {"plain_username": b"anna"}, {"curve_server": 1}])
def test_security_is_refused(make, group, option):
    """EINVAL: there is no handshake, and nothing would be protected."""
    with pytest.raises(zmq.ZMQError, match="no handshake, so no (PLAIN|CURVE)") as caught:
        make(zmq.PUB, **option).bind(group)
    assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize(
    "rest",
    ["", "lo", "lo;239.1.1.1", "lo;239.1.1.1:", "lo;239.1.1.1:0", "lo;239.1.1.1:*", "lo;239.1.1.1:70000",
     "lo;1.2.3.4:5",
     "lo;name:5", ";:5", "lo;239.1.1.1,239.1.1.2;239.1.1.3:5"],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["pgm", "epgm"])
def test_what_is_no_endpoint_is_refused(make, scheme, rest):
    """EINVAL, and what would be right."""
    with pytest.raises(zmq.ZMQError, match="write|one endpoint for each") as caught:
        make(zmq.PUB).connect(f"{scheme}://{rest}")
    assert caught.value.errno == errno.EINVAL


def test_an_interface_that_is_not_there(make):
    """ENODEV, and those that are."""
    with pytest.raises(zmq.ZMQError, match=r"lo \(127.0.0.1/8\)") as caught:
        make(zmq.PUB).connect("epgm://nosuch0;239.1.1.1:5555")
    assert caught.value.errno == errno.ENODEV


@pytest.mark.parametrize("interface", ["lo", "127.0.0.1", "127.0.0.0"])
def test_an_interface_by_name_address_or_network(make, interface):
    """All are the same."""
    pub = make(zmq.PUB, connect=f"epgm://{interface};239.255.9.9:5555")
    assert descriptor(pub).getsockname() == ("127.0.0.1", 5555)


def test_options_reach_the_descriptor(make, group):
    """MULTICAST_HOPS, MULTICAST_LOOP, TOS, SNDBUF."""
    pub = make(zmq.PUB, multicast_hops=5, multicast_loop=0, tos=0x28, sndbuf=30_000, connect=group)
    asked = [net.IP_MULTICAST_TTL, net.IP_MULTICAST_LOOP, net.IP_TOS]
    assert [descriptor(pub).getsockopt(net.IPPROTO_IP, option) for option in asked] == [5, 0, 0x28]
    assert descriptor(pub).getsockopt(net.SOL_SOCKET, net.SO_SNDBUF) == 60_000


def test_groups_that_share_a_port_do_not_leak(make, group):
    """A subscriber hears its own group only."""
    other = group.replace("239.255", "239.254")
    sub, elsewhere = (make(zmq.SUB, connect=where, subscribe=b"") for where in (group, other))
    pub, control = (make(zmq.PUB, connect=where) for where in (other, group))
    pub.send(b"elsewhere"), control.send(b"here")
    assert (sub.recv(), elsewhere.recv()) == (b"here", b"elsewhere")
    must_not_recv(sub)


def test_a_tpdu_without_room_is_refused(make, group):
    """EINVAL, and the least."""
    with pytest.raises(zmq.ZMQError, match="MULTICAST_MAXTPDU is 70, and 75 is the least") as caught:
        make(zmq.PUB, multicast_maxtpdu=70).connect(group)
    assert caught.value.errno == errno.EINVAL


def test_the_smallest_tpdu_works(make, group):
    """A byte of a message in each packet."""
    sub = make(zmq.SUB, connect=group, subscribe=b"")
    make(zmq.PUB, connect=group, multicast_maxtpdu=75, rate=1000).send(b"hello")
    assert sub.recv() == b"hello"


def test_unsent_messages_linger_at_their_rate(make, group):
    """The publisher closes at once; all is sent though the rate makes it take a while."""
    sub = make(zmq.SUB, connect=group, subscribe=b"")
    pub = make(zmq.PUB, connect=group, rate=1000)
    for number in range(30):
        pub.send(b"%d " % number + bytes(1000))
    pub.close()
    assert [int(sub.recv().split()[0]) for _ in range(30)] == list(range(30))


def test_linger_ends_it(context, group):
    """LINGER is milliseconds, whatever the rate would need."""
    pub = context.socket(zmq.PUB)
    pub.rate, pub.linger = 100, 50
    pub.connect(group)
    pub.send(bytes(1_000_000))
    pub.close()
    before = monotonic()
    context.term()
    assert monotonic() - before < 5  # at this rate it would take 80 s


def test_hwm_bounds_what_the_rate_holds_back(make, group):
    """What a PUB cannot queue is dropped."""
    pub = make(zmq.PUB, connect=group, rate=100, sndhwm=10, linger=0)
    for _ in range(200):
        pub.send(bytes(10_000))
    assert pub.peers()[0].queued_out <= 10 and sum(pub.peers()[0].dropped.values()) > 100


def test_a_slow_subscriber_stops_reading(make, group):
    """Its queue stays at RCVHWM; once it reads again all that the window holds arrives."""
    sub = make(zmq.SUB, connect=group, subscribe=b"", rcvhwm=10)
    pub = make(zmq.PUB, connect=group, rate=100_000)
    for number in range(500):
        pub.send(b"%d" % number)
        if number % 50 == 0:
            gevent.sleep(0.001)
    assert sub.peers()[0].queued_in < 500
    assert [int(sub.recv()) for _ in range(500)] == list(range(500))


def test_the_group_is_left_when_the_socket_closes(make, group):
    """No membership, no port."""
    socket = make(zmq.SUB, connect=group)
    sock = descriptor(socket)
    socket.close()
    assert sock.fileno() == -1


def test_disconnect_leaves_the_group(pair, group):
    """Nothing is heard afterwards."""
    pub, sub = pair
    sub.disconnect(group)
    pub.send(b"gone")
    must_not_recv(sub)


def test_many_sockets_share_a_port(make, group):
    """Two publishers, two subscribers on one host."""
    subs = [make(zmq.SUB, connect=group, subscribe=b"") for _ in range(2)]
    for number in range(2):
        make(zmq.PUB, connect=group).send(b"%d" % number)
    assert [sorted((sub.recv(), sub.recv())) for sub in subs] == [[b"0", b"1"]] * 2


def test_counters_of_peers(pair):
    """Messages and bytes of either end."""
    pub, sub = pair
    pub.send(b"hello"), sub.recv()
    sent, received = pub.peers()[0], sub.peers()[0]
    assert sent.messages_out == received.messages_in == 1
    assert received.bytes_in >= 5 and sent.connected and received.connected


class Foreign:
    """Sends whatever a test likes to a group."""

    def __init__(self, group):
        address, _, port = group.rpartition(";")[2].rpartition(":")
        self.to = address, int(port)
        self.sock = net.socket(net.AF_INET, net.SOCK_DGRAM)
        self.sock.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_IF, net.inet_aton("127.0.0.1"))
        self.source = Source(Tsi(b"abcdef", 7), self.to[1], "127.0.0.1", address, 10)

    def send(self, data):
        self.sock.sendto(data, self.to)

    def close(self):
        self.sock.close()


@pytest.fixture
def foreign(group):
    made = Foreign(group)
    yield made
    made.close()


@pytest.mark.parametrize("tsdu", [b"", b"\0", b"\0\xffabc", b"\0\0\0\0\0", b"\xff\xfeabc"])
def test_data_that_makes_no_sense_costs_nothing(make, group, foreign, tsdu):
    """What makes libzmq abort: the next message of the same publisher is there."""
    sub = make(zmq.SUB, connect=group, subscribe=b"")
    foreign.send(foreign.source.data(tsdu, 0.0))
    packer = Packer(100)
    foreign.send(foreign.source.data(packer.next(deque([[b"whole"]])), 0.0))
    assert sub.recv() == b"whole"
    assert sub.peers()[0].dropped == {"malformed": 1}


def test_any_datagram_is_survived(pair, group, foreign):
    """Bytes at random, to the subscriber's port and to the publisher's."""
    pub, sub = pair
    draw = random.Random(1)
    for _ in range(300):
        data = draw.randbytes(draw.randrange(80))
        foreign.send(data)
        foreign.sock.sendto(data, ("127.0.0.1", foreign.to[1]))
        gevent.sleep(0)
    pub.send(b"still here")
    assert sub.recv() == b"still here"


def test_half_a_multipart_never_arrives(make, group, foreign):
    """A packet in its middle is lost for good; the message after it is whole."""
    sub = make(zmq.SUB, connect=group, subscribe=b"")
    events = sub.events()
    foreign.send(foreign.source.open(0.0)[0])
    packer, queue = Packer(20), deque([[b"a" * 15, b"b" * 30], [b"c" * 5], [b"d"]])
    packets = [foreign.source.data(tsdu, 0.0) for tsdu in iter(lambda: packer.next(queue), None)]
    for packet in packets[:1] + packets[2:]:
        foreign.send(packet)
    while foreign.source._trail < 3:  # the window moves on: the lost packet cannot be repaired any more
        foreign.send(foreign.source.data(b"\0\0\x02\0e", 0.0))
    assert sub.recv_multipart() == [b"c" * 5]
    assert next(events) == (zmq.OwnEvent.PACKETS_LOST, 1, group)
    assert sub.peers()[0].dropped == {"lost": 1}


def test_without_the_capability_pgm_says_so():
    """EPERM, and what needs none."""
    script = (
        "import os, gzmq as zmq, gzmq.preload\n"
        "socket = zmq.Context().socket(zmq.PUB)\n"
        "if os.getuid() == 0: os.setgid(65534), os.setuid(65534)\n"
        "try: socket.connect('pgm://lo;239.1.1.1:5555')\n"
        "except zmq.ZMQError as error: print(error.errno, error)"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert printed.stdout.startswith(f"{errno.EPERM} ") and "CAP_NET_RAW" in printed.stdout, printed
