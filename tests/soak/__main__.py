"""All patterns, mechanisms and transports at once, against gzmq and libzmq in other processes, which are killed and
started again, over wires that break: `python -m tests.soak [--minutes N] [--seed N]`.

Every message is numbered; whoever receives checks that nothing is doubled and nothing out of order. At the end all is
well for a while: every lane must move again, and memory, descriptors, greenlets and timers are what they were when all
was well at the beginning. No warning may come. Exits with status 1 and says what is wrong when it is not so.
"""

import argparse
import os
import random
import shutil
import signal
import socket as stdlib
import sys
import tempfile
import warnings
from time import monotonic, process_time

import gevent

import gzmq as zmq
from gzmq import auth
from gzmq.testing import Wire

from . import plans, roles
from .memory import census, measure
from .process import Books, Process

#: Seconds that all is well at the beginning and at the end, before the books are made up.
_WELL = 20
#: What may be more at the end than at the beginning; of resident memory as much as holes in malloc's heap may take.
_MORE = {
    "resident MB": 20,
    "malloc MB": 1,
    "blocks": 8000,
    "objects": 4000,
    "descriptors": 10,
    "greenlets": 20,
    "pipes": 0,
}
#: What may still be open once all is closed: the hub's own.
_LEFT_DESCRIPTORS = 5


