"""Logging by PUB: a program says what it does, whether anybody listens or not, and terminals show what they want of it.

    python logs.py tcp://127.0.0.1:5555 --name kitchen
    python -m gzmq.log tcp://127.0.0.1:5555 --align --color
    python -m gzmq.log tcp://127.0.0.1:5555 --topic kitchen.WARNING

The topic of a record is the name, its level, and what the program put before `::`. The program runs until Ctrl-C, or
for N dishes with --count N.
"""

import argparse
import itertools
import logging
import random
from contextlib import suppress

import gevent

import gzmq as zmq
from gzmq.log.handlers import PUBHandler

DISHES = ["soup", "salad", "curry", "cake"]


def cook(log: logging.Logger, number: int, seconds: float) -> None:
    """A greenlet: one dish, with something to say at each step."""
    dish = random.choice(DISHES)
    log.info(f"{dish}::order %d begun", number)
    gevent.sleep(random.uniform(0, seconds))
    if random.random() < 0.2:
        log.warning(f"{dish}::order %d has burnt", number)
    else:
        log.debug(f"{dish}::order %d is ready", number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where to publish; the viewer connects to it")
    parser.add_argument("--name", default="kitchen", help="what all topics begin with (kitchen)")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N dishes (none: at Ctrl-C)")
    parser.add_argument("--interval", type=float, default=0.5, metavar="S", help="pause between orders (0.5)")
    options = parser.parse_args()
    log = logging.getLogger("kitchen")
    log.setLevel(logging.DEBUG)
    with zmq.Context() as context:
        handler = PUBHandler(options.url, context, options.name)
        handler.setFormatter(logging.Formatter("%(message)s"))  # the topic has the level
        log.addHandler(handler)
        print(f"logging at {handler.socket.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        cooks = []
        for number in itertools.islice(itertools.count(1), options.count):
            cooks.append(gevent.spawn(cook, log, number, options.interval))
            gevent.sleep(options.interval)
        gevent.joinall(cooks)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
