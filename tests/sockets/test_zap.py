"""Claims of ZAP (27/ZAP) between a socket and a handler of its context."""

import errno
import os
import sys

import gevent
import pytest

import gzmq as zmq

from ..handlers import ADDRESS, OK, Handler
from .claims import must_not_recv, refuses, until
from .conftest import endpoint

pytest.importorskip("nacl")

DONE = (
    zmq.Event.HANDSHAKE_FAILED_AUTH
    | zmq.Event.HANDSHAKE_FAILED_PROTOCOL
    | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
    | zmq.Event.HANDSHAKE_SUCCEEDED
)
SERVER_KEYS, CLIENT_KEYS = zmq.curve_keypair(), zmq.curve_keypair()
#: What a server and a client set, by mechanism.
SIDES = {
    "NULL": ({"zap_domain": b"here"}, {}),
    "PLAIN": ({"plain_server": 1, "zap_domain": b"here"}, {"plain_username": b"anna", "plain_password": b"pw"}),
    "CURVE": (
        {"curve_server": 1, "curve_secretkey": SERVER_KEYS[1], "zap_domain": b"here"},
        dict(zip(("curve_publickey", "curve_secretkey", "curve_serverkey"), (*CLIENT_KEYS, SERVER_KEYS[0]))),
    ),
}
CREDENTIALS = {"NULL": [], "PLAIN": [b"anna", b"pw"], "CURVE": [zmq.utils.z85.decode(CLIENT_KEYS[0])]}
#: Where a client of this process comes from.
ADDRESSES = {"tcp": b"127.0.0.1", "ipc": f"localhost:{os.getuid()}:{os.getgid()}:{os.getpid()}".encode()}


@pytest.fixture(params=SIDES)
def mechanism(request):
    """Each, by name."""
    return request.param


@pytest.fixture(params=["tcp", "ipc"])
def anywhere(request, tmp_path):
    """inproc has no mechanisms, as in libzmq."""
    return endpoint(request.param, tmp_path)


@pytest.fixture
def guarded(make, mechanism, tmp_path):
    """A bound PULL whose clients are asked for, and its events: ``guarded()``."""

    def guarded(where="tcp://127.0.0.1:*", **options):
        pull = make(zmq.PULL, **{**SIDES[mechanism][0], **options})
        events = pull.events(DONE)
        pull.bind(where)
        return pull, events

    return guarded


@pytest.fixture
def client(make, mechanism):
    """A PUSH that connects: ``client(pull)``."""

    def client(pull, **options):
        return make(zmq.PUSH, connect=pull.last_endpoint.decode(), **{**SIDES[mechanism][1], **options})

    return client


def fate(events):
    """(event, value) of the next handshake that ends."""
    with gevent.Timeout(5):
        happened = next(events)
    return happened.event, happened.value


# -- the question and the answer ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [zmq.REP, zmq.ROUTER])
def test_the_handler_is_asked_and_names_the_user(context, guarded, client, mechanism, anywhere, kind):
    """27/ZAP: version, id, domain, address, identity, mechanism, credentials; then User-Id and its metadata."""
    handler = Handler(context, lambda request: (*OK[:3], b"\x06X-Room\0\0\0\x0242"), kind)
    pull, _ = guarded(anywhere, routing_id=b"door")
    client(pull).send(b"hello")
    frame = pull.recv(copy=False)
    assert (frame["User-Id"], frame.get("X-Room"), frame["Socket-Type"]) == ("anna", "42", "PUSH")
    address = ADDRESSES[anywhere.split(":")[0]]
    expected = [b"1.0", b"1", b"here", address, b"door", mechanism.encode(), *CREDENTIALS[mechanism]]
    assert handler.asked == [expected]


