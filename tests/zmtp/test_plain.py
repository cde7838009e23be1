"""Claims of gzmq.zmtp.plain: 24/PLAIN, from both sides."""

import pytest

from gzmq.constants import Event, SecurityMechanism
from gzmq.security import Security
from gzmq.zmtp import CLOSED, HANDSHAKE, TRAFFIC, AuthenticationError, NotAuthenticated, ProtocolError

from .credentials import PLAIN_CLIENT, PLAIN_SERVER, WELCOME, exchange, greeted, married
from .marriage import (
    command,
    couple,
    frame,
    greeting1,
    greeting2,
    greeting3,
    hear,
    property_,
    refusal,
    said,
    single,
    traffic,
    unversioned,
)

HELLO = command(b"HELLO", b"\x04anna\x0aopensesame")
METADATA = property_(b"Socket-Type", b"PUSH")


@pytest.mark.parametrize("cut", [None, 1, 3])
def test_a_client_that_the_handler_knows_is_let_in(cut):
    """Messages go both ways, in clear."""
    client, server = married(PLAIN_CLIENT, PLAIN_SERVER, ("DEALER", "ROUTER"), WELCOME, cut, identity=b"me")
    assert (client.state, server.state, server.peer_identity, server.facts()["User-Id"]) == (
        TRAFFIC, TRAFFIC, b"me", "anna",
    )  # fmt: skip
    assert traffic(client, server, [b"a", b"b"], cut=cut) == [[b"a", b"b"]]
    assert traffic(server, client, [b"c"], cut=cut) == [[b"c"]]


def test_the_commands_are_those_of_the_rfc():
    """HELLO with both lengths, an empty WELCOME, INITIATE and READY with metadata."""
    client, server, hello = greeted(PLAIN_CLIENT, PLAIN_SERVER)
    words = exchange(client, server, hello, WELCOME)
    ready = command(b"READY", property_(b"Socket-Type", b"PULL"))
    assert words == [HELLO, command(b"WELCOME"), command(b"INITIATE", METADATA), ready]


def test_the_handler_is_asked_before_anything_is_answered():
    """With the name and the password; the client waits."""
    _, server, hello = greeted(PLAIN_CLIENT, PLAIN_SERVER)
    hear(server, hello)
    assert (server.take_zap_question(), said(server), server.state) == (
        [b"PLAIN", b"anna", b"opensesame"], b"", HANDSHAKE,
    )  # fmt: skip


@pytest.mark.parametrize("status, told", [(b"400", True), (b"500", True), (b"300", False)])
def test_a_refused_client_hears_the_status(status, told):
    """By ERROR, but for 300, which it shall not take for the last word (27/ZAP)."""
    client, server, hello = greeted(PLAIN_CLIENT, PLAIN_SERVER)
    hear(server, hello)
    with pytest.raises(AuthenticationError) as caught:
        server.zap_replied([*WELCOME[:3], status, *WELCOME[4:]])
    assert (caught.value.code, server.state) == (int(status), CLOSED)
    words = said(server)
    assert words == (command(b"ERROR", b"\x03" + status) if told else b"")
    if told:
        error = refusal(client, words)
        assert (error.event, error.code) == (Event.HANDSHAKE_FAILED_AUTH, int(status))


def test_libzmqs_spelling_of_error_is_understood():
    """^RROR; in the places where ERROR may be."""
    client = greeted(PLAIN_CLIENT, PLAIN_SERVER)[0]
    error = refusal(client, frame(b"^RROR\x03400", 4))
    assert (error.event, error.code) == (Event.HANDSHAKE_FAILED_AUTH, 400)


@pytest.mark.parametrize("security", [PLAIN_SERVER, Security(SecurityMechanism.PLAIN, True, enforce_domain=True)])
def test_nobody_is_let_in_without_a_handler(security):
    """Nor when a domain is enforced that is not set."""
    _, server, hello = greeted(PLAIN_CLIENT, security)
    with pytest.raises(NotAuthenticated):
        hear(server, hello)
        server.zap_replied(None)
    assert (server.state, said(server)) == (CLOSED, b"")


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x01", b"\x04anna", b"\x04anna\x0aopensesam", b"\x04anna\x0aopensesame!", b"\xffanna\x00"]
)
def test_a_hello_whose_lengths_are_wrong_is_refused(data):
    """Before the handler is asked."""
    server = greeted(PLAIN_CLIENT, PLAIN_SERVER)[1]
    error = refusal(server, command(b"HELLO", data))
    assert (error.code, server.take_zap_question()) == (Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO, None)


@pytest.mark.parametrize(
    "word", [command(b"READY", METADATA), command(b"INITIATE", METADATA), command(b"WELCOME"), frame(b"let me in")]
)
def test_a_server_takes_nothing_before_hello(word):
    """Neither NULL's READY nor a message."""
    error = refusal(greeted(PLAIN_CLIENT, PLAIN_SERVER)[1], word)
    assert error.code in (
        Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND, Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
    )  # fmt: skip


