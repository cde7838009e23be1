"""All patterns, mechanisms and transports at once, against gzmq and libzmq in other processes, which are killed and
started again, over wires that break: `python -m tests.soak [--minutes N] [--seed N]`.

Every message is numbered; whoever receives checks that nothing is doubled and nothing out of order. At the end all is
well for a while: every lane must move again, and memory, descriptors, greenlets and timers are what they were when all
was well at the beginning. Exits with status 1 and says what is wrong when they are not.
"""

import argparse
import gc
import json
import os
import random
import resource
import shutil
import signal
import socket as stdlib
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import monotonic

import gevent
from gevent.fileobject import FileObjectPosix

import gzmq as zmq
from gzmq import auth
from gzmq.testing import Wire

from . import roles

_ROOT = Path(__file__).parents[2]
#: Seconds that all is well at the beginning and at the end, before the books are made up.
_WELL = 20
#: What may be more at the end than at the beginning: resident memory in MB, descriptors.
_MORE_MEMORY, _MORE_DESCRIPTORS = 20, 10
#: What may still be open once all is closed: the hub's own.
_LEFT_DESCRIPTORS = 5


class Process:
    """A peer process, its lanes' names, and what it has said."""

    def __init__(self, library, plan, books):
        self._command = [sys.executable, "-m", "tests.soak.peer", library, json.dumps(plan)]
        self._books = books
        self.library = library
        self.lanes = plan["lanes"]
        self.start()

    def start(self):
        """A new life."""
        self._wanted = True
        self._process = subprocess.Popen(self._command, cwd=_ROOT, stdout=subprocess.PIPE)
        self._listener = gevent.spawn(self._listen, self._process.stdout, Counter())

    def _listen(self, stdout, before):
        for line in FileObjectPosix(stdout.fileno(), "rb", closefd=False):
            said = json.loads(line)
            self._books.bad += said["bad"]
            now = Counter(said["received"])
            self._books.there.update(now - before)
            before = now
        stdout.close()
        self._wait()
        if self._wanted:
            self._ended_by_itself(self._process.returncode)

    def _ended_by_itself(self, status):
        """libzmq gives itself up now and then by an assertion of its own; nothing else may end."""
        if self.library == "zmq" and status == -signal.SIGABRT:
            self._books.did["libzmq aborted"] += 1
            self.start()
        else:
            self._books.bad.append(f"a process of {self.library} has ended by itself, with {status}")

    def _wait(self, seconds=20):
        end = monotonic() + seconds
        while self._process.poll() is None and monotonic() < end:
            gevent.sleep(0.01)
        return self._process.poll() is not None

    def end(self, number):
        """By a signal; SIGTERM lets it close its sockets, over which libzmq may hang, and nothing else may."""
        self._wanted = False
        self._process.send_signal(number)
        if not self._wait():
            self._process.kill()
            self._wait()
            if self.library == "zmq":
                self._books.did["libzmq hung"] += 1
            else:
                self._books.bad.append(f"a process of {self.library} does not end")
        self._listener.join(10)


class Books:
    """What happened."""

    def __init__(self):
        self.there = Counter()  # lane -> messages that the other side received
        self.bad = []
        self.did = Counter()


class Lane:
    """Our side of one lane, and the wire to the other."""

    def __init__(self, role, wire):
        self.role = role
        self.wire = wire
        self.received = 0  # by earlier sockets

    @property
    def here(self):
        """Messages that our side received."""
        return self.role.received

    def run(self, pace):
        """A greenlet."""
        role = self.role
        next_tick = monotonic() + random.random() * pace
        while True:
            if role.socket.poll(max(0, round((next_tick - monotonic()) * 1000))):
                role.readable()
            if monotonic() >= next_tick:
                next_tick = monotonic() + pace
                role.tick()