@pytest.mark.parametrize("status", [300, 400, 500])
def test_a_refused_client_is_heard_of(context, guarded, client, status):
    """HANDSHAKE_FAILED_AUTH with the status at the server, and at the client but for 300; no message passes."""
    Handler(context, lambda request: (str(status).encode(), b"no", b"", b""))
    pull, events = guarded()
    push = client(pull, reconnect_ivl=20)
    theirs = push.events(DONE)
    assert fate(events) == (zmq.Event.HANDSHAKE_FAILED_AUTH, status)
    hung_up = (zmq.Event.HANDSHAKE_FAILED_NO_DETAIL, zmq.ECONNRESET)
    assert fate(theirs) == (hung_up if status == 300 else (zmq.Event.HANDSHAKE_FAILED_AUTH, status))
    push.send(b"nobody")
    must_not_recv(pull)


def test_a_client_that_is_let_in_later_gets_through(context, guarded, client):
    """It tries again, and what it had sent arrives."""
    verdicts = [(b"400", b"", b"", b""), (b"300", b"", b"", b"")]
    Handler(context, lambda request: verdicts.pop() if verdicts else OK)
    pull, _ = guarded()
    client(pull, reconnect_ivl=10).send(b"at last")
    assert pull.recv() == b"at last"
    assert not verdicts


def test_reconnect_stop_takes_the_first_no(context, guarded, client):
    """RECONNECT_STOP_HANDSHAKE_FAILED."""
    handler = Handler(context, lambda request: (b"400", b"", b"", b""))
    pull, _ = guarded()
    push = client(pull, reconnect_ivl=1, reconnect_stop=zmq.RECONNECT_STOP_HANDSHAKE_FAILED)
    events = push.events(zmq.Event.DISCONNECTED | zmq.Event.CONNECT_RETRIED)
    with gevent.Timeout(5):
        assert next(events).event == zmq.Event.DISCONNECTED
    push.close()
    assert list(events) == [] and len(handler.asked) == 1


def test_who_connects_may_ask_too(context, make):
    """NULL has no roles: a domain is enough, whoever binds."""
    handler = Handler(context)
    push = make(zmq.PUSH, bind="tcp://127.0.0.1:*")
    pull = make(zmq.PULL, connect=push.last_endpoint.decode(), zap_domain=b"here")
    push.send(b"hello")
    assert pull.recv(copy=False)["User-Id"] == "anna"
    assert handler.asked == [[b"1.0", b"1", b"here", b"127.0.0.1", b"", b"NULL"]]


# -- no handler -----------------------------------------------------------------------------------------------------


def test_without_a_handler(guarded, client, mechanism):
    """PLAIN lets nobody in; NULL lets all in, and CURVE those whose keys are good; so does libzmq."""
    pull, events = guarded()
    push = client(pull)
    if mechanism == "PLAIN":
        assert fate(events) == (zmq.Event.HANDSHAKE_FAILED_NO_DETAIL, errno.EFAULT)
        must_not_recv(pull)
    else:
        assert fate(events)[0] == zmq.Event.HANDSHAKE_SUCCEEDED
        push.send(b"hello")
        frame = pull.recv(copy=False)
        assert refuses(errno.EINVAL, frame.get, "User-Id")


def test_an_enforced_domain_lets_nobody_in_without_a_handler(context, guarded, client):
    """ZAP_ENFORCE_DOMAIN; a handler that comes later does."""
    pull, events = guarded(zap_enforce_domain=1)
    push = client(pull, reconnect_ivl=10)
    assert fate(events) == (zmq.Event.HANDSHAKE_FAILED_NO_DETAIL, errno.EFAULT)
    Handler(context)
    push.send(b"hello")
    assert pull.recv() == b"hello"


def test_what_is_no_handler_lets_nobody_in(context, guarded, client, make):
    """A PULL is bound to the handler's name: libzmq aborts the process."""
    make(zmq.PULL, bind=ADDRESS)
    pull, events = guarded()
    client(pull)
    assert fate(events) == (zmq.Event.HANDSHAKE_FAILED_NO_DETAIL, errno.EFAULT)


# -- handlers that fail ---------------------------------------------------------------------------------------------

ZAP_ERROR = zmq.Event.HANDSHAKE_FAILED_PROTOCOL


class Liar(Handler):
    """Says what it is told to instead of version and request id."""

    reply = ()

    def say(self, route, request, frames):
        self.socket.send_multipart([*route, *self.reply])


