"""Whatever comes in: a ProtocolError and nothing else, no message that nobody sent, and memory in proportion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmq.zmtp import CLOSED, GREETING, ProtocolError

from .marriage import (
    CUTS,
    PEERS,
    STEADY,
    command,
    facing,
    frame,
    frame1,
    greeting1,
    greeting2,
    greeting3,
    header,
    hear,
    hello3,
    label,
    peak,
    pieces,
    property_,
    ready,
    refusal,
    said,
    signature,
    single,
    unversioned,
)

MB = 1 << 20
PING = command(b"PING", b"\x00\x10context")


def words(wire):
    return wire(b"one", 1) + wire(b"", 1) + wire(b"x" * 300) + wire(b"two") + wire(b"y" * 20)


#: One session of every version that a ROUTER takes, with a bit of everything.
SESSIONS = {
    "3.1": greeting3() + ready("DEALER", property_(b"Identity", b"me"), property_(b"X-a", b"b")) + PING + words(frame)
    + frame(b"a", 1) + PING + frame(b"b") + command(b"PONG") + command(b"LATER", b"data"),
    "3.0": hello3("DEALER", (3, 0)) + words(frame),
    "2.0": greeting2("DEALER", b"me") + words(frame),
    "1.0": greeting1("DEALER", b"me") + words(frame1),
    "unversioned": unversioned(b"me") + words(frame1),
    "long": unversioned(b"i" * 254) + words(frame1),
}  # fmt: skip
SUBSCRIBER = hello3("SUB") + command(b"SUBSCRIBE", b"t") + frame(b"\x01u") + PING + command(b"CANCEL", b"t")

FOREIGNERS = {
    "http": b"GET / HTTP/1.1\r\nHost: localhost:5555\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n",
    "http post": b"POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000,
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(100),
    "http reply": b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,
    "ssl2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(range(37)),
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "smtp": b"EHLO example.org\r\n",
    "redis": b"*1\r\n$4\r\nPING\r\n",
    "mqtt": b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00",
    "postgres": b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
    "smb": b"\x00\x00\x00\x85\xffSMBr" + bytes(100),
    "rdp": b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00",
    "newline": b"\r\n",
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
    "text": b"hello, is there anybody?\n",
}  # fmt: skip


def survives(connection, data, cut=None):
    """Whether a connection takes bytes; the only other way out is a ProtocolError and the end."""
    try:
        hear(connection, data, cut)
    except ProtocolError as error:
        assert error.reason and connection.state == CLOSED
        return False
    assert connection.state != CLOSED
    return True


# -- those who have dialled the wrong number --------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOREIGNERS)
@pytest.mark.parametrize("cut", [None, 1])
def test_who_does_not_speak_zmtp_is_refused(name, cut):
    """Field note B1."""
    connection = single("PULL")
    error = refusal(connection, FOREIGNERS[name], cut=cut)
    assert (error.messages, connection.state) == ([], CLOSED)


@pytest.mark.parametrize("name", ["http", "tls", "ssh", "redis", "smtp", "newline", "postgres", "zeros"])
def test_most_who_do_not_speak_zmtp_are_refused_by_their_first_two_octets(name):
    """They say nothing further, so waiting for more would be waiting for ever."""
    connection = single("PULL")
    refusal(connection, FOREIGNERS[name][:2])
    assert said(connection) == signature()


@STEADY
@given(socket_type=st.sampled_from(sorted(PEERS)), data=st.binary(max_size=300), cuts=CUTS)
def test_any_bytes_at_all_end_in_a_protocol_error_at_worst(socket_type, data, cuts):
    """In any cuts, to any socket."""
    survives(single(socket_type), data, cuts)


@STEADY
@given(
    socket_type=st.sampled_from(sorted(PEERS)),
    start=st.sampled_from([signature(), signature() + b"\x03", signature() + b"\x01", signature() + b"\x00"]),
    data=st.binary(max_size=200),
    cuts=CUTS,
)
def test_any_bytes_after_a_signature_do_so_too(socket_type, start, data, cuts):
    """Within the greeting of any version."""
    survives(single(socket_type), start + data, cuts)


@STEADY
@given(socket_type=st.sampled_from(sorted(PEERS)), data=st.binary(max_size=200), long=st.booleans(), cuts=CUTS)
def test_any_bytes_for_a_command_do_so_too(socket_type, data, long, cuts):
    """Within the handshake, and as metadata."""
    survives(single(socket_type), greeting3() + data, cuts)
    survives(single(socket_type), greeting3() + frame(data, 4), cuts)
    survives(single(socket_type), greeting3() + command(b"READY", data), cuts)


@STEADY
@given(socket_type=st.sampled_from(sorted(PEERS)), data=st.binary(max_size=200), cuts=CUTS)
def test_any_bytes_in_traffic_do_so_too(socket_type, data, cuts):
    """Whatever the version."""
    peer = sorted(PEERS[socket_type])[0]
    for hello in (hello3(peer), hello3(peer, (3, 0)), greeting2(peer), greeting1(peer), unversioned()):
        survives(single(socket_type), hello + data, cuts)


@STEADY
@given(
    socket_type=st.sampled_from(sorted(PEERS)),
    name=st.sampled_from([b"READY", b"ERROR", b"PING", b"PONG", b"SUBSCRIBE", b"CANCEL", b"JOIN"]),
    data=st.binary(max_size=30),
)
def test_any_data_of_a_command_in_traffic_do_so_too(socket_type, name, data):
    """Of every command there is."""
    survives(single(socket_type), hello3(sorted(PEERS[socket_type])[0]) + command(name, data))


# -- sessions that break off, and those that are bent -----------------------------------------------------------------


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_that_breaks_off_is_no_error_and_no_message(name):
    """Every prefix gives the messages that it completes, and those only."""
    session = SESSIONS[name]
    whole, counts = hear(single("ROUTER"), session), []
    for length in range(len(session) + 1):
        found = hear(single("ROUTER"), session[:length])
        assert found == whole[: len(found)]
        counts.append(len(found))
    assert counts == sorted(counts) and whole[:3] == [[b"one", b"", b"x" * 300], [b"two"], [b"y" * 20]]


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_cut_in_two_anywhere_is_the_same(name):
    """No place in it is special."""
    session = SESSIONS[name]
    whole = hear(single("ROUTER"), session)
    assert all(hear(single("ROUTER"), session, [length]) == whole for length in range(1, len(session)))


@pytest.mark.parametrize("name", SESSIONS)
def test_any_byte_of_a_session_may_be_bent(name):
    """Every offset, with values that mean something elsewhere."""
    session = SESSIONS[name]
    for offset in range(len(session)):
        for value in (0, 1, 2, 3, 4, 6, 0x7F, 0x80, 0xFE, 0xFF, session[offset] ^ 1, session[offset] ^ 0x80):
            survives(single("ROUTER"), session[:offset] + bytes((value,)) + session[offset + 1 :])


def test_any_byte_of_a_subscribers_session_may_be_bent():
    """The same for the commands that only a publisher takes."""
    for offset in range(len(SUBSCRIBER)):
        for value in range(256):
            survives(single("XPUB"), SUBSCRIBER[:offset] + bytes((value,)) + SUBSCRIBER[offset + 1 :])


@pytest.mark.parametrize("name", SESSIONS)
def test_any_byte_of_a_session_may_be_missing_or_doubled(name):
    """All that follows is out of step."""
    session = SESSIONS[name]
    for offset in range(len(session)):
        survives(single("ROUTER"), session[:offset] + session[offset + 1 :])
        survives(single("ROUTER"), session[: offset + 1] + session[offset:])


# -- after the end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [b"\x00\x00", greeting3(mechanism=b"PLAIN"), greeting3() + frame(b"x"), hello3("PUB"), hello3("PUSH") + b"\xff"],
    ids=["1.0", "greeting", "handshake", "type", "traffic"],
)
@pytest.mark.parametrize("more", [b"", b"x", frame(b"late"), hello3("PUSH") + frame(b"late"), b"\xff" * 100], ids=label)
def test_after_an_error_nothing_is_taken(bad, more):
    """A connection that is closed stays so."""
    connection = single("PULL")
    refusal(connection, bad)
    said(connection)
    assert (hear(connection, more, 1), connection.state, said(connection)) == ([], CLOSED, b"")


@pytest.mark.parametrize(
    "heard",
    [b"", greeting3()[:20], greeting3(), hello3("PUSH"), hello3("PUSH") + frame(b"x" * 100)[:50]],
    ids=["nothing", "greeting", "handshake", "traffic", "frame"],
)
def test_after_close_nothing_is_taken(heard):
    """Nor is anything wanted."""
    connection = facing("PULL", heard)
    connection.close()
    assert (hear(connection, hello3("PUSH") + frame(b"late"), 1), said(connection)) == ([], b"")
    assert (connection.state, connection.under_way) == (CLOSED, 0)


# -- the history ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1 << 64) - 1, (1 << 64) - 9, 1 << 63])
def test_c1_a_length_that_wraps_is_refused_before_the_flood(size):
    """CVE-2019-6250."""
    connection, flood = facing("PULL", greeting2("PUSH")), b"A" * MB
    assert peak(lambda: refusal(connection, header(size), flood, cut=4096)) < 2 * MB


@pytest.mark.parametrize("hello", [b"", unversioned(), greeting1("PUSH")], ids=label)
def test_c2_a_length_of_1_0_that_wraps_is_refused(hello):
    """libzmq 1488, in place of the greeting, and after it."""
    attack = b"\xff" * 8 + b"\xda\x00" + b"x" * 5000
    assert refusal(single("PULL"), hello, attack).messages == []
    assert refusal(single("PULL"), hello, attack, cut=1).messages == []


def test_c6_large_messages_of_an_unversioned_peer_may_be_cut_anywhere():
    """CVE-2021-20235: over 8192 octets, neither valid 2.0 nor 3.x."""
    body = bytes(range(256)) * 33
    stream = unversioned() + frame1(body) + frame1(b"end")
    for length in range(1, len(stream)):
        assert hear(single("PULL"), stream, [length]) == [[body], [b"end"]]


def test_c6_a_signature_that_is_none_is_not_a_large_identity():
    """The tenth octet decides; what it makes of the rest is refused."""
    refusal(single("PULL"), b"\xff" + (9000).to_bytes(8, "big") + b"\x00" + b"x" * 9000)


@pytest.mark.parametrize(
    "bad",
    [
        command(b"READY", b"\x09Socket"),
        command(b"READY", b"\x0bSocket-Type\xff\xff\xff\xffPUSH"),
        frame(b"\x09READY", 4),
        command(b"ERROR", b"\xffno"),
        command(b"ERROR"),
    ],
)
def test_c12_malformed_commands_are_refused_in_the_handshake(bad):
    """A name or a value that is longer than what there is."""
    refusal(facing("PULL", greeting3()), bad)


@pytest.mark.parametrize("bad", [command(b"PING"), command(b"PING", b"\x01"), frame(b"\x09PING", 4), frame(b"", 4)])
def test_c12_malformed_commands_are_refused_in_traffic(bad):
    """A PING without its TTL, a name that is cut."""
    refusal(facing("PULL", hello3("PUSH")), bad)


# -- memory -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hello", [signature()[:9], greeting3(), greeting3() + header(65_536, 4)], ids=label)
def test_c13_who_has_not_shaken_hands_cannot_make_us_hold_much(hello):
    """One command of 64 KiB is the most, in whatever crumbs."""
    connection = single("PULL")

    def dribble():
        survives(connection, hello + b"\x04" * 65_000, 1)

    assert peak(dribble) < MB


@pytest.mark.parametrize("bad", [frame(b"x"), b"\xff" * MB, header(1 << 40, 4) + bytes(MB)], ids=label)
def test_what_follows_a_fault_is_not_held(bad):
    """It was refused; it is not needed."""
    connection = single("PULL")
    refusal(connection, greeting3(), bad)
    assert connection.under_way == 0


@pytest.mark.parametrize("name", SESSIONS)
def test_silence_is_no_error(name):
    """Field note C4: how long to wait is not for us to say."""
    connection = single("PULL")
    assert connection.receive_data(b"") == [] and connection.state == GREETING
    connection = facing("ROUTER", SESSIONS[name])
    assert connection.receive_data(b"") == []


def test_what_is_held_is_in_proportion_to_what_has_come():
    """A small frame costs its object, a large one its bytes."""
    connection = facing("PULL", hello3("PUSH"))

    def flood():
        for piece in pieces(frame(b"x" * 100, 1) * 10_000, 1 << 16):
            connection.receive_data(piece)

    assert peak(flood) < 4 * MB
