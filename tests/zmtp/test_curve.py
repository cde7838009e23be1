"""Claims of gzmq.zmtp.curve and curvebox: 25/ZMTP-CURVE and 26/CURVEZMQ, from both sides."""

import pytest
from hypothesis import given

from gzmq.constants import Event, SecurityMechanism
from gzmq.limits import Limits
from gzmq.security import Security
from gzmq.zmtp import CLOSED, TRAFFIC, AuthenticationError, NotAuthenticated, ProtocolError, curvebox

from .credentials import (
    CLIENT_KEYS,
    CURVE_CLIENT,
    CURVE_SERVER,
    PLAIN_CLIENT,
    SERVER_KEYS,
    STRANGER,
    WELCOME,
    exchange,
    greeted,
    married,
)
from .marriage import (
    COUPLES,
    CUTS,
    MESSAGES,
    STEADY,
    command,
    encoded,
    frame,
    greeting3,
    hear,
    peak,
    pieces,
    refusal,
    said,
    single,
    traffic,
)

#: The sizes of what HELLO and WELCOME are as frames, and where the padding of a HELLO is, which means nothing.
HELLO_SIZE, WELCOME_SIZE, PADDING = 202, 170, range(10, 82)
SIZES = [0, 1, 220, 221, 222, 223, 255, 256, 8158, 8159, 8192, 70_000]


def client_with(**changes):
    return Security(SecurityMechanism.CURVE, **{**_OWN, **changes})


_OWN = {"public_key": CLIENT_KEYS[0], "secret_key": CLIENT_KEYS[1], "server_key": SERVER_KEYS[0]}


def handshake(words=4, **config):
    """(client, server, the first so many commands of a handshake, those of the client at even places)."""
    client, server, hello = greeted(**config)
    spoken = [hello]
    for number in range(1, words):
        listener = server if number % 2 else client
        hear(listener, spoken[-1])
        if listener.take_zap_question() is not None:
            listener.zap_replied(None)
        spoken.append(said(listener))
    return client, server, spoken


# -- the handshake --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one, other", COUPLES)
@pytest.mark.parametrize("cut", [None, 1])
def test_every_compatible_couple_gets_along(one, other, cut):
    """Whole and byte by byte, in either role."""
    client, server = married(kinds=(one, other), cut=cut)
    assert (client.state, client.peer_socket_type, server.state, server.peer_socket_type) == (
        TRAFFIC, other, TRAFFIC, one,
    )  # fmt: skip
    assert traffic(client, server, [b"a", b"", b"b"], cut=cut) == [[b"a", b"", b"b"]]
    assert traffic(server, client, [b"c"], [b"x" * 70_000], cut=cut and 100) == [[b"c"], [b"x" * 70_000]]


def test_the_commands_have_the_sizes_of_the_rfc():
    """An answer is never larger than the HELLO that anybody may send."""
    _, _, words = handshake()
    assert [len(word) for word in words[:2]] == [HELLO_SIZE, WELCOME_SIZE]
    assert [word[2 if word[0] == 4 else 9 :][1:6] for word in words] == [b"HELLO", b"WELCO", b"INITI", b"READY"]


@pytest.mark.parametrize("size", [0, 256, 257, 5000, 60_000])
def test_metadata_may_be_long(size):
    """CVE-2019-13132."""
    _, server = married(metadata={b"X-Long": b"x" * size})
    assert server.peer_metadata["X-Long"] == b"x" * size


@pytest.mark.parametrize("number", range(4))
def test_a_changed_command_is_refused(number):
    """Each byte of each command, but for the padding; and by a ProtocolError, whatever it hits."""
    size = len(handshake()[2][number])
    for pos in set(range(size)) - (set(PADDING) if number == 0 else set()):
        client, server, words = handshake(number + 1)
        word = bytearray(words[number])
        word[pos] ^= 1 << pos % 8
        listener = client if number % 2 else server
        try:
            hear(listener, bytes(word) + frame(b"let me in") * 40)
        except ProtocolError:
            assert listener.state == CLOSED
        else:  # it says to be longer than it is
            assert pos < 9 and listener.state != TRAFFIC


@pytest.mark.parametrize("number", range(4))
def test_a_cut_command_is_refused(number):
    """At every place, with a header that says so."""
    body = handshake()[2][number]
    size = len(body) - (2 if body[0] == 4 else 9)
    for end in range(size):
        client, server, words = handshake(number + 1)
        listener = client if number % 2 else server
        refusal(listener, frame(words[number][-size:][:end], 4))
        assert listener.state == CLOSED


