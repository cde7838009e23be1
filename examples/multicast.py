"""Prices to everybody on a network: one publisher, one packet for all subscribers, however many there are.

    python multicast.py subscriber 'epgm://eth0;239.192.1.1:5555'
    python multicast.py publisher 'epgm://eth0;239.192.1.1:5555' --rate 10000

The URL names an interface (by name, address or network; lo for this host alone), a multicast group and a port. Packets
that the network loses are sent again; a subscriber says how many could not be. pgm:// instead of epgm:// does without
UDP and needs the capability CAP_NET_RAW. Each runs until Ctrl-C, or for N rounds of prices (publisher) or N prices
(subscriber) with --count N.
"""

import argparse
import itertools
import random
from contextlib import suppress

import gevent

import gzmq as zmq

STOCKS = ["ACME", "BOLT", "CORK"]


def publisher(options: argparse.Namespace) -> None:
    """Publish a price of each stock at intervals."""
    with zmq.Context() as context, context.socket(zmq.PUB) as socket:
        socket.rate = options.rate
        socket.connect(options.url)
        print(f"publishing to {options.url}", flush=True)
        for number in itertools.islice(itertools.count(1), options.count):
            for stock in STOCKS:
                socket.send_multipart([stock.encode(), f"{number}: {random.uniform(90, 110):.2f}".encode()])
            gevent.sleep(options.interval)


def subscriber(options: argparse.Namespace) -> None:
    """Print the prices of some stocks, or of all, and what was lost."""
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.rate = options.rate
        for stock in options.stock or [""]:
            socket.subscribe(stock)
        socket.connect(options.url)
        gevent.spawn(report, socket.events(zmq.OwnEvent.PACKETS_LOST))
        print(f"listening to {options.url}", flush=True)
        for stock, price in itertools.islice(socket, options.count):
            print(f"{stock.decode()} {price.decode()}", flush=True)


def report(events) -> None:
    """A greenlet: tell of packets that nobody could repair."""
    for event in events:
        print(f"{event.value} packets were lost", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["publisher", "subscriber"])
    parser.add_argument("url", help="interface, group and port: epgm://eth0;239.192.1.1:5555")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N rounds or prices (none: at Ctrl-C)")
    parser.add_argument("--rate", type=int, default=1000, metavar="KBITS", help="kbit/s, the same for all (1000)")
    parser.add_argument("--interval", type=float, default=0.5, metavar="S", help="publisher: pause after a round (0.5)")
    parser.add_argument("--stock", action="append", help="subscriber: only this; may be given more than once")
    options = parser.parse_args()
    {"publisher": publisher, "subscriber": subscriber}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
