"""A pipeline of greenlets in one process: stages joined by inproc, each with as many greenlets as it needs.

    python pipeline.py --count 20000 --greenlets 50

    lines of a log --> parse --> look up the owner (which waits) --> add up

A stage is one PULL and one PUSH socket, shared by its greenlets; a gevent Pool runs those. High-water marks keep a fast
stage from running ahead of a slow one, so memory stays bounded however long the log is.
"""

import argparse
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import perf_counter

import gevent
from gevent.pool import Pool

import gzmq as zmq

OWNERS = ["ada", "grace", "mary"]


def log(count: int) -> Iterator[bytes]:
    """The input: which page was asked for, and how many bytes it had."""
    numbers = random.Random(1)
    for _ in range(count):
        yield b"GET /page/%d 200 %d" % (numbers.randrange(100), numbers.randrange(10_000))


def parse(line: bytes) -> bytes:
    """First stage: a line of the log to a record."""
    _, path, _, size = line.split()
    return json.dumps({"page": int(path.rpartition(b"/")[2]), "bytes": int(size)}).encode()


def look_up(record: bytes, wait: float) -> bytes:
    """Second stage: add the page's owner, for which one has to wait."""
    gevent.sleep(wait)
    fields = json.loads(record)
    return json.dumps({"owner": OWNERS[fields["page"] % len(OWNERS)], **fields}).encode()


def stage(pool: Pool, greenlets: int, inbox: zmq.Socket, outbox: zmq.Socket, step: Callable[[bytes], bytes]) -> None:
    """Have some greenlets take each message through a step."""

    def run() -> None:
        for message in inbox:
            outbox.send(step(message))

    for _ in range(greenlets):
        pool.spawn(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000, metavar="N", help="lines in the log (20000)")
    parser.add_argument("--greenlets", type=int, default=50, metavar="N", help="greenlets that look owners up (50)")
    parser.add_argument("--wait", type=float, default=0.001, metavar="S", help="how long looking one up takes (0.001)")
    options = parser.parse_args()

    pool = Pool()
    totals: Counter[str] = Counter()
    start = perf_counter()
    with zmq.Context() as context:

        def joint(name: str) -> tuple[zmq.Socket, zmq.Socket]:
            """Two sockets: what is pushed into the first is pulled from the second."""
            push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
            pull.bind(f"inproc://{name}")
            push.connect(f"inproc://{name}")
            return push, pull

        lines_in, lines_out = joint("lines")
        records_in, records_out = joint("records")
        owned_in, owned_out = joint("owned")

        def feed() -> None:
            for line in log(options.count):
                lines_in.send(line)

        pool.spawn(feed)
        stage(pool, 2, lines_out, records_in, parse)
        stage(pool, options.greenlets, records_out, owned_in, lambda record: look_up(record, options.wait))
        try:
            for done, record in enumerate(itertools.islice(owned_out, options.count), start=1):
                fields = json.loads(record)
                totals[fields["owner"]] += fields["bytes"]
                if done % max(1, options.count // 50) == 0 or done == options.count:
                    print(f"{done}/{options.count}", flush=True)
        finally:
            pool.kill()
    print(f"{totals.total()} bytes in {options.count} lines, {perf_counter() - start:.2f} s", flush=True)
    print("by owner:", ", ".join(f"{owner} {size}" for owner, size in sorted(totals.items())), flush=True)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