@pytest.mark.parametrize("number", range(4))
def test_no_command_is_taken_twice(number):
    """A handshake goes on or ends; after it there is MESSAGE only."""
    client, server, words = handshake(number + 1)
    listener = client if number % 2 else server
    hear(listener, words[number])
    if listener.take_zap_question() is not None:
        listener.zap_replied(None)
    refusal(listener, words[number])


@pytest.mark.parametrize("number", range(4))
def test_a_command_out_of_turn_is_refused(number):
    """Every other one of the same handshake."""
    spoken = handshake()[2]
    for other in set(range(4)) - {number}:
        client, server, _ = handshake(number + 1)
        refusal(client if number % 2 else server, spoken[other])


def test_an_initiate_is_of_use_once_and_here():
    """Its cookie opens in the connection that baked it only, so a recorded handshake cannot be played again."""
    words = handshake()[2]
    server = greeted()[1]
    hear(server, words[0])  # that anybody can do
    assert refusal(server, words[2]).code == Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_between_welcome_and_initiate_the_server_knows_nothing_of_the_client():
    """But what the cookie holds, which the client keeps."""
    _, server, words = handshake(2)
    known, script = [server._early], server._script
    while script is not None:
        known += script.gi_frame.f_locals.values()
        script = script.gi_yieldfrom
    client_short = words[0][82:114]
    assert not [value for value in known if isinstance(value, bytes) and client_short in value]


@pytest.mark.parametrize(
    "security, code",
    [
        (client_with(server_key=STRANGER[0]), Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),
        (client_with(public_key=STRANGER[0]), Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),
        (client_with(secret_key=STRANGER[1]), Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),
        (client_with(public_key=bytes(32)), Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),
    ],
)
def test_wrong_keys_are_refused(security, code):
    """Of the server, and of the client, which must vouch for its short-term key by its own secret."""
    client, server, hello = greeted(security)
    with pytest.raises(ProtocolError) as caught:
        exchange(client, server, hello)
    assert (caught.value.code, server.state) == (code, CLOSED)


def test_a_server_without_the_secret_is_found_out():
    """It cannot open the HELLO; and one that answers all the same has no WELCOME that opens."""
    client, _, _ = handshake(1)
    impostor = Security(SecurityMechanism.CURVE, True, secret_key=STRANGER[1])
    words = exchange(*greeted(client_with(server_key=STRANGER[0]), impostor))
    assert refusal(client, words[1]).code == Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


def test_keys_of_low_order_are_refused():
    """With which the shared secret would be known to all."""
    server = greeted()[1]
    word = bytearray(handshake(1)[2][0])
    word[82:114] = bytes(32)
    assert refusal(server, bytes(word)).code == Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC


@pytest.mark.parametrize("status", [b"300", b"400", b"500"])
def test_the_handler_decides_by_the_long_term_key(status):
    """ERROR carries its status, but for 300."""
    client, server, words = handshake(3)
    hear(server, words[2])
    assert server.take_zap_question() == [b"CURVE", CLIENT_KEYS[0]]
    with pytest.raises(AuthenticationError):
        server.zap_replied([*WELCOME[:3], status, *WELCOME[4:]])
    assert said(server) == (b"" if status == b"300" else command(b"ERROR", b"\x03" + status))


@pytest.mark.parametrize("domain, enforced, let_in", [(b"", 0, 1), (b"x", 0, 1), (b"", 1, 1), (b"x", 1, 0)])
def test_without_a_handler_a_domain_that_is_enforced_keeps_all_out(domain, enforced, let_in):
    """Else the keys alone decide, as in libzmq."""
    server_side = Security(
        SecurityMechanism.CURVE, True, secret_key=SERVER_KEYS[1], zap_domain=domain, enforce_domain=bool(enforced)
    )
    client, server, hello = greeted(server=server_side)
    try:
        exchange(client, server, hello)
    except NotAuthenticated:
        assert not let_in
    assert (server.state == TRAFFIC) == bool(let_in)


def test_an_incompatible_type_is_told_by_the_server():
    """Instead of READY; the client closes in silence."""
    client, server, hello = greeted(kinds=("PUSH", "PUSH"))
    with pytest.raises(ProtocolError):
        exchange(client, server, hello)
    error = refusal(client, said(server))
    assert "peer is PUSH, PUSH talks only to PULL" in error.reason