@pytest.mark.parametrize("word", [command(b"READY", METADATA), HELLO, frame(b"let me in")])
def test_a_server_takes_nothing_but_initiate_then(word):
    """The verdict is for one INITIATE."""
    _, server, hello = greeted(PLAIN_CLIENT, PLAIN_SERVER)
    hear(server, hello)
    server.zap_replied(WELCOME)
    refusal(server, word)
    assert server.state == CLOSED


@pytest.mark.parametrize("word", [command(b"WELCOME", b"x"), command(b"READY", METADATA), HELLO, b"\x04\x00"])
def test_a_client_wants_an_empty_welcome(word):
    """And nothing else."""
    client = greeted(PLAIN_CLIENT, PLAIN_SERVER)[0]
    assert refusal(client, word).event == Event.HANDSHAKE_FAILED_PROTOCOL


def test_what_comes_while_the_handler_thinks_is_bounded():
    """A client waits for its WELCOME; who sends 64 KiB instead means ill."""
    _, server, hello = greeted(PLAIN_CLIENT, PLAIN_SERVER)
    hear(server, hello)
    error = refusal(server, bytes(1 << 17), cut=1 << 12)
    assert error.code == Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE


@pytest.mark.parametrize(
    "reply, code",
    [
        ([], Event.PROTOCOL_ERROR_ZAP_UNSPECIFIED),
        ([b"x", *WELCOME[1:]], Event.PROTOCOL_ERROR_ZAP_UNSPECIFIED),
        (WELCOME[:-1], Event.PROTOCOL_ERROR_ZAP_MALFORMED_REPLY),
        ([*WELCOME, b""], Event.PROTOCOL_ERROR_ZAP_MALFORMED_REPLY),
        ([b"", b"2.0", *WELCOME[2:]], Event.PROTOCOL_ERROR_ZAP_BAD_VERSION),
        ([b"", b"1.0", b"2", *WELCOME[3:]], Event.PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID),
        ([*WELCOME[:3], b"201", *WELCOME[4:]], Event.PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE),
        ([*WELCOME[:3], b"20", *WELCOME[4:]], Event.PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE),
        ([*WELCOME[:6], b"\x04name"], Event.PROTOCOL_ERROR_ZAP_INVALID_METADATA),
    ],
)
def test_a_reply_that_is_none_does_not_open_the_door(reply, code):
    """Each fault has its code, and the client hears nothing."""
    _, server, hello = greeted(PLAIN_CLIENT, PLAIN_SERVER)
    hear(server, hello)
    with pytest.raises(ProtocolError) as caught:
        server.zap_replied(reply)
    assert (caught.value.code, server.state, said(server)) == (code, CLOSED, b"")


def test_a_second_reply_is_nothing():
    """Whatever it says."""
    _, server, hello = greeted(PLAIN_CLIENT, PLAIN_SERVER)
    hear(server, hello)
    server.zap_replied(WELCOME)
    assert said(server) == command(b"WELCOME")
    assert (server.zap_replied([*WELCOME[:3], b"400", *WELCOME[4:]]), server.state) == ([], HANDSHAKE)


def test_a_peer_cannot_give_itself_a_user_id():
    """Nor another address: those are ours and the handler's to say."""
    push, pull = couple("PUSH", "PULL", metadata={b"user-ID": b"root", b"Peer-Address": b"::1", b"X-Colour": b"red"})
    assert pull.facts() == {"Socket-Type": "PUSH", "X-Colour": "red"}


def test_two_servers_do_not_talk():
    """Their greetings say so, and nobody waits for a HELLO in vain."""
    error = refusal(single("PULL", security=PLAIN_SERVER), greeting3(mechanism=b"PLAIN", as_server=1))
    assert error.code == Event.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH


def test_the_password_is_in_no_repr():
    """Of what is told about a connection."""
    client, server = married(PLAIN_CLIENT, PLAIN_SERVER, reply=WELCOME)
    for shown in (PLAIN_CLIENT, client, client.config, server):
        assert "opensesame" not in repr(shown)


@pytest.mark.parametrize("domain, asked", [(b"", None), (b"here", [b"NULL"])])
def test_null_asks_only_if_a_domain_is_set(domain, asked):
    """Whoever binds; and answers only then."""
    server = single("PULL", security=Security(zap_domain=domain))
    hear(server, greeting3() + command(b"READY", METADATA))
    assert server.take_zap_question() == asked
    if asked:
        assert (said(server), server.state) == (greeting3(), HANDSHAKE)
        server.zap_replied(WELCOME)
    assert (server.state, server.facts().get("User-Id")) == (TRAFFIC, "anna" if asked else None)


@pytest.mark.parametrize("hello", [greeting2("PUSH"), greeting1("PUSH"), unversioned(b"me")])
def test_null_with_a_domain_refuses_peers_that_have_no_handshake(hello):
    """They could not be told that they are refused."""
    error = refusal(single("PULL", security=Security(zap_domain=b"here")), hello)
    assert error.code == Event.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
