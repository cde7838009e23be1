"""Ironhouse: a server and clients that know each other by certificates (CURVE), and nobody else gets a word in.

    python ironhouse.py keys certificates server anna        # make certificates/server.key, .key_secret and anna's
    python ironhouse.py server certificates tcp://127.0.0.1:5555 --allow certificates/clients
    python ironhouse.py client certificates tcp://127.0.0.1:5555 --name anna

The folder given by --allow has the public certificates (NAME.key) of the clients that may come in: copy anna.key there.
It is read anew every second. A client needs its own secret certificate and the server's public one. Whoever is not
known hears nothing, and is not told why: that is in the server's log. Needs `pip install gzmq[curve]`.
"""

import argparse
import itertools
import logging
from contextlib import suppress
from pathlib import Path

import gevent

import gzmq as zmq
from gzmq.auth import Authenticator, create_certificates, load_certificate


def keys(options: argparse.Namespace) -> None:
    """Make a pair of certificates for each name."""
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names:
        for path in create_certificates(options.folder, name):
            print(path)


def server(options: argparse.Namespace) -> None:
    """Answer the clients that the certificates let in, by name."""
    logging.basicConfig(
        format="%(levelname)s: %(message)s", level=logging.DEBUG if options.verbose else logging.WARNING
    )
    _, secret = load_certificate(options.folder / "server.key_secret")
    with zmq.Context() as context, context.socket(zmq.REP) as socket:
        handler = Authenticator(context)
        handler.start()
        watcher = gevent.spawn(watch, handler, options.allow)
        socket.curve_secretkey = secret
        socket.curve_server = True  # before bind
        socket.bind(options.url)
        print(f"serving at {socket.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        for _ in itertools.islice(itertools.count(), options.count):
            request = socket.recv(copy=False)
            name = names(options.allow).get(request["User-Id"], "somebody who was let in before")
            print(f"{name} says {request.bytes.decode()!r}", flush=True)
            socket.send_string(f"hello {name}")
        watcher.kill()
        handler.stop()


def watch(handler: Authenticator, folder: Path) -> None:
    """Let in whose certificates are in the folder, now and later."""
    while True:
        handler.configure_curve(domain="*", location=folder)
        gevent.sleep(1)


def names(folder: Path) -> dict[str, str]:
    """Public key -> the name of its certificate."""
    return {load_certificate(path)[0].decode(): path.stem for path in folder.glob("*.key")}


def client(options: argparse.Namespace) -> None:
    """Say hello, and print the answer. Exits with status 1 when there is none: perhaps we are not known."""
    server_key, _ = load_certificate(options.folder / "server.key")
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.curve_publickey, socket.curve_secretkey = load_certificate(options.folder / f"{options.name}.key_secret")
        socket.curve_serverkey = server_key  # the server must prove that it is this one
        socket.rcvtimeo, socket.linger = options.timeout, 0
        socket.connect(options.url)
        socket.send_string("good morning")
        try:
            print(socket.recv_string(), flush=True)
        except zmq.Again:
            raise SystemExit(f"no answer within {options.timeout} ms: does the server know {options.name}?") from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    roles = parser.add_subparsers(dest="role", required=True)
    for role, does in ((keys, "make certificates"), (server, "serve"), (client, "ask once")):
        sub = roles.add_parser(role.__name__, help=does)
        sub.set_defaults(run=role)
        sub.add_argument("folder", type=Path, help="where our certificates are")
    roles.choices["keys"].add_argument("names", nargs="+", help="whose")
    for role in ("server", "client"):
        roles.choices[role].add_argument("url", help="the server binds it, the client connects to it")
    serve, ask = roles.choices["server"], roles.choices["client"]
    serve.add_argument("--allow", type=Path, required=True, metavar="FOLDER", help="public certificates of clients")
    serve.add_argument("--count", type=int, metavar="N", help="stop after N requests (none: at Ctrl-C)")
    serve.add_argument("--verbose", action="store_true", help="log every decision")
    ask.add_argument("--name", required=True, help="who we are")
    ask.add_argument("--timeout", type=int, default=3000, metavar="MS", help="how long to wait for the answer (3000)")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
