"""A queue between clients and workers, as a device in a greenlet, a thread or a process of its own, and who watches it.

    python queue_device.py queue tcp://127.0.0.1:5555 tcp://127.0.0.1:5556 --in process
    python queue_device.py worker tcp://127.0.0.1:5556
    python queue_device.py client tcp://127.0.0.1:5555 --count 5

Clients and workers come and go as they like, in any order; each only knows its side of the queue. The queue prints what
passes, in which direction. Each runs until Ctrl-C, or for N requests with --count N.
"""

import argparse
import itertools
from contextlib import suppress

import gevent

import gzmq as zmq
from gzmq import devices

KINDS = {
    "greenlet": devices.GreenletMonitoredQueue,
    "thread": devices.ThreadMonitoredQueue,
    "process": devices.ProcessMonitoredQueue,
}


def queue(options: argparse.Namespace) -> None:
    """Start the device, and print what it says of each message."""
    front, back = options.url
    device = KINDS[options.where](zmq.ROUTER, zmq.DEALER, zmq.PUB, b"request", b"reply")
    device.bind_in(front)
    device.bind_out(back)
    monitor = device.bind_mon_to_random_port("tcp://127.0.0.1")
    device.start()
    print(f"a queue from {front} to {back} in a {options.where}", flush=True)
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.connect(f"tcp://127.0.0.1:{monitor}")
        socket.subscribe("")
        for direction, *_, text in itertools.islice(socket, options.count):
            print(f"{direction.decode()} {text.decode()}", flush=True)


def worker(options: argparse.Namespace) -> None:
    """Square numbers."""
    with zmq.Context() as context, context.socket(zmq.REP) as socket:
        socket.connect(options.url[0])
        for request in itertools.islice(socket, options.count):
            socket.send_string(str(int(request) ** 2))


def client(options: argparse.Namespace) -> None:
    """Ask for the squares of 1, 2, 3 ..."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(options.url[0])
        for number in itertools.islice(itertools.count(1), options.count):
            socket.send_string(str(number))
            print(f"{number} squared is {socket.recv_string()}", flush=True)
            gevent.sleep(options.interval)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["queue", "worker", "client"])
    parser.add_argument(
        "url", nargs="+", help="the queue binds two, for clients and for workers, who connect to theirs"
    )
    parser.add_argument("--in", dest="where", choices=KINDS, default="process", help="queue: where it runs (process)")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N messages (none: at Ctrl-C)")
    parser.add_argument("--interval", type=float, default=0.5, metavar="S", help="client: pause between requests (0.5)")
    options = parser.parse_args()
    if len(options.url) != (2 if options.role == "queue" else 1):
        parser.error("a queue has two URLs, a worker and a client have one")
    {"queue": queue, "worker": worker, "client": client}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
