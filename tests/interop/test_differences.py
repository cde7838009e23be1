"""What docs/security.md says of RFCs and libzmq: each row, shown on the real libzmq, with a client made of bytes."""

import socket as net
import subprocess
import sys
from contextlib import suppress

import pytest

from gzmq.security import Security
from gzmq.zmtp import GREETING, TRAFFIC, Config, Connection, ProtocolError

from ..zmtp.credentials import CURVE_CLIENT, CURVE_SERVER, PLAIN_CLIENT, SERVER_KEYS, exchange, greeted, married
from ..zmtp.marriage import command, encoded, greeting3, hear, said, single

zmq = pytest.importorskip("zmq")

#: Milliseconds that libzmq has to answer, and that it has to stay silent.
PATIENCE, SILENCE = 5000, 100


@pytest.fixture
def context():
    """libzmq's."""
    made = zmq.Context()
    yield made
    made.destroy(linger=0)


@pytest.fixture
def pull(context):
    """A bound PULL of libzmq: ``pull(curve_server=1)``."""

    def pull(**options):
        made = context.socket(zmq.PULL)
        made.rcvtimeo = PATIENCE
        for name, value in options.items():
            setattr(made, name, value)
        made.bind("tcp://127.0.0.1:*")
        return made

    return pull


@pytest.fixture
def curve_pull(pull):
    """One that is a CURVE server."""
    return pull(curve_secretkey=SERVER_KEYS[1], curve_server=1)


class Client:
    """Our side of the protocol on a plain blocking descriptor."""

    def __init__(self, bound, security=CURVE_CLIENT, **config):
        host, port = bound.last_endpoint.decode()[6:].split(":")
        self._sock = net.create_connection((host, int(port)), timeout=PATIENCE / 1000)
        self.connection = Connection(Config("PUSH", frozenset({"PULL"}), security=security, **config))
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._sock.close()

    def exchange(self):
        """Say what is due, and hear what comes; False once libzmq has hung up."""
        self._sock.sendall(said(self.connection))
        data = self._sock.recv(1 << 16)
        self.heard += data
        self.connection.receive_data(data)
        return bool(data)

    def say_hello(self):
        """The greeting, and the first command."""
        while self.connection.state == GREETING:
            assert self.exchange(), "libzmq has hung up"
        self._sock.sendall(said(self.connection))

    def until_ready(self):
        """The whole handshake."""
        while self.connection.state != TRAFFIC:
            assert self.exchange(), "libzmq has hung up"
        self._sock.sendall(said(self.connection))
        return self

    def send(self, *messages, as_command=False):
        """Messages, on request with the COMMAND flag outside."""
        wire = encoded(self.connection, *messages)
        self._sock.sendall(bytes((wire[0] | 4,)) + wire[1:] if as_command else wire)


def silent(socket):
    return not socket.poll(SILENCE)


def test_as_server(curve_pull):
    """24, 25: 1 for the server. libzmq says 0 and looks at neither; we say 1, and refuse a second server."""
    with Client(curve_pull) as client:
        client.until_ready()
        assert client.heard[32] == 0
    server = single("PULL", security=CURVE_SERVER)
    hear(server, greeting3(mechanism=b"CURVE"))
    assert said(server)[32] == 1


def test_message_is_a_command(curve_pull):
    """25: yes. libzmq writes it as a message, and drops what is a command; we write as it does, and read both."""
    with Client(curve_pull) as client:
        client.until_ready()
        client.send([b"dropped"], as_command=True)
        client.send([b"taken"])
        assert curve_pull.recv() == b"taken"
        assert silent(curve_pull)
    ours, theirs = married()
    wire = encoded(ours, [b"taken"])
    assert hear(theirs, bytes((wire[0] | 4,)) + wire[1:]) == [[b"taken"]]


def test_the_nonce_of_initiate(curve_pull, monkeypatch):
    """26: nonces strictly increase. libzmq looks at those of MESSAGE only; we at all."""
    monkeypatch.setattr("gzmq.zmtp.curve._number", lambda nonce: bytes(7) + b"\1")
    with Client(curve_pull) as client:
        client.until_ready().send([b"taken"])
        assert curve_pull.recv() == b"taken"
    with pytest.raises(ProtocolError, match="nonce"):
        exchange(*greeted())


