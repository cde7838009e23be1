"""The lazy pirate: a client that asks again when no answer comes in time, on one and the same REQ socket throughout.

    python lazy_pirate.py server tcp://127.0.0.1:5555 --late-every 3
    python lazy_pirate.py client tcp://127.0.0.1:5555 --count 10

A plain REQ socket is stuck once a reply is lost. REQ_RELAXED lets it send again; REQ_CORRELATE numbers the requests, so
that the late reply to an earlier try is not taken for the reply to the present one. Kill the server and start it again
while the client runs: the client goes on. It exits with status 1 when one question stays unanswered --tries times.
"""

import argparse
import itertools
from contextlib import suppress

import gevent

import gzmq as zmq


def server(options: argparse.Namespace) -> None:
    """Answer with the square; every --late-every-th time too late."""
    with zmq.Context() as context, context.socket(zmq.REP) as socket:
        socket.bind(options.url)
        print(f"serving at {socket.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        for turn, request in enumerate(itertools.islice(socket, options.count), start=1):
            late = options.late_every and turn % options.late_every == 0
            print(f"request {request.decode()}, answered {'late' if late else 'at once'}", flush=True)
            if late:
                gevent.sleep(options.timeout * 1.5 / 1000)
            socket.send_string(f"{request.decode()} squared is {int(request) ** 2}")


def client(options: argparse.Namespace) -> None:
    """Ask for one square after another, each until it is answered."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.req_relaxed = True
        socket.req_correlate = True
        socket.rcvtimeo = options.timeout
        socket.linger = 0  # a question without an answer shall not keep the program from ending
        socket.connect(options.url)
        for number in itertools.islice(itertools.count(1), options.count):
            print(ask(socket, str(number), options.tries), flush=True)
            gevent.sleep(options.interval)


def ask(socket: zmq.Socket, question: str, tries: int) -> str:
    """The answer to a question, which is sent up to so many times. Raises SystemExit when none comes."""
    for attempt in range(1, tries + 1):
        socket.send_string(question)
        try:
            return socket.recv_string()
        except zmq.Again:
            print(f"no answer to {question} at try {attempt} of {tries}", flush=True)
    raise SystemExit(f"gave up: no answer to {question} in {tries} tries of {socket.rcvtimeo} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["server", "client"])
    parser.add_argument("url", help="the server binds it, the client connects to it")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N questions (none: at Ctrl-C)")
    parser.add_argument("--timeout", type=int, default=500, metavar="MS", help="how long a try waits (500)")
    parser.add_argument("--tries", type=int, default=5, metavar="N", help="client: tries for one question (5)")
    parser.add_argument("--interval", type=float, default=0.2, metavar="S", help="client: pause after an answer (0.2)")
    parser.add_argument("--late-every", type=int, default=0, metavar="N", help="server: answer each N-th request late")
    options = parser.parse_args()
    {"server": server, "client": client}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