@pytest.mark.parametrize(
    "reply, code",
    [
        ((b"2.0", b"1", *OK), zmq.PROTOCOL_ERROR_ZAP_BAD_VERSION),
        ((b"1.0", b"7", *OK), zmq.PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID),
        ((b"1.0", b"1", b"999", *OK[1:]), zmq.PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE),
        ((b"1.0", b"1", *OK[:3], b"junk"), zmq.PROTOCOL_ERROR_ZAP_INVALID_METADATA),
        ((b"1.0", b"1", b"200"), zmq.PROTOCOL_ERROR_ZAP_MALFORMED_REPLY),
        ((b"",), zmq.PROTOCOL_ERROR_ZAP_MALFORMED_REPLY),
    ],
)
def test_nonsense_does_not_open_the_door(context, guarded, client, reply, code):
    """The server's monitor says what was wrong with the reply."""
    Liar(context).reply = reply
    pull, events = guarded()
    client(pull).send(b"let me in")
    assert fate(events) == (ZAP_ERROR, code)
    must_not_recv(pull)


def test_a_handler_that_is_silent_is_bounded_by_the_handshakes_time(context, guarded, client):
    """HANDSHAKE_IVL; meanwhile the socket serves its other peers."""
    Handler(context, lambda request: None, zmq.ROUTER)
    pull, events = guarded(handshake_ivl=100)
    client(pull, reconnect_ivl=-1).send(b"let me in")
    assert fate(events)[0] == zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
    must_not_recv(pull)


def test_a_late_answer_is_for_nobody(context, guarded, client):
    """Nor does it let the next one in."""
    routes = []

    class Late(Handler):
        def say(self, route, request, frames):
            routes.append(route)
            if len(routes) > 1:
                for one in routes[:-1]:
                    super().say(one, request, frames)

    handler = Late(context, kind=zmq.ROUTER)
    pull, events = guarded(handshake_ivl=100)
    client(pull, reconnect_ivl=-1).send(b"let me in")
    assert fate(events)[0] == zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
    client(pull, reconnect_ivl=-1).send(b"and me")  # at which the first is answered
    until(lambda: len(handler.asked) == 2)
    assert fate(events)[0] == zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
    must_not_recv(pull)


def test_a_handler_that_leaves_lets_nobody_in(context, guarded, client):
    """At once, without waiting for the handshake's time."""
    handler = Handler(context, lambda request: None, zmq.ROUTER)
    pull, events = guarded()
    client(pull, reconnect_ivl=-1)
    until(lambda: handler.asked)
    handler.stop()
    assert fate(events) == (zmq.Event.HANDSHAKE_FAILED_NO_DETAIL, errno.EFAULT)


class Doubter(Handler):
    """Answers twice, and otherwise the second time."""

    second = OK

    def say(self, route, request, frames):
        for answer in (frames, self.second):
            super().say(route, request, answer)


@pytest.mark.parametrize("first, let_in", [(OK, True), ((b"400", b"", b"", b""), False)])
def test_the_first_answer_counts(context, guarded, client, first, let_in):
    """Whatever the second says."""
    doubter = Doubter(context, lambda request: first, zmq.ROUTER)
    doubter.second = (b"400", b"", b"", b"") if let_in else OK
    pull, events = guarded()
    client(pull, reconnect_ivl=-1).send(b"hello")
    if let_in:
        assert pull.recv(copy=False)["User-Id"] == "anna"
    else:
        assert fate(events) == (zmq.Event.HANDSHAKE_FAILED_AUTH, 400)
        must_not_recv(pull)


def test_a_client_that_leaves_meanwhile_is_nobodys(context, guarded, client):
    """The handler's answer finds no connection, and the next client has its own."""
    handler = Handler(context, lambda request: gevent.sleep(0.05) or OK)
    pull, events = guarded()
    gone = client(pull, linger=0)
    until(lambda: handler.asked)
    gone.close()
    assert fate(events)[0] == zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
    client(pull).send(b"next")
    assert pull.recv() == b"next"