class Lane:
    """Our side of one lane, and the wire to the other."""

    def __init__(self, role, wire=None, counted_here=False):
        self.role = role
        self.wire = wire
        self.only_sends = counted_here and isinstance(role, roles.Source)
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
        self._greenlets = []
        self._groups = 0
        self._ports = set()  # given out
        for library, lanes in plans.processes():
            self._start_process(library, lanes)
        for pattern in plans.INPROC:
            self._start_inproc(pattern)
        self._start_multicast()

    # -- lanes --------------------------------------------------------------------------------------------------------

    def _start_process(self, library, lanes):
        """A peer process with its lanes."""
        plan = {"pace": self._options.pace, "keys": self._keys, "lanes": {}}
        for pattern, mechanism, transport in lanes:
            name = f"{pattern} {mechanism} {transport} {library}"
            make = self._wired if transport in plans.WIRED else self._unwired
            plan["lanes"][name] = pattern, mechanism, make(name, pattern, mechanism, transport)
        self.processes.append(Process(library, plan, self.books))

    def _wired(self, name, pattern, mechanism, transport):
        """Our side of a lane over a wire; the endpoint for the other side."""
        role, kind, _, _, other_binds = roles.PATTERNS[pattern]
        made = role(zmq, roles.make(zmq, self._context, kind, mechanism, not other_binds, self._keys), name)
        if other_binds:
            endpoint = self._free(name, transport)
            wire = Wire(endpoint)
            made.join(wire.endpoint)
        else:
            made.join("tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{self._folder}/{name}", bind=True)
            wire = Wire(made.socket.last_endpoint)
            endpoint = wire.endpoint
        self._run(name, Lane(made, wire))
        return endpoint

    def _unwired(self, name, pattern, mechanism, transport):
        """The same over datagrams, which a wire cannot carry."""
        role, kind, _, _, other_binds = roles.PATTERNS[pattern]
        made = role(zmq, roles.make(zmq, self._context, kind, mechanism, False, self._keys), name)
        if transport in plans.MULTICAST:
            endpoint = self._group(transport)
        elif other_binds:
            endpoint = self._free(name, transport)
        else:
            endpoint = "udp://127.0.0.1:*"
        made.join(endpoint, bind=not other_binds)
        self._run(name, Lane(made))
        return endpoint if other_binds or transport in plans.MULTICAST else made.socket.last_endpoint.decode()

    def _group(self, transport):
        """One on lo that nobody has yet."""
        self._groups += 1
        return f"{transport}://lo;239.192.{76 + self._groups}.{os.getpid() % 250}:5577"

    def _free(self, name, transport):
        if transport == "ipc":
            return f"ipc://{self._folder}/{name}"
        with stdlib.socket(type=stdlib.SOCK_DGRAM if transport == "udp" else stdlib.SOCK_STREAM) as probe:
            probe.setsockopt(stdlib.SOL_SOCKET, stdlib.SO_REUSEADDR, 1)
            while True:  # outside the range from which the system takes ports for connections
                port = self._chance.randrange(10_000, 30_000)
                if port in self._ports:
                    continue  # another lane's, who may not have bound it yet
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                self._ports.add(port)
                return f"{transport}://127.0.0.1:{port}"

    def _run(self, name, lane):
        self.lanes[name] = lane
        self._greenlets.append(gevent.spawn(lane.run, self._options.pace))

    def _start_inproc(self, pattern):
        """Both sides here."""
        ours, our_kind, theirs, their_kind, other_binds = roles.PATTERNS[pattern]
        sides = [(ours, our_kind, "here"), (theirs, their_kind, "there")]
        for bind, (role, kind, side) in zip((True, False), sides[::-1] if other_binds else sides, strict=True):
            self._start_here(role, kind, f"{pattern} NULL inproc {side}", f"inproc://{pattern}", bind)

    def _start_multicast(self):
        """A publisher and two subscribers of a group on lo."""
        endpoint = self._group("epgm")
        for role, kind, number in ((roles.Sink, "SUB", 1), (roles.Sink, "XSUB", 2), (roles.Source, "PUB", 3)):
            self._start_here(role, kind, f"{kind.lower()} NULL epgm {number}", endpoint)

    def _start_here(self, role, kind, name, endpoint, bind=False):
        made = role(zmq, roles.make(zmq, self._context, kind, "NULL", False, self._keys), name)
        made.join(endpoint, bind)
        self._run(name, Lane(made, counted_here=True))

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
        # A source gets nothing: its sink is at the other side, or has a name of its own here.
        begin = self.moved()
        end = monotonic() + seconds
        while monotonic() < end:
            gevent.sleep(0.5)
            still = [
                name for name, count in self.moved().items() if count <= begin[name] and not self.lanes[name].only_sends
            ]
            if not still:
                return []
        return still

    def measure(self):
        """{what: how much there is}."""
        return {**measure(), "pipes": sum(len(lane.role.socket.peers()) for lane in self.lanes.values())}

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
    for what, more in _MORE.items():
        if after.get(what, 0) > before.get(what, 0) + more:
            found.append(f"{what}: {before[what]:.0f} at the beginning, {after[what]:.0f} at the end")
    return found


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of trouble (10)")
    parser.add_argument("--pace", type=float, default=0.1, help="seconds between the messages of a lane (0.1)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    descriptors = len(os.listdir("/proc/self/fd"))
    warned = []
    warnings.showwarning = lambda message, category, *where: warned.append(f"{category.__name__}: {message}")
    soak = Soak(options)
    stuck = soak.wait_until_all_move(60)
    if stuck:
        parser.exit(1, f"{len(stuck)} lanes never moved: {', '.join(stuck)}\n")
    print(f"{len(soak.lanes)} lanes move", flush=True)
    end = monotonic() + options.minutes * 60
    warm = monotonic() + min(60, options.minutes * 20)
    before = kinds = None
    while monotonic() < end:
        soak.trouble()
        gevent.sleep(2)
        if before is None and monotonic() > warm:  # now all has been in use once
            soak.calm()
            stuck = soak.wait_until_all_move(60)
            gevent.sleep(_WELL)
            before, kinds = soak.measure(), census()
            print(f"after a minute: {before}", flush=True)
    soak.calm()
    stuck += soak.wait_until_all_move(60)
    gevent.sleep(_WELL)
    after, more = soak.measure(), census() - kinds
    moved = soak.moved()
    found = wrong(soak, before, after, stuck) + warned
    soak.close()
    gevent.sleep(1)
    left = len(os.listdir("/proc/self/fd")) - descriptors
    if left > _LEFT_DESCRIPTORS:
        found.append(f"{left} descriptors are open once all is closed")
    print(f"at the end: {after}; {left} descriptors more than before all, once all is closed")
    print(f"{sum(moved.values())} messages; trouble: {dict(soak.books.did)}; {process_time():.0f} s of processor time")
    print(f"more objects of: {dict(more.most_common(10))}")
    print("\n".join(found) or "all is well")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
