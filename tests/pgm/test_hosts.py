"""Claims of pgm and epgm between hosts, gzmq and real libzmq at either end, over networks that lose packets."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..hosts import Hosts, libzmq_with_pgm, why_not

PEER = Path(__file__).parent / "peer.py"
REASON = why_not()
LIBZMQ = libzmq_with_pgm()
needs_libzmq = pytest.mark.skipif(not LIBZMQ, reason="no system libzmq with pgm (Debian's libzmq5)")
needs_nft = pytest.mark.skipif(shutil.which("nft") is None, reason="needs nft to lose packets")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

BOTH = pytest.mark.parametrize("scheme", ["epgm", "pgm"])
PAIRS = pytest.mark.parametrize(
    "publisher, receiver",
    [
        ("gzmq", "gzmq"),
        pytest.param("gzmq", LIBZMQ, id="gzmq-libzmq", marks=needs_libzmq),
        pytest.param(LIBZMQ, "gzmq", id="libzmq-gzmq", marks=needs_libzmq),
    ],
)
groups = itertools.count(1)


@pytest.fixture(scope="module")
def hosts():
    made = Hosts(4)
    yield made
    made.close()


class Group:
    """A group of its own, and the peers that joined it."""

    def __init__(self, hosts, scheme):
        self.hosts = hosts
        self.scheme = scheme
        self.address = f"239.192.{os.getpid() % 250}.{next(groups)}"
        self.peers = []

    def join(self, host, library, role, *settings):
        endpoint = f"{self.scheme}://{self.hosts.address(host)};{self.address}:5555"
        command = [sys.executable, str(PEER), library, role, endpoint, *settings]
        pipe = subprocess.PIPE
        peer = self.hosts.popen(host, command, stdin=pipe, stdout=pipe, text=True)
        self.peers.append(peer)
        assert peer.stdout.readline() == "ready\n"
        return peer

    def lose(self, host, rule):
        """Lose, of what comes in on a host, the packets that a rule of nft matches."""
        where = "udp dport 5555" if self.scheme == "epgm" else "ip protocol 113"
        chain = "add chain ip t c { type filter hook input priority 0; }"
        rules = f"add table ip t; {chain}; add rule ip t c {where} {rule}"
        self.hosts.popen(host, ["nft", f"{rules} drop"]).wait(10)

    def close(self):
        for host in range(1, 5):
            self.hosts.popen(host, ["nft", "flush ruleset"]).wait(10) if shutil.which("nft") else None
        for peer in self.peers:
            peer.kill()
            peer.communicate()


@pytest.fixture
def group(hosts, scheme):
    made = Group(hosts, scheme)
    yield made
    made.close()


def go(publisher):
    """Let a publisher begin. Its group hears nothing of it before, so there is nothing to wait for."""
    print("go", file=publisher.stdin, flush=True)


def result(receiver):
    """(messages, first, last, gaps, wrong) of a receiver, once it has them."""
    return [int(number) for number in receiver.stdout.readline().split()[:5]]


def all_of(count):
    return [count, 0, count - 1, 0, 0]


@BOTH
@PAIRS
@pytest.mark.parametrize("loss", [0, 10, 30])
def test_all_arrive_in_order(group, publisher, receiver, loss):
    """Whatever share of all packets is lost on the way, within the window."""
    settings = ["count=150", "size=900", "parts=2"]
    sub = group.join(2, receiver, "sub", *settings)
    pub = group.join(1, publisher, "pub", *settings)
    if loss:  # from now on: libzmq can repair only once it has heard an SPM
        if shutil.which("nft") is None:
            pytest.skip("needs nft to lose packets")
        group.lose(2, f"numgen inc mod 10 < {loss // 10}")
    go(pub)
    assert result(sub) == all_of(150)


@BOTH
@PAIRS
@pytest.mark.parametrize("size", [1, 253, 254, 255, 1428, 100_000, 1_000_000])
def test_messages_of_every_size(group, publisher, receiver, size):
    """One byte to a million, around the changes of form; three parts each."""
    settings = ["count=6", f"size={max(size, 2)}", "parts=3", "rate=400000", "burst=1"]
    sub = group.join(2, receiver, "sub", *settings)
    pub = group.join(1, publisher, "pub", *settings)
    go(pub)
    assert result(sub) == all_of(6)


@BOTH
@needs_nft
@pytest.mark.parametrize("publisher", ["gzmq", pytest.param(LIBZMQ, id="libzmq", marks=needs_libzmq)])
def test_three_receivers_of_one_publisher(group, publisher):
    """Each loses something else, and each gets all."""
    settings = ["count=150", "size=900"]
    subs = [group.join(host, "gzmq", "sub", *settings) for host in (2, 3, 4)]
    for host in (2, 3, 4):
        group.lose(host, f"numgen inc mod 7 {host}")
    go(group.join(1, publisher, "pub", *settings))
    assert [result(sub) for sub in subs] == [all_of(150)] * 3


@BOTH
@needs_nft
def test_one_nak_serves_all(group):
    """Three receivers miss the same ten packets: hardly one is sent again more than once."""
    settings = ["count=100", "size=1400", "burst=1"]
    subs = [group.join(host, "gzmq", "sub", *settings) for host in (2, 3, 4)]
    pub = group.join(1, "gzmq", "pub", *settings)
    sequence, kind = ("@th,192,32", "@th,96,8") if group.scheme == "epgm" else ("@th,128,32", "@th,32,8")
    for host in (2, 3, 4):
        group.lose(host, f"{kind} 4 {sequence} {{ 5, 15, 25, 35, 45, 55, 65, 75, 85, 95 }}")
    go(pub)
    assert [result(sub) for sub in subs] == [all_of(100)] * 3
    assert pub.stdout.readline() == "sent\n"
    print("bye", file=pub.stdin, flush=True)
    repaired = int(pub.stdout.readline().split()[1])
    assert 10 <= repaired < 20


@BOTH
@needs_nft
@PAIRS
def test_what_is_lost_for_good_is_skipped(group, publisher, receiver):
    """One packet never arrives: what came before is there, and the stream goes on behind it."""
    sequence = "@th,192,32" if group.scheme == "epgm" else "@th,128,32"
    kind = "@th,96,8" if group.scheme == "epgm" else "@th,32,8"
    group.lose(2, f"{kind} {{4, 5}} {sequence} 20")
    settings = ["count=400", "size=1200", "burst=1", "rate=4000", "recovery=100", "idle=4000"]
    sub = group.join(2, receiver, "sub", *settings)
    go(group.join(1, publisher, "pub", *settings))
    got, first, last, gaps, wrong = result(sub)
    assert (first, last, wrong) == (0, 399, 0) and 1 <= gaps <= 3 and got == 400 - gaps


@BOTH
@pytest.mark.parametrize("others", ["gzmq", pytest.param(LIBZMQ, id="libzmq", marks=needs_libzmq)])
def test_two_publishers_on_one_group(group, others):
    """From two hosts, each in its own order."""
    sub = group.join(3, "gzmq", "sub", "count=200")
    pubs = [group.join(1, "gzmq", "pub"), group.join(2, others, "pub")]
    for pub in pubs:
        go(pub)
    got = result(sub)
    assert got[0] == 200


@BOTH
def test_a_publisher_that_starts_again(group):
    """Another stream, from its first message."""
    sub = group.join(2, "gzmq", "sub", "count=20")
    for _ in range(2):
        pub = group.join(1, "gzmq", "pub", "count=10")
        go(pub)
        assert pub.stdout.readline() == "sent\n"
        pub.communicate("\n")
    assert result(sub)[0] == 20


@BOTH
@pytest.mark.parametrize("loop, heard", [(1, 20), (0, 0)])
def test_multicast_loop_is_for_this_host(group, loop, heard):
    """Whether a subscriber on the publisher's own host hears it; others do."""
    subs = [group.join(host, "gzmq", "sub", "count=20", f"idle={5000 if loop or host > 1 else 500}") for host in (1, 2)]
    go(group.join(1, "gzmq", "pub", "count=20", f"loop={loop}"))
    assert [result(sub)[0] for sub in subs] == [heard, 20]


