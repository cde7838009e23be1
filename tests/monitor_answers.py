"""What a monitor tells of a socket in each scene, with gzmq or pyzmq: a program, so that both run alike.

``python -m tests.monitor_answers zmq`` writes the pickled answers to stdout: {scene: [(event, value, endpoint)]}, where
values are described, as descriptors and ports differ from run to run.
"""

import importlib
import pickle
import socket as net
import struct
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

#: Milliseconds after which a socket that says nothing more has said all.
QUIET = 250
#: Scenes played at once, each in a thread and with a context of its own.
TOGETHER = 12


class Scene:
    """A monitored socket, and what helps to play with it."""

    def __init__(self, zmq):
        self.zmq = zmq
        self.context = zmq.Context()
        self.sockets = []
        self.folder = tempfile.TemporaryDirectory(prefix="gzmq-")
        self.endpoints = {}

    def socket(self, kind, **options):
        made = self.context.socket(self.zmq.SocketType[kind])
        self.sockets.append(made)
        for name, value in {"linger": 0, "sndtimeo": 5000, "rcvtimeo": 5000, **options}.items():
            setattr(made, name, value)
        return made

    def monitored(self, kind, events=None, **options):
        self.watched = self.socket(kind, **options)
        self.monitor = self.watched.get_monitor_socket(events)
        self.sockets.append(self.monitor)
        return self.watched

    def heard(self, until=None, within=5000):
        """The events till now: those until one of a name, else all until nothing more comes."""
        found = []
        deadline = time.monotonic() + within / 1000
        while time.monotonic() < deadline and self.monitor.poll(within if until else QUIET):
            head, endpoint = self.monitor.recv_multipart()
            event, value = struct.unpack("=Hi", head)
            name = self.zmq.Event(event).name
            found.append((name, self._describe(name, value), self.describe_endpoint(endpoint.decode())))
            if name == until:
                break
        return found

    def _describe(self, name, value):
        if name in ("LISTENING", "ACCEPTED", "CONNECTED", "CLOSED", "DISCONNECTED"):
            return "a descriptor" if value > 2 else value
        if name == "CONNECT_RETRIED":
            return "milliseconds" if 0 < value < 1500 else value
        return value

    def describe_endpoint(self, text):
        for name, endpoint in self.endpoints.items():
            text = text.replace(endpoint, name)
        return text.replace(self.folder.name, "folder")

    def name(self, name, endpoint):
        """Call an endpoint so from now on."""
        endpoint = endpoint.decode() if isinstance(endpoint, bytes) else endpoint
        self.endpoints[name] = endpoint
        return endpoint

    def bind(self, socket, endpoint="tcp://127.0.0.1:*", name="here"):
        socket.bind(endpoint)
        return self.name(name, socket.last_endpoint)

    def free(self):
        """An endpoint where nobody listens."""
        with net.create_server(("127.0.0.1", 0)) as server:
            return self.name("nowhere", f"tcp://127.0.0.1:{server.getsockname()[1]}")

    def raw(self, endpoint):
        """A connection that speaks no ZMTP by itself."""
        host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        sock = net.create_connection((host, int(port)))
        sock.settimeout(5)
        return sock

    def run_for(self, milliseconds):
        """Let time pass, for gzmq's hub too."""
        self.monitor.poll(0)
        idle = self.socket("PULL")
        idle.poll(milliseconds)

    def end(self):
        for socket in self.sockets:
            socket.close(linger=0)
        self.context.term()
        self.folder.cleanup()


def ready(kind, *more):
    """READY of a socket type."""
    body = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind + b"".join(more)
    return b"\x04" + bytes([len(body)]) + body


def greeting(mechanism=b"NULL", version=b"\x03\x01"):
    return b"\xff" + bytes(8) + b"\x7f" + version + mechanism.ljust(20, b"\0") + b"\0" + bytes(31)


# -- scenes -----------------------------------------------------------------------------------------------------------


def bound_and_left(scene):
    """A peer comes and goes."""
    pull = scene.monitored("PULL")
    endpoint = scene.bind(pull)
    push = scene.socket("PUSH")
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    push.close()
    found += scene.heard()
    pull.unbind(endpoint)
    return found + scene.heard()


def unbound_with_a_peer(scene):
    """unbind while somebody is connected."""
    pull = scene.monitored("PULL")
    endpoint = scene.bind(pull)
    push = scene.socket("PUSH", reconnect_ivl=-1)
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    pull.unbind(endpoint)
    return found + scene.heard()


def connected_and_disconnected(scene):
    """disconnect()."""
    pull = scene.socket("PULL")
    endpoint = scene.bind(pull)
    push = scene.monitored("PUSH")
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    push.disconnect(endpoint)
    return found + scene.heard()


def bound_and_closed(scene):
    """The socket itself closes."""
    pull = scene.monitored("PULL")
    endpoint = scene.bind(pull)
    push = scene.socket("PUSH", reconnect_ivl=-1)
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    pull.close()
    return found + scene.heard()