def test_a_server_that_closes_meanwhile_asks_no_more(context, guarded, client):
    """Nothing is left of the question (the context's end looks)."""
    handler = Handler(context, lambda request: None, zmq.ROUTER)
    pull, _ = guarded()
    client(pull, linger=0)
    until(lambda: handler.asked)
    pull.close()
    assert [pipe for pipe in handler.socket._core.pipes if not pipe.peer.closed] == []


# -- many -----------------------------------------------------------------------------------------------------------


def test_many_questions_are_under_way_at_once(context, guarded, client):
    """The handler has all before it answers any, in the order that it likes."""
    waiting = []

    class Patient(Handler):
        def say(self, route, request, frames):
            waiting.append((route, request, frames))
            if len(waiting) == 50:
                for one in reversed(waiting):
                    super().say(*one)

    Patient(context, lambda request: (*OK[:2], b"%d" % len(waiting), b""), zmq.ROUTER)
    pull, _ = guarded()
    for number in range(50):
        client(pull).send(b"%d" % number)
    frames = [pull.recv(copy=False) for _ in range(50)]
    assert sorted(int(frame.bytes) for frame in frames) == list(range(50))
    assert len({frame["User-Id"] for frame in frames}) == 50


def test_a_slow_handler_holds_nobody_up(context, guarded, client):
    """Peers that are in already go on while others wait at the door."""
    quick = [True]
    handler = Handler(context, lambda request: OK if quick else None, zmq.ROUTER)
    pull, _ = guarded()
    inside = client(pull)
    inside.send(b"in")
    assert pull.recv() == b"in"
    quick.clear()
    waiting = [client(pull) for _ in range(10)]
    until(lambda: len(handler.asked) == 11)
    for number in range(100):
        inside.send(b"%d" % number)
        assert pull.recv() == b"%d" % number
    assert len(waiting) == len(handler.asked) - 1


# -- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, names",
    [
        ({"curve_server": 1}, "CURVE_SECRETKEY"),
        ({"curve_serverkey": SERVER_KEYS[0]}, "CURVE_SECRETKEY and CURVE_PUBLICKEY"),
        ({**SIDES["CURVE"][1], "curve_publickey": SERVER_KEYS[0]}, "CURVE_PUBLICKEY does not belong"),
        ({**SIDES["CURVE"][1], "curve_serverkey": bytes(32)}, "CURVE_SERVERKEY is no public key"),
    ],
)
def test_keys_that_can_never_work_are_refused_at_once(make, options, names):
    """By bind and by connect, which name them and show none."""
    socket = make(zmq.PUSH, **options)
    for call in (socket.bind, socket.connect):
        with pytest.raises(zmq.ZMQError, match=names) as caught:
            call("tcp://127.0.0.1:5555")
        assert caught.value.errno == errno.EINVAL
        assert CLIENT_KEYS[1].decode() not in str(caught.value)


def test_a_secret_is_in_no_error(make):
    """Of an option that refuses it."""
    socket = make(zmq.PUSH)
    for option in (zmq.CURVE_SECRETKEY, zmq.PLAIN_PASSWORD):
        for value in ("secretsecret" * 50, b"secretsecret" * 50, [b"secretsecret"]):
            with pytest.raises((zmq.ZMQError, TypeError)) as caught:
                socket.set(option, value)
            assert "secretsecret" not in str(caught.value)


def test_without_pynacl_curve_says_what_to_install(make, monkeypatch):
    """And the keys' functions too; all else goes on."""
    assert zmq.has("curve")
    monkeypatch.setitem(sys.modules, "nacl", None)
    assert not zmq.has("curve")
    calls = [
        zmq.curve_keypair,
        lambda: zmq.curve_public(SERVER_KEYS[1]),
        lambda: make(zmq.PUSH, curve_server=1),
        lambda: make(zmq.PUSH, curve_publickey=SERVER_KEYS[0]),
    ]
    for call in calls:
        with pytest.raises(zmq.ZMQError, match=r"pip install gzmq\[curve\]") as caught:
            call()
        assert caught.value.errno == errno.ENOTSUP
