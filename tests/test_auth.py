"""Claims of gzmq.auth: pyzmq's handlers and certificates."""

import logging
import os
import stat
import subprocess
import sys

import gevent
import pytest

import gzmq as zmq
from gzmq import auth
from gzmq.auth.thread import ThreadAuthenticator

from .sockets.claims import refuses, until

pytest.importorskip("nacl")
libzmq_auth = pytest.importorskip("zmq.auth")

SERVER_KEYS, CLIENT_KEYS, OTHER_KEYS = (zmq.curve_keypair() for _ in range(3))
PLAIN = ({"plain_server": 1}, {"plain_username": b"anna", "plain_password": b"opensesame"})
CURVE = (
    {"curve_server": 1, "curve_secretkey": SERVER_KEYS[1]},
    dict(zip(("curve_publickey", "curve_secretkey", "curve_serverkey"), (*CLIENT_KEYS, SERVER_KEYS[0]))),
)
NULL = ({"zap_domain": b"*"}, {})


@pytest.fixture
def context():
    """A context of its own; at the end nothing of it may be left."""
    with gevent.Timeout(20), zmq.Context() as made:
        yield made
        made.destroy(linger=0)
    assert "sockets=0 lingering=0" in repr(made)


@pytest.fixture(params=[auth.Authenticator, ThreadAuthenticator], ids=["greenlet", "thread"])
def authenticator(request, context):
    """A handler of each kind, at work."""
    made = request.param(context)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def let_in(context):
    """Whether a client of these options is let in by a server of those: the User-Id, or None."""

    def let_in(server, client, address="tcp://127.0.0.1:*"):
        pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
        for socket, options in ((pull, server), (push, client)):
            socket.linger = 0
            for name, value in options.items():
                setattr(socket, name, value)
        done = zmq.Event.HANDSHAKE_SUCCEEDED | zmq.Event.HANDSHAKE_FAILED_AUTH
        with pull, push, pull.events(done) as events:
            pull.bind(address)
            push.connect(pull.last_endpoint)
            push.send(b"hello")
            with gevent.Timeout(5):
                if next(events).event == zmq.Event.HANDSHAKE_SUCCEEDED:
                    return pull.recv(copy=False)["User-Id"]
        return None

    return let_in


# -- decisions ------------------------------------------------------------------------------------------------------


def test_until_it_is_configured(authenticator, let_in):
    """NULL is let in, PLAIN and CURVE are not."""
    assert [let_in(*sides) for sides in (NULL, PLAIN, CURVE)] == ["anonymous", None, None]


def test_plain_by_passwords(authenticator, let_in):
    """The name is the User-Id; another name or password keeps out."""
    authenticator.configure_plain(domain="*", passwords={"anna": "opensesame", "bob": "é"})
    assert let_in(*PLAIN) == "anna"
    assert let_in(PLAIN[0], {"plain_username": b"bob", "plain_password": "é".encode()}) == "bob"
    for name, password in ((b"anna", b"opensesam"), (b"eve", b"opensesame"), (b"bob", b"\xe9"), (b"\xff", b"\xff")):
        assert let_in(PLAIN[0], {"plain_username": name, "plain_password": password}) is None


def test_a_domain_has_passwords_of_its_own(authenticator, let_in):
    """As in pyzmq, "*" is that of servers without one."""
    authenticator.configure_plain(domain="here", passwords={"anna": "opensesame"})
    assert let_in({**PLAIN[0], "zap_domain": b"here"}, PLAIN[1]) == "anna"
    assert let_in({**PLAIN[0], "zap_domain": b"there"}, PLAIN[1]) is None
    assert let_in(*PLAIN) is None


@pytest.mark.parametrize("sides", [NULL, PLAIN, CURVE], ids=["NULL", "PLAIN", "CURVE"])
def test_addresses(authenticator, let_in, sides):
    """`allow` others or `deny` ours keeps out, whoever proves what; `allow` ours is not enough for PLAIN and CURVE."""
    authenticator.allow("127.0.0.1")
    assert (let_in(*sides) is not None) == (sides is NULL)
    authenticator.configure_plain(passwords={"anna": "opensesame"})
    authenticator.configure_curve(location=auth.CURVE_ALLOW_ANY)
    assert let_in(*sides)
    authenticator._allowed.clear()
    authenticator.deny("127.0.0.1", "::1")
    assert let_in(*sides) is None
    with pytest.raises(ValueError, match="allow or deny"):
        authenticator.allow("1.2.3.4")


