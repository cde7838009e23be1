"""Echo: a REP server answers any number of REQ clients.

    python echo.py server tcp://127.0.0.1:5555
    python echo.py client tcp://127.0.0.1:5555 --count 3

Start them in any order. With `tcp://127.0.0.1:*` the server picks a free port, which it prints. Each runs until Ctrl-C,
or for N requests with --count N.
"""

import argparse
import itertools
from contextlib import suppress
from time import perf_counter

import gevent

import gzmq as zmq


def server(options: argparse.Namespace) -> None:
    """Send every request back."""
    with zmq.Context() as context, context.socket(zmq.REP) as socket:
        socket.bind(options.url)
        print(f"serving at {socket.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        for request in itertools.islice(socket, options.count):
            print(f"echo {request.decode()}", flush=True)
            socket.send(request)


def client(options: argparse.Namespace) -> None:
    """Ask, wait for the answer, and say how long that took."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0  # at the end, do not wait for a server that never came
        socket.connect(options.url)
        for number in itertools.islice(itertools.count(1), options.count):
            start = perf_counter()
            socket.send_string(f"hello {number}")
            reply = socket.recv_string()
            print(f"{reply} came back after {(perf_counter() - start) * 1000:.2f} ms", flush=True)
            gevent.sleep(options.interval)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["server", "client"])
    parser.add_argument("url", help="the server binds it, the client connects to it")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N requests (none: at Ctrl-C)")
    parser.add_argument("--interval", type=float, default=0.5, metavar="S", help="client: pause between requests (0.5)")
    options = parser.parse_args()
    {"server": server, "client": client}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