def connected_and_closed(scene):
    """The socket itself closes."""
    pull = scene.socket("PULL")
    endpoint = scene.bind(pull)
    push = scene.monitored("PUSH")
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    push.close()
    return found + scene.heard()


def peer_lost_and_back(scene):
    """The peer closes, and binds again."""
    pull = scene.socket("PULL")
    endpoint = scene.bind(pull)
    push = scene.monitored("PUSH", reconnect_ivl=300)
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    pull.close()
    found += scene.heard("CONNECT_RETRIED")
    pull = scene.socket("PULL")
    for _ in range(100):
        try:
            pull.bind(endpoint)
        except scene.zmq.ZMQError:
            scene.run_for(10)
        else:
            break
    return found + scene.heard("HANDSHAKE_SUCCEEDED")


def refused(scene):
    """Nobody listens."""
    push = scene.monitored("PUSH", reconnect_ivl=50)
    push.connect(scene.free())
    return scene.heard("CONNECT_RETRIED") + scene.heard("CONNECT_RETRIED")


def refused_and_never_again(scene):
    """RECONNECT_IVL -1."""
    push = scene.monitored("PUSH", reconnect_ivl=-1)
    push.connect(scene.free())
    return scene.heard()


def refused_and_stopped(scene):
    """RECONNECT_STOP."""
    push = scene.monitored("PUSH", reconnect_stop=1)
    push.connect(scene.free())
    return scene.heard()


def lost_and_not_stopped(scene):
    """RECONNECT_STOP_AFTER_DISCONNECT is about disconnect(), and not about a peer that disconnects."""
    pull = scene.socket("PULL")
    endpoint = scene.bind(pull)
    push = scene.monitored("PUSH", reconnect_stop=4)
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    pull.close()
    return found + scene.heard("CONNECT_RETRIED")


def lost_and_never_again(scene):
    """RECONNECT_IVL -1."""
    pull = scene.socket("PULL")
    endpoint = scene.bind(pull)
    push = scene.monitored("PUSH", reconnect_ivl=-1)
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    pull.close()
    return found + scene.heard()


def unresolved(scene):
    """A name that has no address."""
    push = scene.monitored("PUSH", reconnect_ivl=400)
    push.connect(scene.name("nobody", "tcp://nobody.invalid:5555"))
    return scene.heard("CONNECT_RETRIED")


def address_in_use(scene):
    """bind fails."""
    endpoint = scene.bind(scene.socket("PULL"))
    pull = scene.monitored("PULL")
    try:
        pull.bind(endpoint)
    except scene.zmq.ZMQError as error:
        return [*scene.heard(), error.errno]


def ipc_in_use(scene):
    """bind fails: the path is that of a folder."""
    pull = scene.monitored("PULL")
    try:
        pull.bind(f"ipc://{scene.folder.name}")
    except scene.zmq.ZMQError as error:
        return [*scene.heard(), error.errno]


def over_ipc(scene):
    """A peer comes and goes."""
    pull = scene.monitored("PULL")
    endpoint = scene.bind(pull, f"ipc://{scene.folder.name}/socket")
    push = scene.socket("PUSH")
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    push.close()
    found += scene.heard()
    pull.unbind(endpoint)
    return found + scene.heard()