@BOTH
def test_the_subscriber_filters(group):
    """The publisher sends everything: what does not match is not received."""
    sub = group.join(2, "gzmq", "sub", "count=11", "topic=1")
    go(group.join(1, "gzmq", "pub", "count=20"))
    assert result(sub) == [11, 1, 19, 8, 0]


@BOTH
@pytest.mark.parametrize("receiver", ["gzmq", pytest.param(LIBZMQ, id="libzmq", marks=needs_libzmq)])
@pytest.mark.parametrize("first", [2**31 - 50, 2**32 - 50])
def test_sequences_wrap(group, receiver, first):
    """32 bits are not the end of a stream."""
    settings = ["count=100", "size=900"]
    sub = group.join(2, receiver, "sub", *settings)
    go(group.join(1, "gzmq", "pub", f"first={first}", *settings))
    assert result(sub) == all_of(100)


@BOTH
@needs_nft
def test_the_tail_is_repaired_before_a_publisher_leaves(group):
    """It sends, closes and exits at once; the last packet is lost the first time."""
    kind = "@th,96,8" if group.scheme == "epgm" else "@th,32,8"
    group.lose(2, f"{kind} 4 numgen inc mod 3 2")
    settings = ["count=9", "size=1400", "burst=9"]
    sub = group.join(2, "gzmq", "sub", *settings)
    pub = group.join(1, "gzmq", "pub", *settings)
    pub.communicate("go\nbye\n")
    assert result(sub) == all_of(9)