def test_curve_by_a_folder_of_certificates(authenticator, let_in, tmp_path):
    """Those that pyzmq wrote; who is not among them is kept out, and so are all when it cannot be read."""
    public, secret = libzmq_auth.load_certificate(libzmq_auth.create_certificates(tmp_path, "anna")[1])
    authenticator.configure_curve(domain="*", location=tmp_path)
    known = {**CURVE[1], "curve_publickey": public, "curve_secretkey": secret}
    assert let_in(CURVE[0], known) == public.decode()
    assert let_in(*CURVE) is None
    authenticator.configure_curve(domain="*", location=tmp_path / "none")
    assert let_in(CURVE[0], known) is None


def test_curve_by_a_callback(authenticator, let_in):
    """With the domain and the key in Z85; a coroutine that waits for nothing will do too."""
    asked = []

    class Provider:
        def callback(self, domain, key):
            asked.append((domain, key))
            return key == CLIENT_KEYS[0]

    class AsyncProvider(Provider):
        async def callback(self, domain, key):
            return super().callback(domain, key)

    for provider in (Provider(), AsyncProvider()):
        authenticator.configure_curve_callback(domain="*", credentials_provider=provider)
        assert let_in(*CURVE) == CLIENT_KEYS[0].decode()
        other = {**CURVE[1], "curve_publickey": OTHER_KEYS[0], "curve_secretkey": OTHER_KEYS[1]}
        assert let_in(CURVE[0], other) is None
    assert asked == [("*", CLIENT_KEYS[0]), ("*", OTHER_KEYS[0])] * 2


def test_a_callback_that_fails_lets_nobody_in(authenticator, let_in):
    """And the handler goes on."""

    class Provider:
        good = False

        def callback(self, domain, key):
            return self.good or 1 // 0

    authenticator.configure_curve_callback(credentials_provider=Provider())
    assert let_in(*CURVE) is None
    Provider.good = True
    assert let_in(*CURVE)


def test_a_subclass_names_the_users(context, let_in):
    """`curve_user_id`."""

    class Naming(auth.Authenticator):
        def curve_user_id(self, client_public_key):
            return f"user of {len(client_public_key)} bytes"

    handler = Naming(context)
    handler.start()
    handler.configure_curve(location=auth.CURVE_ALLOW_ANY)
    assert let_in(*CURVE) == "user of 32 bytes"
    handler.stop()


def test_gssapi_says_that_it_is_not_there(context):
    """Instead of doing nothing."""
    assert refuses(zmq.ENOTSUP, auth.Authenticator(context).configure_gssapi)


def test_no_password_is_in_the_log(context, let_in, caplog):
    """Of whoever is let in or kept out."""
    caplog.set_level(logging.DEBUG, "zmq.auth")
    handler = auth.Authenticator(context)
    handler.start()
    handler.configure_plain(passwords={"anna": "opensesame"})
    let_in(*PLAIN)
    let_in(PLAIN[0], {"plain_username": b"anna", "plain_password": b"guessed"})
    handler.stop()
    assert "ALLOWED" in caplog.text and "DENIED" in caplog.text
    assert "opensesame" not in caplog.text and "guessed" not in caplog.text


# -- starting and stopping --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [auth.Authenticator, ThreadAuthenticator])
def test_a_context_has_one_handler(context, let_in, kind):
    """The second is EADDRINUSE; after `stop` there is room for another."""
    first, second = kind(context), kind(context)
    first.start()
    assert refuses(zmq.EADDRINUSE, second.start)
    first.stop()
    until(lambda: not first.zap_socket)
    second.start()
    second.configure_plain(passwords={"anna": "opensesame"})
    assert let_in(*PLAIN) == "anna"
    second.stop()
    second.stop()


def test_the_thread_is_one(context):
    """`is_alive` from `start` to `stop`."""
    handler = ThreadAuthenticator(context)
    assert not handler.is_alive()
    handler.start()
    assert handler.is_alive()
    handler.stop()
    assert not handler.is_alive()


def test_a_message_can_be_handled_by_hand(context):
    """As programs do that serve `zap_socket` themselves, with or without await."""
    handler = auth.Authenticator(context)
    handler.start()
    handler._greenlet.kill()
    asker = context.socket(zmq.REQ)
    asker.connect("inproc://zeromq.zap.01")
    for _ in range(2):
        asker.send_multipart([b"1.0", b"1", b"", b"127.0.0.1", b"", b"NULL"])
        done = handler.handle_zap_message(handler.zap_socket.recv_multipart())
        with pytest.raises(StopIteration):
            next(done.__await__())
        assert asker.recv_multipart() == [b"1.0", b"1", b"200", b"OK", b"anonymous", b""]
    asker.close()
    handler.stop()


