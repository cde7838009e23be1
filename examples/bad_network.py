"""A client that lives through a bad network, which `gzmq.testing` makes bad on purpose.

    python bad_network.py --count 100 --seed 7

A REQ socket asks an echo server through a `Wire` on which each connection has a fault of its own, by the seed: it
drips, is cut at some byte, ends one way only, or has garbage in it. The client repeats a question that has no answer in
time, and at last every question is answered, exactly once. It prints what happened to the connections.
"""

import argparse

import gevent

import gzmq as zmq
from gzmq.testing import Wire


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, metavar="N", help="questions (100)")
    parser.add_argument("--seed", type=int, default=7, help="which faults (7)")
    parser.add_argument("--timeout", type=int, default=100, metavar="MS", help="how long a try waits (100)")
    options = parser.parse_args()
    with zmq.Context() as context, context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        server.bind("tcp://127.0.0.1:*")
        client.req_relaxed = client.req_correlate = True
        client.linger, client.rcvtimeo, client.reconnect_ivl = 0, options.timeout, 10
        # Where garbage has spoilt a length, the other side waits for what never comes; heartbeats end that.
        client.heartbeat_ivl = server.heartbeat_ivl = options.timeout * 2
        echo = gevent.spawn(lambda: [server.send(question) for question in server])
        with Wire(server.last_endpoint, seed=options.seed) as wire:
            client.connect(wire.endpoint)
            tries = sum(ask(client, b"question %d" % number) for number in range(options.count))
        print(f"{options.count} questions answered in {tries} tries")
        print(f"{wire.connections} connections: {', '.join(wire.faults)}")
        echo.kill()


def ask(client: zmq.Socket, question: bytes) -> int:
    """In how many tries a question was answered."""
    tries = 1
    client.send(question)
    while not client.poll(client.rcvtimeo):
        client.send(question)
        tries += 1
    assert client.recv() == question
    return tries


if __name__ == "__main__":
    main()