def test_error_of_plain(context, pull):
    """24: ERROR. libzmq writes ^RROR, and knows no other; we write ERROR, and read both (tests/zmtp/test_plain)."""
    handler = context.socket(zmq.REP)
    handler.bind("inproc://zeromq.zap.01")
    bound = pull(plain_server=1)
    with Client(bound, PLAIN_CLIENT) as client:
        client.say_hello()
        assert handler.poll(PATIENCE)
        handler.send_multipart([*handler.recv_multipart()[:2], b"400", b"no", b"", b""])
        with pytest.raises(ProtocolError, match="400"):
            client.exchange()
        assert client.heard.endswith(b"\x04\x09^RROR\x03400")


def test_the_identity_that_the_handler_is_told(context, pull):
    """27: the client's. libzmq and we: the server's own."""
    handler = context.socket(zmq.REP)
    handler.bind("inproc://zeromq.zap.01")
    bound = pull(plain_server=1, routing_id=b"the server")
    with Client(bound, PLAIN_CLIENT, identity=b"the client") as client:
        client.say_hello()
        assert handler.poll(PATIENCE)
        assert handler.recv_multipart()[4] == b"the server"


def test_user_id_as_a_property(pull):
    """27: the handler's word. libzmq also believes the peer when no handler is asked; we never do."""
    bound = pull()
    with Client(bound, Security(), metadata={b"User-Id": b"root"}) as client:
        client.until_ready().send([b"hello"])
        assert bound.recv(copy=False)["User-Id"] == "root"
    _, server = married(Security(), Security(), metadata={b"User-Id": b"root"})
    assert "User-Id" not in server.facts()


@pytest.mark.parametrize("size, passes", [(967, True), (968, False)])
def test_maxmsgsize_with_curve(pull, size, passes):
    """zmq_setsockopt(3): of a message. libzmq counts the 33 bytes of the box too; we do not."""
    bound = pull(curve_secretkey=SERVER_KEYS[1], curve_server=1, maxmsgsize=1000)
    with Client(bound) as client:
        client.until_ready().send([bytes(size)])
        assert bound.poll(PATIENCE if passes else SILENCE) == passes
    ours, theirs, hello = greeted(to_server={"max_message_size": 1000})
    exchange(ours, theirs, hello)
    assert hear(theirs, encoded(ours, [bytes(1000)])) == [[bytes(1000)]]


def test_curve_without_a_handler(curve_pull):
    """25: a server shall authenticate. libzmq and we let in whose keys are good, unless a domain is enforced."""
    with Client(curve_pull) as client:
        client.until_ready().send([b"hello"])
        assert curve_pull.recv() == b"hello"


ABORTS = {
    "PLAIN with ZAP_ENFORCE_DOMAIN and no domain": "server.zap_enforce_domain = 1",
    "a PULL in the place of the handler": "handler = context.socket(zmq.PULL); handler.bind('inproc://zeromq.zap.01')",
}
PROGRAM = """
import socket, sys, zmq
context = zmq.Context()
server = context.socket(zmq.PULL)
server.plain_server = 1
{change}
port = server.bind_to_random_port("tcp://127.0.0.1")
client = socket.create_connection(("127.0.0.1", port))
client.sendall({greeting!r} + {hello!r})
client.settimeout(5)
while client.recv(100):
    pass
"""


@pytest.mark.parametrize("change", ABORTS.values(), ids=ABORTS)
def test_what_ends_libzmqs_process(change):
    """Any client can do that; ours refuses the client (tests/sockets/test_zap, tests/zmtp/test_plain)."""
    greeting, hello = greeting3(mechanism=b"PLAIN"), command(b"HELLO", b"\1a\1b")
    program = PROGRAM.format(change=change, greeting=greeting, hello=hello)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30)
    assert done.returncode == -6 and b"Assertion" in done.stderr


def test_a_zap_domain_and_old_peers(pull):
    """Neither RFC says so: with a domain NULL refuses peers before 3.0, which have no handshake; libzmq too."""
    bound = pull(zap_domain=b"here")
    host, port = bound.last_endpoint.decode()[6:].split(":")
    with net.create_connection((host, int(port)), timeout=PATIENCE / 1000) as old:
        old.sendall(b"\xff" + bytes(7) + b"\x01\x7f\x01\x08\x00\x00" + b"\x00\x05hello")
        with suppress(ConnectionResetError):  # it has not read all
            while old.recv(100):
                pass
    assert silent(bound)
