"""Records what two sockets of the real libzmq say to each other: ``python -m tests.fuzz.record`` writes seeds/ anew.

A seed is what one side says in one connection; its name says which side, in which scene. Both libzmq sockets live in
this process, which gzmq is no part of, and talk through a proxy that writes down what it passes on.
"""

import select
import socket
import threading
import time

import zmq
from zmq.utils import z85

from .recorded import CLIENT_SECRET, SEEDS, SERVER_SECRET

_SERVER, _CLIENT = z85.encode(SERVER_SECRET), z85.encode(CLIENT_SECRET)
CURVE = (
    {"curve_server": 1, "curve_secretkey": _SERVER},
    {
        "curve_serverkey": zmq.curve_public(_SERVER),
        "curve_publickey": zmq.curve_public(_CLIENT),
        "curve_secretkey": _CLIENT,
    },
)
PLAIN = ({"plain_server": 1}, {"plain_username": b"anna", "plain_password": b"opensesame"})
NULL = ({}, {})
#: Name: types that bind and connect, options of both, messages that the one who connects sends and then receives.
SCENES = {
    "pushpull": ("PULL", "PUSH", NULL, [[b"hello"], [b"a", b"", b"x" * 300], [b"y" * 9000]], 0),
    "pubsub": ("PUB", "SUB", ({}, {"subscribe": b"news"}), [], 3),
    "xpubxsub": ("XPUB", "XSUB", NULL, [[b"\1news"], [b"up"], [b"\0news"]], 0),
    "router": ("ROUTER", "DEALER", ({}, {"routing_id": b"me", "heartbeat_ivl": 20}), [[b"a"], [b"b", b"c"]], 2),
    "reqrep": ("REP", "REQ", NULL, [[b"what?"]], 1),
    "pair": ("PAIR", "PAIR", NULL, [[b"x"]], 1),
    "plain": ("PULL", "PUSH", PLAIN, [[b"hello"], [b"a", b"b"]], 0),
    "curve": ("PULL", "PUSH", CURVE, [[b"hello"], [b"a", b"x" * 300]], 0),
}


class Tap(threading.Thread):
    """Passes on one connection in both directions, and keeps what went by."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = port
        self.port = self._listener.getsockname()[1]
        self.said = {"client": b"", "server": b""}

    def run(self):
        """Until either side ends."""
        client = self._listener.accept()[0]
        server = socket.create_connection(("127.0.0.1", self._port))
        names = {client: ("client", server), server: ("server", client)}
        while True:
            for sock in select.select(list(names), [], [])[0]:
                data = sock.recv(65536)
                if not data:
                    return
                name, other = names[sock]
                self.said[name] += data
                other.sendall(data)


def play(context, bound, connecting, options, messages, answers):
    """One scene; what its client and its server said."""
    one, other = context.socket(zmq.SocketType[bound]), context.socket(zmq.SocketType[connecting])
    for made, wanted in zip((one, other), options):
        for name, value in {"linger": 0, "rcvtimeo": 5000, **wanted}.items():
            setattr(made, name, value)
    tap = Tap(one.bind_to_random_port("tcp://127.0.0.1"))
    tap.start()
    other.connect(f"tcp://127.0.0.1:{tap.port}")
    for message in messages:
        other.send_multipart(message)
    envelope = []
    for message in messages:
        got = one.recv_multipart()
        envelope = got[: len(got) - len(message)]
    time.sleep(0.3)  # subscriptions and heartbeats
    for number in range(answers):
        one.send_multipart([*envelope, b"news %d" % number])
        other.recv_multipart()
    one.close()
    other.close()
    return tap.said


def _admit(context):
    """A ZAP handler that lets all in."""
    handler = context.socket(zmq.REP)
    handler.bind("inproc://zeromq.zap.01")
    while True:
        request = handler.recv_multipart()
        handler.send_multipart([*request[:2], b"200", b"OK", b"anna", b""])


def main():
    """Play all scenes."""
    SEEDS.mkdir(exist_ok=True)
    context = zmq.Context()
    threading.Thread(target=_admit, args=(context,), daemon=True).start()
    for name, scene in SCENES.items():
        for side, said in play(context, *scene).items():
            (SEEDS / f"{name}.{side}").write_bytes(said)
            print(f"{name}.{side}: {len(said)} bytes")


if __name__ == "__main__":
    main()