@pytest.mark.parametrize("other", [b"NULL", b"PLAIN"])
@pytest.mark.parametrize("side", [CURVE_CLIENT, CURVE_SERVER])
def test_other_mechanisms_are_refused(other, side):
    """By either side, at the greeting."""
    error = refusal(single("PULL", security=side), greeting3(mechanism=other))
    assert error.code == Event.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
    refusal(single("PULL", security=PLAIN_CLIENT), greeting3(mechanism=b"CURVE"))


# -- messages -------------------------------------------------------------------------------------------------------


@STEADY
@given(MESSAGES, CUTS)
def test_messages_arrive_in_any_cuts(messages, cuts):
    """Whatever their sizes and frames."""
    client, server = married()
    assert traffic(client, server, *messages, cut=cuts) == messages


@pytest.mark.parametrize("size", SIZES)
def test_frames_carry_neither_more_nor_command_outside(size):
    """As libzmq writes and wants them: what they are is inside the box."""
    client, _ = married()
    wire = encoded(client, [b"x" * size, b"x" * size])
    assert wire[0] in (0, 2)
    assert b"\x07MESSAGE" in wire and b"x" * 8 not in wire  # fewer may well be in a box


def test_message_as_a_command_is_taken_too():
    """25/ZMTP-CURVE calls it one."""
    client, server = married()
    wire = encoded(client, [b"hello"])
    assert hear(server, bytes((4,)) + wire[1:]) == [[b"hello"]]


@pytest.mark.parametrize("size", SIZES)
def test_a_message_is_taken_once(size):
    """A replay is refused, and so is one out of turn: nonces strictly increase."""
    for order in ((0, 0), (1, 0), (0, 1, 1)):
        client, server = married()
        wires = [encoded(client, [b"x" * size]) for _ in range(2)]
        error = refusal(server, *(wires[number] for number in order))
        assert (error.code, len(error.messages)) == (Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE, len(order) - 1)


@pytest.mark.parametrize("size", [0, 300])
def test_a_changed_message_is_refused(size):
    """Each byte; one whose length is another waits for the rest."""
    wire = encoded(married()[0], [b"x" * size])
    for pos in range(len(wire)):
        client, server = married()
        word = bytearray(encoded(client, [b"x" * size]))
        word[pos] ^= 1 << pos % 8
        try:
            got = hear(server, bytes(word))
        except ProtocolError:
            assert server.state == CLOSED
        else:
            assert got == ([[b"x" * size]] if word[0] & 4 else [])


def test_plain_frames_are_refused_after_the_handshake():
    """Messages and commands alike."""
    for word in (frame(b"let me in"), command(b"PING", b"\0\0"), frame(b""), frame(b"\x07MESSAGE", 1)):
        assert refusal(married()[1], word).code == Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


@pytest.mark.parametrize("end", range(8, 33))
def test_a_message_without_a_whole_box_is_refused(end):
    """33 bytes are the least."""
    client, server = married()
    refusal(server, frame(encoded(client, [b""])[2:][:end]))


def test_nonces_go_on_from_the_handshake_and_never_repeat():
    """1 and 2 are the client's HELLO and INITIATE."""
    client, _ = married()
    client.ping(0)
    wire = said(client) + encoded(client, [b"a", b"b"], [b"c"]) + encoded(client, [b"d"])
    sizes, pos = [], 0
    while pos < len(wire):
        sizes.append(wire[pos + 1] + 2)
        pos += sizes[-1]
    assert [int.from_bytes(word[10:18], "big") for word in pieces(wire, sizes)] == [3, 4, 5, 6, 7]


def test_commands_are_sealed():
    """PING, and PONG with its context; nobody outside can tell."""
    client, server = married()
    client.ping(7)
    ping = said(client)
    assert ping[0] == 0 and b"PING" not in ping
    assert (hear(server, ping), server.peer_ttl) == ([], 7)
    pong = said(server)
    assert pong[0] == 0 and b"PONG" not in pong
    assert hear(client, pong) == []


def test_subscriptions_are_sealed():
    """Between messages, and as one of libzmq's: a command to a 3.1 peer, inside the box."""
    sub, pub = married(kinds=("XSUB", "XPUB"))
    wire = encoded(sub, [b"\x01topic"], [b"up", b"two"], [b"\x00topic"])
    assert b"topic" not in wire
    assert hear(pub, wire) == [[b"\x01topic"], [b"up", b"two"], [b"\x00topic"]]