class Soak:
    """All of it."""

    def __init__(self, options):
        self._options = options
        self._chance = random.Random(options.seed)
        self._folder = tempfile.mkdtemp(prefix="gzmq-soak-")
        self.books = Books()
        self._context = zmq.Context()
        self._authenticator = auth.Authenticator(self._context)
        self._authenticator.start()
        roles.admit(self._authenticator, auth)
        server, client = zmq.curve_keypair(), zmq.curve_keypair()
        self._keys = [key.decode() for key in (*server, *client)]
        self.lanes = {}
        self.processes = []
        self._inproc = {}
        self._greenlets = []
        for library in ("gzmq", "zmq"):
            for transport in ("tcp", "ipc"):
                self._start_process(library, transport)
        for pattern in roles.PATTERNS:
            self._start_inproc(pattern)
        self._start_multicast()

    # -- lanes --------------------------------------------------------------------------------------------------------

    def _start_process(self, library, transport):
        """A peer process with a lane for each pattern and mechanism."""
        plan = {"pace": self._options.pace, "keys": self._keys, "lanes": {}}
        for pattern in roles.PATTERNS:
            for mechanism in roles.MECHANISMS:
                name = f"{pattern} {mechanism} {transport} {library}"
                plan["lanes"][name] = pattern, mechanism, self._wired(name, pattern, mechanism, transport)
        self.processes.append(Process(library, plan, self.books))

    def _wired(self, name, pattern, mechanism, transport):
        """Our side of a lane over a wire; the endpoint for the other side."""
        role, kind, _, _, other_binds = roles.PATTERNS[pattern]
        socket = roles.make(zmq, self._context, kind, mechanism, not other_binds, self._keys)
        if other_binds:
            endpoint = self._free(name, transport)
            wire = Wire(endpoint)
            socket.connect(wire.endpoint)
        else:
            socket.bind("tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{self._folder}/{name}")
            wire = Wire(socket.last_endpoint)
            endpoint = wire.endpoint
        roles.begin(socket, kind)
        self._run(name, Lane(role(zmq, socket, name), wire))
        return endpoint

    def _free(self, name, transport):
        if transport == "ipc":
            return f"ipc://{self._folder}/{name}"
        with stdlib.socket() as probe:
            probe.setsockopt(stdlib.SOL_SOCKET, stdlib.SO_REUSEADDR, 1)
            while True:  # outside the range from which the system takes ports for connections
                port = self._chance.randrange(10_000, 30_000)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return f"tcp://127.0.0.1:{port}"

    def _run(self, name, lane):
        self.lanes[name] = lane
        self._greenlets.append(gevent.spawn(lane.run, self._options.pace))

    def _start_inproc(self, pattern):
        """Both sides here."""
        ours, our_kind, theirs, their_kind, _ = roles.PATTERNS[pattern]
        for role, kind, verb, side in ((ours, our_kind, "bind", "here"), (theirs, their_kind, "connect", "there")):
            socket = roles.make(zmq, self._context, kind, "NULL", False, self._keys)
            getattr(socket, verb)(f"inproc://{pattern}")
            roles.begin(socket, kind)
            name = f"{pattern} NULL inproc {side}"
            self._run(name, Lane(role(zmq, socket, name), None))

    def _start_multicast(self):
        """A publisher and two subscribers of a group on lo."""
        endpoint = f"epgm://lo;239.192.77.{os.getpid() % 250}:5577"
        for role, kind, number in ((roles.Sink, "SUB", 1), (roles.Sink, "XSUB", 2), (roles.Source, "PUB", 3)):
            socket = roles.make(zmq, self._context, kind, "NULL", False, self._keys)
            socket.connect(endpoint)
            roles.begin(socket, kind)
            name = f"{kind.lower()} NULL epgm {number}"
            self._run(name, Lane(role(zmq, socket, name), None))

    # -- troubles -----------------------------------------------------------------------------------------------------

    def trouble(self):
        """One of those that come every few seconds."""
        chance = self._chance
        what = chance.choice(("kill", "restart", "storm", "storm", "stall", "cut", "drip"))
        self.books.did[what] += 1
        lanes = [lane for lane in self.lanes.values() if lane.wire]
        some = chance.sample(lanes, len(lanes) // 3)
        if what in ("kill", "restart"):
            process = chance.choice(self.processes)
            process.end(signal.SIGKILL if what == "kill" else signal.SIGTERM)
            process.start()
        elif what == "storm":
            for lane in lanes:
                lane.wire.reset() if chance.random() < 0.5 else lane.wire.hang_up()
        elif what == "stall":
            self._for_a_while(some, Wire.stall, 1 + chance.random() * 15)  # longer than heartbeats bear, perhaps
        elif what == "cut":
            for lane in some:
                way = chance.choice((lane.wire.out, lane.wire.back))
                way.cut(chance.randrange(2000), chance.choice(("reset", "close", "half")))
                chance.choice((way.end, lane.wire.reset))()
        else:
            self._for_a_while(some, lambda wire: wire.out.drip(5), 2)

    def _for_a_while(self, lanes, do, seconds):
        for lane in lanes:
            do(lane.wire)
        gevent.sleep(seconds)
        for lane in lanes:
            lane.wire.calm()

    def calm(self):
        """No more trouble."""
        for lane in self.lanes.values():
            if lane.wire:
                lane.wire.calm()

    # -- books --------------------------------------------------------------------------------------------------------

    def moved(self):
        """Lane -> what both sides have received."""
        return {name: lane.here + self.books.there[name] for name, lane in self.lanes.items()}

    def wait_until_all_move(self, seconds):
        """Every lane brings something anew; the names of those that do not in time."""
        # A source gets nothing; its sink is at the other side, or for inproc and epgm has a name of its own.
        begin = self.moved()
        end = monotonic() + seconds
        while monotonic() < end:
            gevent.sleep(0.5)
            still = [name for name, count in self.moved().items() if count <= begin[name] and not self._idle(name)]
            if not still:
                return []
        return still

    def _idle(self, name):
        pattern, _, transport, _ = name.split()
        return transport in ("inproc", "epgm") and isinstance(self.lanes[name].role, roles.Source)

    def measure(self):
        """{what: how much there is}."""
        gc.collect()
        page = resource.getpagesize()
        return {
            "resident MB": int(Path("/proc/self/statm").read_text().split()[1]) * page / 1e6,
            "descriptors": len(os.listdir("/proc/self/fd")),
            "greenlets": sum(isinstance(thing, gevent.Greenlet) for thing in gc.get_objects()),
            "pipes": sum(len(lane.role.socket.peers()) for lane in self.lanes.values()),
        }

    def close(self):
        """End all of it; what is left open."""
        gevent.killall(self._greenlets)
        for process in self.processes:
            process.end(signal.SIGTERM)
        for lane in self.lanes.values():
            if lane.wire:
                lane.wire.close()
        self._authenticator.stop()
        self._context.destroy(0)
        shutil.rmtree(self._folder)


def wrong(soak, before, after, stuck):
    """What is not as it should be, in sentences."""
    bad = soak.books.bad + [line for lane in soak.lanes.values() for line in lane.role.bad]
    found = [f"out of order or doubled: {line}" for line in bad[:20]]
    found += [f"does not move any more: {name}" for name in stuck]
    for what, more in (
        ("resident MB", _MORE_MEMORY),
        ("descriptors", _MORE_DESCRIPTORS),
        ("greenlets", 20),
        ("pipes", 0),
    ):
        if after[what] > before[what] + more:
            found.append(f"{what}: {before[what]:.0f} at the beginning, {after[what]:.0f} at the end")
    return found


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of trouble (10)")
    parser.add_argument("--pace", type=float, default=0.1, help="seconds between the messages of a lane (0.1)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    descriptors = len(os.listdir("/proc/self/fd"))
    soak = Soak(options)
    stuck = soak.wait_until_all_move(60)
    if stuck:
        parser.exit(1, f"{len(stuck)} lanes never moved: {', '.join(stuck)}\n")
    print(f"{len(soak.lanes)} lanes move", flush=True)
    end = monotonic() + options.minutes * 60
    warm = monotonic() + min(60, options.minutes * 20)
    before = None
    while monotonic() < end:
        soak.trouble()
        gevent.sleep(2)
        if before is None and monotonic() > warm:  # now all has been in use once
            soak.calm()
            stuck = soak.wait_until_all_move(60)
            gevent.sleep(_WELL)
            before = soak.measure()
            print(f"after a minute: {before}", flush=True)
    soak.calm()
    stuck += soak.wait_until_all_move(60)
    gevent.sleep(_WELL)
    after = soak.measure()
    moved = soak.moved()
    found = wrong(soak, before, after, stuck)
    soak.close()
    gevent.sleep(1)
    left = len(os.listdir("/proc/self/fd")) - descriptors
    if left > _LEFT_DESCRIPTORS:
        found.append(f"{left} descriptors are open once all is closed")
    print(f"at the end: {after}; {left} descriptors more than before all, once all is closed")
    print(f"{sum(moved.values())} messages; trouble: {dict(soak.books.did)}")
    print("\n".join(found) or "all is well")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
