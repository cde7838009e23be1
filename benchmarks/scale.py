"""Many of everything in one process: `python -m benchmarks.scale [--part NAME ...] [--share N]`.

Each part says how long it took, what is left open afterwards, and for how long at most the hub did not run meanwhile,
in processor time of its thread, so that other programs do not count. ``--share 10`` does a tenth of everything.
"""

import argparse
import gc
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep, thread_time

import gevent

import gzmq as zmq

_ROOT = Path(__file__).resolve().parent.parent
#: Connections, connects, topics, subscribers, sockets.
PEERS, CHURN, TOPICS, SUBSCRIBERS, SOCKETS = 10_000, 100_000, 100_000, 1000, 1000
#: Seconds.
_PATIENCE = 300


class Ticker:
    """Looks each millisecond how much the thread has worked since it last did: what others had to wait for.

    The collector's passes, which grow with all that the process holds, are taken out of that, and have a figure of
    their own.
    """

    def __init__(self):
        self.worst = self.worst_collection = 0.0
        self._timer = gevent.get_hub().loop.timer(0.001, 0.001)

    def __enter__(self):
        self._last = thread_time()
        self._timer.start(self._tick)
        gc.callbacks.append(self._collected)
        gevent.sleep(0.005)
        self.forget()
        return self

    def forget(self):
        """Begin anew."""
        self.worst = self.worst_collection = 0.0

    def _tick(self):
        now = thread_time()
        self.worst = max(self.worst, now - self._last)
        self._last = now

    def _collected(self, phase, info):
        if phase == "start":
            self._began = thread_time()
        else:
            took = thread_time() - self._began
            self._last += took
            self.worst_collection = max(self.worst_collection, took)

    def __exit__(self, *exc_info):
        gevent.sleep(0.005)
        self._timer.close()
        gc.callbacks.remove(self._collected)


def give_way():
    """Let the loop turn once; with gevent.sleep(0) it would go on with its callbacks."""
    gevent.sleep(1e-6)


def holdings():
    """{what: how much of it there is}."""
    gc.collect()
    page = resource.getpagesize()
    return {
        "MB": int(Path("/proc/self/statm").read_text().split()[1]) * page / 1e6,
        "descriptors": len(os.listdir("/proc/self/fd")),
        "watchers": gevent.get_hub().loop.activecnt,
        "greenlets": sum(isinstance(thing, gevent.Greenlet) for thing in gc.get_objects()),
    }


def until(condition: Callable[[], bool]):
    """Let the hub run until then."""
    with gevent.Timeout(_PATIENCE, AssertionError(f"not within {_PATIENCE} s")):
        while not condition():
            gevent.sleep(0.01)


@contextmanager
def crowd(kind: str, endpoint: bytes, count: int, topic: str = ""):
    """Another process whose one socket connects so many times."""
    command = [sys.executable, "-m", "benchmarks.scale", "--crowd", kind, endpoint.decode(), str(count), topic]
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def be_crowd(kind, endpoint, count, topic):
    """That process: it sends back what it gets, if it can."""
    more_descriptors()
    context = zmq.Context()
    socket = context.socket(getattr(zmq, kind))
    socket.linger = socket.sndhwm = socket.rcvhwm = 0
    if kind == "SUB":
        socket.subscribe(topic)
    address = endpoint.removeprefix("tcp://")
    for number in range(int(count)):  # from as many addresses, as a second connect to the same endpoint does nothing
        socket.connect(f"tcp://127.1.{number // 250}.{number % 250 + 1};{address}")
        give_way()
    if kind == "DEALER":
        for _ in range(int(count)):
            socket.send(b"here")
    for message in socket:
        if kind == "DEALER":
            socket.send(message)


