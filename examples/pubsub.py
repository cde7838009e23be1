"""Publishers and subscribers: one subscriber listens to many publishers, and picks what it hears by topic.

    python pubsub.py publisher tcp://127.0.0.1:5555 --name kitchen
    python pubsub.py publisher tcp://127.0.0.1:5556 --name cellar
    python pubsub.py subscriber tcp://127.0.0.1:5555 tcp://127.0.0.1:5556 --topic kitchen --topic cellar.humidity

A topic is a prefix: `kitchen` is all that the kitchen says, no --topic at all is everything. Start them in any order;
a subscriber hears what is published once it is connected. Each runs until Ctrl-C, or for N rounds of readings
(publisher) or N messages (subscriber) with --count N.
"""

import argparse
import itertools
import random
from contextlib import suppress

import gevent

import gzmq as zmq

QUANTITIES = {"temperature": (20, 2), "humidity": (45, 5)}  # name -> mean and spread of its readings


def publisher(options: argparse.Namespace) -> None:
    """Publish a reading of each quantity at intervals, whether anybody listens or not."""
    with zmq.Context() as context, context.socket(zmq.PUB) as socket:
        for url in options.url:
            socket.bind(url)
            print(f"{options.name} publishes at {socket.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        for number in itertools.islice(itertools.count(1), options.count):
            for quantity, (mean, spread) in QUANTITIES.items():
                reading = random.gauss(mean, spread)
                socket.send_multipart([f"{options.name}.{quantity}".encode(), f"{number}: {reading:.1f}".encode()])
            gevent.sleep(options.interval)


def subscriber(options: argparse.Namespace) -> None:
    """Print what the publishers say about the topics asked for, as it comes."""
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        for topic in options.topic or [""]:
            socket.subscribe(topic)
        for url in options.url:
            socket.connect(url)
        print(f"listening to {' and '.join(options.url)}", flush=True)
        for topic, reading in itertools.islice(socket, options.count):
            print(f"{topic.decode()} {reading.decode()}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["publisher", "subscriber"])
    parser.add_argument("url", nargs="+", help="the publisher binds it, the subscriber connects to it")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N rounds or messages (none: at Ctrl-C)")
    parser.add_argument("--name", default="kitchen", help="publisher: what its topics begin with (kitchen)")
    parser.add_argument("--interval", type=float, default=0.5, metavar="S", help="publisher: pause after a round (0.5)")
    parser.add_argument("--topic", action="append", help="subscriber: hear this; may be given more than once")
    options = parser.parse_args()
    {"publisher": publisher, "subscriber": subscriber}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
