"""A web server of greenlets: monkey-patched `gevent.pywsgi`, whose handlers hand the work to REP workers.

    python webserver.py --port 8080
    curl http://127.0.0.1:8080/factors/5040

Each HTTP request runs in a greenlet of its own, which asks with a REQ socket of its own:

    handler REQ --inproc--> ROUTER proxy DEALER --inproc or tcp--> REP worker, one of --workers

With `--workers-at tcp://127.0.0.1:5555` the workers connect over tcp, as further ones could from other processes. With
--port 0 the kernel picks a free port. Runs until Ctrl-C.
"""

from gevent import monkey

monkey.patch_all()  # before any other import

import argparse
import re
import signal
import socket
import time
from collections.abc import Callable, Iterable

import gevent
from gevent.pool import Group
from gevent.pywsgi import WSGIServer

import gzmq as zmq

REQUESTS = "inproc://requests"


def factors(number: int) -> list[int]:
    """The prime factors, smallest first."""
    found, divisor = [], 2
    while divisor * divisor <= number:
        if number % divisor:
            divisor += 1
        else:
            found.append(divisor)
            number //= divisor
    return [*found, number]


def worker(context: zmq.Context, url: str, wait: float) -> None:
    """Answer requests, each the path of a URL, with a status and a text, until the context ends."""
    with context.socket(zmq.REP) as rep:
        rep.connect(url)
        for path in rep:
            time.sleep(wait)  # as a database query would; patched, so it holds up this worker only
            prefix, _, number = path.decode(errors="replace").rpartition("/")
            if prefix != "/factors":
                answer = "404 Not Found", "try /factors/5040"
            elif not re.fullmatch("[0-9]{1,9}", number) or int(number) < 2:
                answer = "400 Bad Request", "a number from 2 to 999999999, please"
            else:
                answer = "200 OK", " x ".join(map(str, factors(int(number))))
            rep.send_multipart([part.encode() for part in answer])


def application(context: zmq.Context, patience: float) -> Callable[[dict, Callable], Iterable[bytes]]:
    """The WSGI application: every request is a question to whichever worker is free."""

    def handle(environ: dict, start_response: Callable) -> Iterable[bytes]:
        with context.socket(zmq.REQ) as req:
            req.linger = 0
            req.rcvtimeo = int(patience * 1000)
            req.connect(REQUESTS)
            req.send_string(environ["PATH_INFO"])
            try:
                status, body = req.recv_multipart()
            except zmq.Again:
                status, body = b"504 Gateway Timeout", b"no worker answered"
        start_response(status.decode(), [("Content-Type", "text/plain"), ("Content-Length", str(len(body) + 1))])
        return [body + b"\n"]

    return handle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8080, help="where to listen on 127.0.0.1; 0 picks one (8080)")
    parser.add_argument("--workers", type=int, default=8, metavar="N", help="how many REP workers answer (8)")
    parser.add_argument(
        "--workers-at", default="inproc://work", metavar="URL", help="where to meet them (inproc://work)"
    )
    parser.add_argument("--wait", type=float, default=0.005, metavar="S", help="how long each answer waits (0.005)")
    parser.add_argument("--patience", type=float, default=5, metavar="S", help="how long a visitor waits at most (5)")
    options = parser.parse_args()
    helpers = Group()
    with zmq.Context() as context, context.socket(zmq.ROUTER) as frontend, context.socket(zmq.DEALER) as backend:
        frontend.bind(REQUESTS)
        backend.bind(options.workers_at)
        helpers.spawn(zmq.proxy, frontend, backend)
        for _ in range(options.workers):
            helpers.spawn(worker, context, backend.get_string(zmq.LAST_ENDPOINT), options.wait)
        listener = socket.create_server(("127.0.0.1", options.port))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # pywsgi writes headers and body one by one
        server = WSGIServer(listener, application(context, options.patience), log=None)
        gevent.signal_handler(signal.SIGINT, server.stop)  # a KeyboardInterrupt could get lost in a handler
        server.start()
        print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
        helpers.kill()


if __name__ == "__main__":
    main()