@pytest.mark.parametrize("size, passes", [(100, True), (101, False), (1 << 40, False)])
def test_maxmsgsize_is_of_what_is_in_the_box(size, passes):
    """And nothing is allocated for a length that is merely declared."""
    client, server, hello = greeted(to_server={"max_message_size": 100})
    exchange(client, server, hello)
    if size > 1000:
        error = refusal(server, b"\x02" + size.to_bytes(8, "big"))
        assert "MAXMSGSIZE is 100" in error.reason
    elif passes:
        assert traffic(client, server, [b"x" * size]) == [[b"x" * size]]
    else:
        refusal(server, encoded(client, [b"x" * size]))


def test_an_unfinished_message_is_bounded():
    """Endless MORE, inside the boxes."""
    client, server, hello = greeted(to_server={"limits": Limits(message_frames=100)})
    exchange(client, server, hello)
    error = refusal(server, encoded(client, [b""] * 101))
    assert error.code == Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE


def test_a_declared_length_costs_nothing():
    """1 GiB of it."""
    _, server = married()
    assert peak(lambda: hear(server, b"\x02" + (1 << 29).to_bytes(8, "big") + b"\x07MESSAGE")) < 1 << 16


def begun(size, fill):
    """A server that has half of a large MESSAGE, and the rest of it."""
    client, server = married()
    wire = encoded(client, [fill * size])
    assert hear(server, wire[: size // 2]) == []
    return server, wire[size // 2 :]


@pytest.fixture
def spare(monkeypatch):
    """The rooms to spare, none at first."""
    monkeypatch.setattr(curvebox, "_SPARE", rooms := [])
    return rooms


def test_messages_of_all_connections_come_in_one_room(spare):
    """One after the other, and what was taken out of it before stays what it was."""
    got, rooms = [], set()
    for fill in (b"a", b"b", b"c"):
        server, rest = begun(70_000, fill)
        assert spare == []
        got += hear(server, rest)
        rooms |= set(map(id, spare))
    assert got == [[fill * 70_000] for fill in (b"a", b"b", b"c")] and len(rooms) == len(spare) == 1


@pytest.mark.parametrize("step", [100, 3000, 30_000, 1 << 20])
@pytest.mark.parametrize("ahead", [0, 1, 10, 40, 4096])
def test_messages_come_in_their_room_in_any_cuts(spare, step, ahead):
    """However much is read to it at once, and of what follows."""
    client, server = married()
    bodies = [bytes((n,)) * size for n, size in enumerate((70_000, 20_000, 33, 0, 100_000, 9000))]
    wire, got = encoded(client, *[[body] for body in bodies]), []
    while wire:
        if server.under_way:
            with server.decoder.room(step) as room:
                count = min(len(room), len(wire))
                room[:count] = wire[:count]
            more = ahead if count == server.decoder.wanted else 0
            got += server.filled(count, wire[count : count + more])
            wire = wire[count + more :]
        else:
            got += server.receive_data(wire[:50])
            wire = wire[50:]
    assert got == bodies and not server.under_way


def test_messages_that_come_at_the_same_time_have_rooms_of_their_own(spare):
    """And one of those is kept."""
    one, other = begun(70_000, b"a"), begun(70_000, b"b")
    assert (hear(*other), hear(*one)) == ([[b"b" * 70_000]], [[b"a" * 70_000]])
    assert len(spare) == 1


def test_a_room_that_is_too_small_is_let_go(spare):
    """For one that fits; a smaller message has place in that."""
    for size, kept in ((10_000, 10_033), (70_000, 70_033), (9_000, 70_033)):
        assert hear(*begun(size, b"x")) == [[b"x" * size]]
        assert [room.size for room in spare] == [kept]


def test_a_room_of_more_than_a_megabyte_is_not_kept(spare):
    """Nobody may need it for long."""
    assert hear(*begun(1 << 20, b"x")) == [[b"x" * (1 << 20)]]
    assert spare == []


def test_no_secret_is_in_a_repr_or_an_error():
    """Of what is told about a connection, in bytes or hexadecimal."""
    client, server, words = handshake(3)
    error = refusal(server, words[2][:-1] + b"\0")
    shown = "".join(map(repr, (CURVE_CLIENT, CURVE_SERVER, client, client.config, server, error, error.reason)))
    for key in (CLIENT_KEYS[1], SERVER_KEYS[1], CLIENT_KEYS[0]):
        assert repr(key)[2:-1] not in shown and key.hex() not in shown
