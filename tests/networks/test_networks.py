"""Claims of tcp between hosts: packets that are lost, a link that falls silent, addresses that change."""

import json
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from ..hosts import Hosts, why_not
from .node import HEARTBEATS

NODE = Path(__file__).parent / "node.py"
REASON = why_not()
needs_nft = pytest.mark.skipif(shutil.which("nft") is None, reason="needs nft to lose packets")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
#: Seconds that a busy machine may be late, and that anything may take.
LATE, PATIENCE = 2, 60


class Node:
    """A process on a host."""

    def __init__(self, hosts, host, role, endpoint):
        self._process = hosts.popen(host, [sys.executable, str(NODE), role, endpoint], stdout=subprocess.PIPE)
        self._rest = b""

    def next(self, *wanted):
        """The next [word, value, time] of these words."""
        end = monotonic() + PATIENCE
        while True:
            line, separator, rest = self._rest.partition(b"\n")
            if separator:
                self._rest = rest
                said = json.loads(line)
                if said[0] in wanted:
                    return said
                continue
            readable, _, _ = select.select([self._process.stdout], [], [], max(0, end - monotonic()))
            assert readable, f"no {wanted} within {PATIENCE} s"
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            assert data, "the process has ended"
            self._rest += data

    def got(self, count):
        """The next numbers that it received."""
        return [self.next("got")[1] for _ in range(count)]

    def kill(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def hosts():
    made = Hosts(3)
    yield made
    made.close()


@pytest.fixture
def start(hosts):
    """Start a node; those that bind are ready then."""
    nodes = []

    def start(host, role, endpoint):
        nodes.append(Node(hosts, host, role, endpoint))
        if role in ("pub", "pull", "rep"):
            nodes[-1].next("ready")
        return nodes[-1]

    yield start
    for node in nodes:
        node.kill()


def lose(hosts, host, rule):
    """Lose, of what comes in on a host and goes out, the packets that a rule of nft matches."""
    chains = "; ".join(
        f"add chain ip t {hook} {{ type filter hook {hook} priority 0; }}; add rule ip t {hook} {rule} drop"
        for hook in ("input", "output")
    )
    run(hosts, host, "nft", f"add table ip t; {chains}")


def run(hosts, host, *command):
    """Run a command on a host."""
    assert hosts.popen(host, command).wait(10) == 0, command


def silent(hosts, host):
    """A link of which neither end hears anything any more."""
    lose(hosts, host, "ip saddr 0.0.0.0/0")
    return monotonic()


def noticed_in_time(node, since):
    """It says that the connection has gone within the interval and the time-out of heartbeats."""
    _, _, at = node.next("DISCONNECTED")
    limit = (HEARTBEATS["heartbeat_ivl"] + HEARTBEATS["heartbeat_timeout"]) / 1000
    return since < at < since + limit + LATE


@needs_nft
@pytest.mark.parametrize("loss", [4, 10])
@pytest.mark.parametrize("asks, answers, count", [("push", "pull", 300), ("req", "rep", 100)])
def test_lost_packets(hosts, start, asks, answers, count, loss):
    """What tcp repairs arrives: every message, in order."""
    endpoint = f"tcp://{hosts.address(1)}:5555"
    receiver = start(1, answers, endpoint)
    lose(hosts, 1, f"numgen random mod 100 < {loss // 2}")
    sender = start(2, asks, endpoint)
    assert (receiver if asks == "push" else sender).got(count) == list(range(count))


@needs_nft
def test_a_link_that_falls_silent(hosts, start):
    """A SUB notices within the interval and the time-out of its heartbeats, comes back and subscribes again."""
    endpoint = f"tcp://{hosts.address(1)}:5555"
    start(1, "pub", endpoint)
    sub = start(2, "sub", endpoint)
    sub.got(10)
    since = silent(hosts, 2)
    assert noticed_in_time(sub, since)
    run(hosts, 2, "nft", "flush ruleset")
    sub.next("HANDSHAKE_SUCCEEDED")
    first, *more = sub.got(20)
    assert more == list(range(first + 1, first + 20))


@needs_nft
def test_a_publisher_drops_a_silent_subscriber(hosts, start):
    """And counts it among its peers no more."""
    endpoint = f"tcp://{hosts.address(1)}:5555"
    pub = start(1, "pub", endpoint)
    start(2, "sub", endpoint).got(10)
    since = silent(hosts, 2)
    assert noticed_in_time(pub, since)


def test_our_address_changes(hosts, start):
    """The connection dies with the old one; the next is made from the new one."""
    endpoint = f"tcp://{hosts.address(1)}:5555"
    start(1, "pub", endpoint)
    sub = start(2, "sub", endpoint)
    sub.got(10)
    hosts.readdress(2, 22)
    sub.next("DISCONNECTED")
    sub.next("HANDSHAKE_SUCCEEDED")
    first, *more = sub.got(20)
    assert more == list(range(first + 1, first + 20))


def test_their_address_moves_to_another_host(hosts, start):
    """Which has a publisher, too: the subscriber finds that one, and gets all that it says from then on."""
    start(1, "pub", f"tcp://{hosts.address(1)}:5555")
    start(3, "pub", "tcp://*:5555")
    sub = start(2, "sub", f"tcp://{hosts.address(1)}:5555")
    sub.got(10)
    hosts.readdress(1, 11)
    hosts.readdress(3, 1)
    run(hosts, 2, "ip", "neigh", "flush", "all")  # what the other host would announce
    sub.next("DISCONNECTED")
    sub.next("HANDSHAKE_SUCCEEDED")
    first, *more = sub.got(20)
    assert more == list(range(first + 1, first + 20))