def more_descriptors():
    """As many as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


# -- parts -------------------------------------------------------------------------------------------------------------


def serve(share, say):
    """A ROUTER of 10 000 tcp connections, with traffic over all, and its end."""
    count = PEERS // share
    with zmq.Context() as context, Ticker() as ticker:
        router = context.socket(zmq.ROUTER)
        router.backlog = 1000
        router.bind("tcp://127.0.0.1:*")
        with crowd("DEALER", router.last_endpoint, count):
            peers = {}
            while len(peers) < count:
                peers[router.recv_multipart()[0]] = None
            say("accept", count, ticker)
            for turn in range(3):
                for number, peer in enumerate(peers):
                    router.send_multipart([peer, b"%d" % turn])
                    if number % 100 == 0:
                        give_way()
                for _ in peers:
                    router.recv()
                    router.recv()
            say("3 messages to each and back", count, ticker)
            router.close(0)
            say("close", count, ticker)
        gevent.sleep(0.1)


def publish(share, say):
    """A PUB with 10 000 subscribers."""
    count = PEERS // share
    with zmq.Context() as context, Ticker() as ticker:
        pub = context.socket(zmq.XPUB)
        pub.xpub_verbose = True
        pub.bind("tcp://127.0.0.1:*")
        with crowd("SUB", pub.last_endpoint, count, "a"):
            for _ in range(count):
                pub.recv()
            say("accept", count, ticker)
            for _ in range(10):
                pub.send(b"a message")
                gevent.sleep(0.1)
            say("10 messages to each, in a second", count, ticker)
            pub.send(b"a message")
            say("of which one call of send", count, ticker)
            pub.peers()
            say("one call of peers", count, ticker)
            pub.close(0)
            say("close", count, ticker)


def at_once(share, say):
    """10 000 connections, of which all have something to say, or something to hear, in the same turn of the loop."""
    count, interval = PEERS // share, 30 / share  # seconds between heartbeats
    with zmq.Context() as context, Ticker() as ticker:
        router = context.socket(zmq.ROUTER)
        router.backlog, router.heartbeat_ivl, router.sndhwm = 1000, round(interval * 1000), 0
        router.bind("tcp://127.0.0.1:*")
        with crowd("DEALER", router.last_endpoint, count):
            peers = {}
            while len(peers) < count:
                peers[router.recv_multipart()[0]] = None
            ticker.forget()
            for number, peer in enumerate(peers):
                router.send_multipart([peer, b"to be answered"])
                if number % 100 == 0:
                    give_way()
            gevent.sleep(0.001)
            sleep(interval / 6)  # all answers come meanwhile
            for _ in peers:
                router.recv_multipart()
            say("answers at once", count, ticker)
            sleep(interval)
            gevent.sleep(interval / 10)
            say("heartbeats at once", count, ticker)
            monitor = router.get_monitor_socket(version=2)
            router.monitor_pipes_stats()
            for _ in range(count // 2):
                monitor.recv_multipart()
            say("monitor_pipes_stats", count, ticker)
            router.unbind(router.last_endpoint)
            until(lambda: "pipes=0" in repr(router._core))
            say("unbind", count, ticker)


def in_process(share, say):
    """10 000 connections to a name that nobody has bound yet."""
    count = PEERS // share
    with zmq.Context() as context, Ticker() as ticker:
        pushes = [context.socket(zmq.PUSH) for _ in range(10)]
        for push in pushes:
            for number in range(count // 10):
                push.connect("inproc://name")
                if number % 100 == 0:
                    give_way()
        say("inproc connects", count, ticker)
        pull = context.socket(zmq.PULL)
        pull.bind("inproc://name")
        until(lambda: f"pipes={count}" in repr(pull._core))
        say("bind", count, ticker)
        pull.unbind("inproc://name")
        until(lambda: "pipes=0" in repr(pull._core))
        say("unbind", count, ticker)


def in_vain(share, say):
    """10 000 connections to addresses where nobody listens, tried ten times a second, and given up."""
    count = PEERS // share
    with zmq.Context() as context, Ticker() as ticker:
        push = context.socket(zmq.PUSH)
        for number in range(count):
            push.connect(f"tcp://127.1.{number // 250}.{number % 250 + 1}:1")
            give_way()
        say("connections to nobody", count, ticker)
        sleep(1)
        gevent.sleep(10 / share)
        say("tries of those for ten seconds", count, ticker)
        push.close(0)
        until(lambda: "lingering=0" in repr(context))
        say("close", count, ticker)


def subscribe(share, say):
    """100 000 subscriptions by 1000 subscribers, what is published to them, and their end."""
    subscribers, topics = SUBSCRIBERS // share, TOPICS // share
    each = topics // subscribers
    with zmq.Context() as context, Ticker() as ticker:
        context.max_sockets = SUBSCRIBERS + 10
        pub = context.socket(zmq.XPUB)
        pub.bind("tcp://127.0.0.1:*")
        subs = []
        for number in range(subscribers):
            sub = context.socket(zmq.SUB)
            subs.append(sub)
            sub.connect(pub.last_endpoint)
            for topic in range(number * each, (number + 1) * each):
                sub.subscribe(b"topic %08d." % topic)
            give_way()
        until(lambda: pub.get(zmq.TOPICS_COUNT) == topics)
        say("subscribe", topics, ticker)
        for topic in range(topics):
            pub.send(b"topic %08d.news" % topic)
            if topic % 100 == 0:
                give_way()
        for number, sub in enumerate(subs):
            give_way()
            for topic in range(number * each, (number + 1) * each):
                assert sub.recv() == b"topic %08d.news" % topic
        say("a message to each topic", topics, ticker)
        pub.close(0)
        say("close the publisher", topics, ticker)
        context.destroy(0)
        say("destroy", topics, ticker)


def subscribe_widely(share, say):
    """One SUB that is connected to 1000 publishers and subscribes to 1000 topics, which go to all."""
    count = SUBSCRIBERS // share
    with zmq.Context() as context, Ticker() as ticker:
        context.max_sockets = SUBSCRIBERS + 10
        pubs, sub = [], context.socket(zmq.SUB)
        for _ in range(count):
            pub = context.socket(zmq.XPUB)
            pubs.append(pub)
            pub.bind("ipc://*")
            sub.connect(pub.last_endpoint)
            give_way()
        until(lambda: sum(peer.connected for peer in sub.peers()) == count)
        for topic in range(100):
            sub.subscribe(b"%d" % topic)
            give_way()
        until(lambda: pubs[-1].get(zmq.TOPICS_COUNT) == 100)
        say("100 subscriptions at each of", count, ticker)
        context.destroy(0)
        say("destroy", count, ticker)


def one_with_all(share, say):
    """One SUB with 100 000 subscriptions that connects, and leaves again."""
    topics = TOPICS // share
    with zmq.Context() as context, Ticker() as ticker:
        pub, sub = context.socket(zmq.XPUB), context.socket(zmq.SUB)
        pub.bind("tcp://127.0.0.1:*")
        for topic in range(topics):
            sub.subscribe(b"%d" % topic)
            if topic % 100 == 0:
                give_way()
        sub.connect(pub.last_endpoint)
        until(lambda: pub.get(zmq.TOPICS_COUNT) == topics)
        say("connect with subscriptions", topics, ticker)
        sub.close(0)
        until(lambda: pub.get(zmq.TOPICS_COUNT) == 0)
        say("leave with subscriptions", topics, ticker)


def churn(share, say):
    """100 000 connects and disconnects, each with a message."""
    count = CHURN // share
    with zmq.Context() as context, Ticker() as ticker:
        pull = context.socket(zmq.PULL)
        pull.bind("tcp://127.0.0.1:*")
        before = None
        for number in range(count // 50):
            for _ in range(50):
                with context.socket(zmq.PUSH) as push:
                    push.connect(pull.last_endpoint)
                    push.send(b"once")
            for _ in range(50):
                pull.recv()
            if number == 5:
                until(lambda: "lingering=0" in repr(context) and not pull.peers())
                before = holdings()
        until(lambda: "lingering=0" in repr(context) and not pull.peers())
        say("connects and disconnects", count, ticker, before)


def sockets(share, say):
    """1000 sockets in one process, each connected to another and heard by it."""
    count = SOCKETS // share
    before = None
    for _ in range(3):
        with zmq.Context() as context, Ticker() as ticker:
            context.max_sockets = SOCKETS + 1
            pairs = []
            for _ in range(count // 2):
                one, other = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
                one.bind("tcp://127.0.0.1:*")
                other.connect(one.last_endpoint)
                pairs.append((one, other))
                give_way()
            for one, other in pairs:
                give_way()
                one.send(b"there")
                assert other.recv() == b"there"
            context.destroy(0)
        before = before or holdings()
    say("sockets, three times", count, ticker, before)


PARTS = {
    part.__name__: part for part in (
        serve, publish, at_once, in_process, in_vain, subscribe, subscribe_widely, one_with_all, churn, sockets,
    )
}  # fmt: skip


def play(name, share, report):
    """Run one part; ``report(part, what, count, seconds, ticker, before, after)`` gets each of its figures."""
    begin = [monotonic()]

    def say(what, count, ticker, before=None):
        gevent.sleep(0.005)
        report(name, what, count, monotonic() - begin[0], ticker, before, holdings() if before else None)
        ticker.forget()
        begin[0] = monotonic()

    PARTS[name](share, say)


def _print(part, what, count, seconds, ticker, before, after):
    worst, collection = ticker.worst * 1000, ticker.worst_collection * 1000
    line = f"{part}: {what} {count:,}: {seconds:.1f} s, the hub stood still for {worst:.1f} ms at most"
    line += f" (the collector took {collection:.1f} ms)"
    if before:
        line += ", " + ", ".join(f"{what} {before[what]:.0f} to {after[what]:.0f}" for what in before)
    print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--share", type=int, default=1, help="do only one in so many of everything (1)")
    parser.add_argument("--crowd", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.crowd:
        be_crowd(*options.crowd)
    more_descriptors()
    for name in options.part:
        PARTS[name](1000, lambda *report: None)  # loads what is loaded on its first use
        play(name, options.share, _print)


if __name__ == "__main__":
    main()
