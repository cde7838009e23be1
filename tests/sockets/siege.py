"""A socket under attack, bound or connecting, and the one oracle that judges how it came through."""

import gc
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import gevent
from gevent import socket as green

import gzmq as zmq
from gzmq.zmtp import TRAFFIC

from ..zmtp.marriage import hear, said
from .claims import must_not_recv, until

LOOPBACK = ("127.0.0.1", 0)
MB = 1 << 20
_FRIENDS = {zmq.PULL: zmq.PUSH, zmq.PUB: zmq.SUB, zmq.XPUB: zmq.SUB, zmq.ROUTER: zmq.DEALER}

#: Makes so many connections that say nothing, and says so; ends with its input.
SILENT = """
import resource, socket, sys
role, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
if role == "bound":
    print("here", flush=True)
    kept = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
else:
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(listener.getsockname()[1], flush=True)
    kept = [listener.accept() for _ in range(count)]
print("done", flush=True)
sys.stdin.read()
"""


def resident():
    """Bytes of memory that this process occupies."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


class Siege:
    """``victim`` is bound, and has a good client from the beginning; ``attack`` is a bad peer's connection.

    role: "bound" attackers connect to it; "connecting" it connects to each of them.
    """

    #: Bytes that an attack may leave behind.
    most = 32 * MB

    def __init__(self, make, role, kind=zmq.PULL, options=(), friends_options=()):
        self._make = make
        self.role = role
        self.kind = kind
        self._friends_options = dict(friends_options)
        self.victim = make(kind, **{"reconnect_ivl": -1, "bind": "tcp://127.0.0.1:*", **dict(options)})
        self.endpoint = self.victim.last_endpoint.decode()
        self.address = ("127.0.0.1", int(self.endpoint.rpartition(":")[2]))
        self._before = self._friend()
        self._words_with(self._before)
        self._pipes = self.pipes
        self._memory = resident()

    @property
    def pipes(self):
        """How many peers the victim can send to or receive from."""
        return len(self.victim._core.pipes)

    def _friend(self):
        options = dict(self._friends_options)
        if self.kind in (zmq.PUB, zmq.XPUB):
            options["subscribe"] = b"good"
        return self._make(_FRIENDS[self.kind], connect=self.endpoint, **options)

    def _words_with(self, friend):
        """A message passes between the victim and this friend."""
        if self.kind in (zmq.PUB, zmq.XPUB):
            with gevent.Timeout(10):
                while not friend.poll(5):
                    self.victim.send(b"good")
            while friend.poll(5):
                assert friend.recv() == b"good"
        else:
            friend.send(b"good")
            while self.victim.recv_multipart()[-1] != b"good":
                pass  # what attackers have said that may be said

    def attack(self, data=b""):
        """One more bad peer, who says this as far as the victim lets him; what he has in his hand."""
        if self.role == "bound":
            sock = green.create_connection(self.address, timeout=10)
        else:
            with green.socket() as listener:
                listener.bind(LOOPBACK)
                listener.listen(1)
                self.victim.connect(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
                return self._accepted(listener, data)
        with suppress(OSError):
            sock.sendall(data)
        return sock

    @contextmanager
    def again_and_again(self):
        """As `attack`, for very many: those whom the victim connects to are few, and it comes back to them."""
        if self.role == "bound":
            yield self.attack
            return
        with green.socket() as listener:
            listener.bind(LOOPBACK)
            listener.listen(8)
            endpoint = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
            self.victim.reconnect_ivl = 1
            for _ in range(8):
                self.victim.connect(endpoint)
            yield partial(self._accepted, listener)
            for _ in range(8):
                self.victim.disconnect(endpoint)

    def _accepted(self, listener, data):
        sock = listener.accept()[0]
        sock.settimeout(10)
        with suppress(OSError):
            sock.sendall(data)
        return sock

    def hangs_up_on(self, sock):
        """The victim ends this connection."""
        with suppress(ConnectionError):
            while sock.recv(65536):
                pass
        sock.close()

    def refuses(self, data):
        """The victim ends a connection for what is said in it."""
        self.hangs_up_on(self.attack(data))
        self.is_alone()

    def is_alone(self):
        """No bad peer is left among those that the victim talks to."""
        until(lambda: self.pipes == self._pipes)

    def is_silent(self):
        """Nobody has said anything to the victim's user."""
        must_not_recv(self.victim)

    def stands(self):
        """The oracle: the victim, who lives, still talks to who was there before, and to who comes now; and it has not
        grown.
        """
        self._words_with(self._before)
        self._words_with(self._friend())
        grown = resident() - self._memory
        assert grown < self.most, f"{grown / MB:.1f} MiB more"


def shake_hands(sock, connection):
    """Do it as `connection`, which is without I/O, would; all that it has said, word by word."""
    words = []
    while True:
        words.append(said(connection))
        sock.sendall(words[-1])
        if connection.state == TRAFFIC:
            return words
        data = sock.recv(65536)
        assert data, "the other side hung up in the handshake"
        hear(connection, data)
        if connection.take_zap_question() is not None:
            connection.zap_replied(None)
