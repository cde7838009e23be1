"""A radio station over udp, and its listeners, who ask it first what there is to hear.

    python radio.py station tcp://127.0.0.1:5555 udp://239.192.10.1:5556
    python radio.py listener tcp://127.0.0.1:5555 udp://239.192.10.1:5556 --group news
    python radio.py listener tcp://127.0.0.1:5555 udp://239.192.10.1:5556

The station is a RADIO, which sends each message once, to all who have joined its group, and a SERVER, which answers any
number of CLIENTs. A listener is a DISH; without --group it joins all that the station names. The second URL is a
multicast group, or, for one listener alone, its address: `udp://127.0.0.1:5556`. Nothing is sent twice over udp, so who
comes late has missed something. Each runs until Ctrl-C, or for N rounds (station) or N messages (listener) with
--count N.
"""

import argparse
import itertools
from contextlib import suppress

import gevent

import gzmq as zmq

PROGRAMME = {"news": "nothing happened", "weather": "it is raining", "music": "la la la"}


def station(options: argparse.Namespace) -> None:
    """Send something to every group at intervals, and tell who asks what groups there are."""
    with zmq.Context() as context, context.socket(zmq.RADIO) as radio, context.socket(zmq.SERVER) as desk:
        desk.bind(options.url)
        radio.connect(options.udp)
        print(f"questions at {desk.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        gevent.spawn(answer, desk)
        for number in itertools.islice(itertools.count(1), options.count):
            for group, words in PROGRAMME.items():
                radio.send_string(f"{words} ({number})", group=group)
            gevent.sleep(options.interval)


def answer(desk: zmq.Socket) -> None:
    """Answer each question to the client that asked it, until the socket is closed."""
    with suppress(zmq.ZMQError):
        while True:
            question = desk.recv(copy=False)
            print(f"client {question.routing_id} asks", flush=True)
            desk.send_json(list(PROGRAMME), routing_id=question.routing_id)


def listener(options: argparse.Namespace) -> None:
    """Ask for the groups, join some, and print what comes."""
    with zmq.Context() as context, context.socket(zmq.CLIENT) as client, context.socket(zmq.DISH) as dish:
        client.linger = 0  # at the end, do not wait for a station that never came
        dish.bind(options.udp)
        print(f"listening at {dish.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        client.connect(options.url)
        client.send(b"what is there?")
        groups = client.recv_json()
        print(f"the station has {', '.join(groups)}", flush=True)
        for group in options.group or groups:
            dish.join(group)
        for _ in itertools.islice(itertools.count(), options.count):
            message = dish.recv(copy=False)
            print(f"{message.group}: {message.bytes.decode()}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["station", "listener"])
    parser.add_argument("url", help="where to ask: the station binds it, listeners connect to it")
    parser.add_argument("udp", help="where to hear: listeners bind it, the station connects to it")
    parser.add_argument("--group", action="append", metavar="NAME", help="listener: what to hear (all); repeatable")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N rounds or messages (none: at Ctrl-C)")
    parser.add_argument("--interval", type=float, default=0.5, metavar="S", help="station: pause after a round (0.5)")
    options = parser.parse_args()
    {"station": station, "listener": listener}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