def ipc_connected(scene):
    """The connecting side, whose peer leaves for good."""
    pull = scene.socket("PULL")
    endpoint = scene.bind(pull, f"ipc://{scene.folder.name}/socket")
    push = scene.monitored("PUSH", reconnect_ivl=400)
    push.connect(endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    found = scene.heard()
    pull.close()
    return found + scene.heard("CONNECT_RETRIED")


def over_inproc(scene):
    """Nothing happens that a monitor tells of."""
    pull = scene.monitored("PULL")
    pull.bind("inproc://name")
    push = scene.socket("PUSH")
    push.connect("inproc://name")
    push.send(b"x")
    assert pull.recv() == b"x"
    push.close()
    return scene.heard()


def ipc_filtered(scene):
    """IPC_FILTER_UID names somebody else."""
    pull = scene.monitored("PULL", ipc_filter_uid=54321)
    endpoint = scene.bind(pull, f"ipc://{scene.folder.name}/socket")
    push = scene.socket("PUSH", reconnect_ivl=-1)
    push.connect(endpoint)
    return scene.heard()


def incompatible_bound(scene):
    """A peer of a type that does not fit comes to a listener."""
    pull = scene.monitored("PULL")
    push = scene.socket("PULL", reconnect_ivl=-1)
    push.connect(scene.bind(pull))
    return scene.heard()


def incompatible_connected(scene):
    """The listener's type does not fit."""
    pull = scene.socket("PULL")
    push = scene.monitored("PULL", reconnect_ivl=400)
    push.connect(scene.bind(pull))
    return scene.heard()


def bytes_from_a_stranger(scene, *pieces, close=True, **options):
    """What a connecter that sends these bytes causes."""
    pull = scene.monitored("PULL", **options)
    sock = scene.raw(scene.bind(pull))
    found = []
    for piece in pieces:
        sock.sendall(piece)
        scene.run_for(30)
    if close:
        found = scene.heard()
        sock.close()
    found += scene.heard()
    sock.close()
    return found


def server_of_bytes(scene, *pieces, close=True, **options):
    """What a listener that sends these bytes causes."""
    with net.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        push = scene.monitored("PUSH", reconnect_ivl=700, **options)
        push.connect(scene.name("here", f"tcp://127.0.0.1:{server.getsockname()[1]}"))
        scene.run_for(30)
        sock, _ = server.accept()
        for piece in pieces:
            sock.sendall(piece)
            scene.run_for(30)
        found = scene.heard()
        if close:
            sock.close()
            found += scene.heard()
        sock.close()
        return found


STRANGERS = {
    "nothing": [],
    "half a greeting": [greeting()[:10]],
    "a greeting": [greeting()],
    "http": [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    "zeros": [bytes(64)],
    "plain": [greeting(b"PLAIN")],
    "curve": [greeting(b"CURVE")],
    "no mechanism": [greeting(b"WHAT")],
    "ready": [greeting(), ready(b"PUSH")],
    "ready of a type that does not fit": [greeting(), ready(b"PAIR")],
    "ready of no type": [greeting(), b"\x04\x06\x05READY"],
    "ready with half a property": [greeting(), b"\x04\x0a\x05READY\x0bSoc"],
    "ready with a property that is too long": [greeting(), ready(b"PUSH", b"\x01a\x00\x00\x00\x09x")],
    "a message first": [greeting(), b"\x00\x01x"],
    "an unknown command first": [greeting(), b"\x04\x05\x04WHAT"],
    "an error": [greeting(), b"\x04\x0b\x05ERROR\x04what"],
    "a status": [greeting(), b"\x04\x0a\x05ERROR\x03400"],
    "another status": [greeting(), b"\x04\x0a\x05ERROR\x03300"],
    "half an error": [greeting(), b"\x04\x08\x05ERROR\x09x"],
    "an unknown command later": [greeting(), ready(b"PUSH"), b"\x04\x05\x04WHAT"],
    "a second ready": [greeting(), ready(b"PUSH"), ready(b"PUSH")],
    "wrong flags later": [greeting(), ready(b"PUSH"), b"\xf8\x01x"],
    "half a ping": [greeting(), ready(b"PUSH"), b"\x04\x05\x04PING"],
    "an error later": [greeting(), ready(b"PUSH"), b"\x04\x0b\x05ERROR\x04what"],
    "too large": [greeting(), ready(b"PUSH"), b"\x00\x7f" + bytes(127)],
}


def scenes():
    """All by name."""
    found = {
        scene.__name__: scene
        for scene in (
            *(bound_and_left, unbound_with_a_peer, connected_and_disconnected, bound_and_closed, connected_and_closed),
            *(peer_lost_and_back, refused, refused_and_never_again, refused_and_stopped, lost_and_not_stopped),
            *(lost_and_never_again, unresolved, address_in_use, ipc_in_use, over_ipc, ipc_connected, over_inproc),
            *(ipc_filtered, incompatible_bound, incompatible_connected),
        )
    }
    for name, pieces in STRANGERS.items():
        found[f"a stranger sends {name}"] = lambda scene, pieces=pieces: bytes_from_a_stranger(
            scene, *pieces, maxmsgsize=100
        )
        their = [piece.replace(b"\x04PUSH", b"\x04PULL") for piece in pieces]
        found[f"a server sends {name}"] = lambda scene, pieces=their: server_of_bytes(scene, *pieces, maxmsgsize=100)
    found["handshake_failed_and_stopped"] = lambda scene: server_of_bytes(scene, greeting()[:10], reconnect_stop=2)
    found["a stranger is silent"] = lambda scene: bytes_from_a_stranger(scene, close=False, handshake_ivl=50)
    found["a server is silent"] = lambda scene: server_of_bytes(scene, close=False, handshake_ivl=50)
    return found


def main():
    """Write the answers of the library that is named first, in the scenes named then, or all."""
    library, *names = sys.argv[1:]
    zmq = importlib.import_module(library)

    def answer(play):
        scene = Scene(zmq)
        try:
            return play(scene)
        except Exception as error:
            return repr(error)
        finally:
            scene.end()

    wanted = {name: play for name, play in scenes().items() if not names or name in names}
    with ThreadPoolExecutor(TOGETHER) as threads:
        answers = dict(zip(wanted, threads.map(answer, wanted.values()), strict=True))
    sys.stdout.buffer.write(pickle.dumps(answers))


if __name__ == "__main__":
    main()
