"""Pushers and pullers: each pusher deals its messages out in turn, each puller takes from all pushers in turn.

    python pushpull.py pusher tcp://127.0.0.1:5555 --name red
    python pushpull.py pusher tcp://127.0.0.1:5556 --name blue
    python pushpull.py puller tcp://127.0.0.1:5555 tcp://127.0.0.1:5556
    python pushpull.py puller tcp://127.0.0.1:5555 tcp://127.0.0.1:5556

Start them in any order: a pusher waits for its first puller, and no message goes to two. Each runs until Ctrl-C, or for
N messages with --count N; a pusher then stays until its last message has been taken over.
"""

import argparse
import itertools
from collections import Counter
from contextlib import suppress

import gevent

import gzmq as zmq


def pusher(options: argparse.Namespace) -> None:
    """Push numbered messages to whoever pulls."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        for url in options.url:
            socket.bind(url)
            print(f"{options.name} pushes at {socket.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        for number in itertools.islice(itertools.count(1), options.count):
            socket.send_multipart([options.name.encode(), str(number).encode()])
            gevent.sleep(options.interval)
    print(f"{options.name} is done", flush=True)


def puller(options: argparse.Namespace) -> None:
    """Pull from all pushers; at the end, say how much came from whom."""
    received: Counter[str] = Counter()
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        for url in options.url:
            socket.connect(url)
        print(f"pulling from {' and '.join(options.url)}", flush=True)
        try:
            for name, number in itertools.islice(socket, options.count):
                received[name.decode()] += 1
                print(f"{name.decode()} {number.decode()}", flush=True)
        finally:
            shares = [f"{count} from {name}" for name, count in received.items()]
            print("received", ", ".join(shares) or "nothing", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["pusher", "puller"])
    parser.add_argument("url", nargs="+", help="the pusher binds it, the puller connects to it")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N messages (none: at Ctrl-C)")
    parser.add_argument("--name", default="red", help="pusher: what it calls itself (red)")
    parser.add_argument("--interval", type=float, default=0.2, metavar="S", help="pusher: pause after a message (0.2)")
    options = parser.parse_args()
    {"pusher": pusher, "puller": puller}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