@pytest.mark.parametrize(
    "request_, answer",
    [
        ([b"1.0", b"1"], b"Not enough frames"),
        ([b"2.0", b"1", b"", b"", b"", b"NULL"], b"Invalid version"),
        ([b"1.0", b"1", b"", b"", b"", b"PLAIN", b"anna"], b"Invalid credentials"),
        ([b"1.0", b"1", b"", b"", b"", b"CURVE"], b"Invalid credentials"),
        ([b"1.0", b"1", b"", b"", b"", b"OTHER"], b"NO ACCESS"),
    ],
)
def test_a_request_that_is_none_is_refused(context, request_, answer):
    """Whoever sends it."""
    handler = auth.Authenticator(context)
    handler.start()
    asker = context.socket(zmq.REQ)
    asker.connect("inproc://zeromq.zap.01")
    asker.send_multipart(request_)
    assert asker.recv_multipart() == [b"1.0", b"1", b"400", answer, b"", b""]
    asker.close()
    handler.stop()


PROGRAM = """
{patch}
import threading, time
import gzmq as zmq
from gzmq.auth.thread import ThreadAuthenticator

context = zmq.Context()
handler = ThreadAuthenticator(context)
handler.start()
threads = []
class Provider:
    def callback(self, domain, key):
        import _thread
        from gevent.monkey import get_original
        threads.append(get_original("_thread", "get_ident")())
        return True
handler.configure_curve_callback(domain="*", credentials_provider=Provider())
server_public, server_secret = zmq.curve_keypair()
server, client = context.socket(zmq.REP), context.socket(zmq.REQ)
server.curve_server, server.curve_secretkey = True, server_secret
server.bind("tcp://127.0.0.1:*")
client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
client.curve_serverkey = server_public
client.connect(server.last_endpoint)
client.send(b"hello"), server.send(server.recv())
from gevent.monkey import get_original
print(client.recv(), threads[0] != get_original("_thread", "get_ident")())
{end}
"""
PATCH = "from gevent import monkey; monkey.patch_all()"


@pytest.mark.parametrize("patch", ["", PATCH], ids=["unpatched", "patched"])
@pytest.mark.parametrize("end", ["", "handler.stop(); context.destroy()", "context.destroy(); handler.stop()"])
def test_the_thread_in_a_program(patch, end):
    """A real one, patched or not; the program ends however it likes."""
    program = PROGRAM.format(patch=patch, end=end)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr, done.returncode) == ("b'hello' True\n", "", 0)


# -- certificates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("writer", [auth, libzmq_auth], ids=["ours", "pyzmq's"])
@pytest.mark.parametrize("reader", [auth, libzmq_auth], ids=["read by us", "read by pyzmq"])
def test_certificates_of_either_are_read_by_the_other(tmp_path, writer, reader):
    """Both files, and the folder of them."""
    public_file, secret_file = writer.create_certificates(tmp_path, "anna", metadata={"name": "Anna"})
    assert (public_file, secret_file) == (f"{tmp_path}/anna.key", f"{tmp_path}/anna.key_secret")
    public, secret = reader.load_certificate(secret_file)
    assert reader.load_certificate(public_file) == (public, None)
    assert zmq.curve_public(secret) == public
    assert reader.load_certificates(tmp_path) == {public: True}


def test_a_secret_is_for_its_owner_only(tmp_path):
    """0600, also when the file was there with other permissions; and no secret is in the public one."""
    (tmp_path / "anna.key_secret").write_text("x" * 5000)
    os.chmod(tmp_path / "anna.key_secret", 0o666)
    public_file, secret_file = auth.create_certificates(tmp_path, "anna", {"name": "Anna"})
    assert stat.S_IMODE(os.stat(secret_file).st_mode) == 0o600
    text = (tmp_path / "anna.key_secret").read_text()
    assert "xxx" not in text and "    name = Anna\n" in text
    assert "secret-key" not in (tmp_path / "anna.key").read_text()


def test_what_is_no_certificate(tmp_path):
    """OSError for what is not there, ValueError for what has no key."""
    with pytest.raises(OSError, match="nothing"):
        auth.load_certificate(tmp_path / "nothing")
    with pytest.raises(OSError, match="nothing"):
        auth.load_certificates(tmp_path / "nothing")
    (tmp_path / "empty.key").write_text("# public-key = 'x'\ncurve\n")
    with pytest.raises(ValueError, match="empty.key"):
        auth.load_certificates(tmp_path)


def test_the_door_to_asyncio_stays_shut():
    """One sentence says why."""
    with pytest.raises(ImportError, match="no zmq.auth.asyncio: it lives on gevent's hub"):
        __import__("gzmq.auth.asyncio")
