"""Claims of gzmq.zmtp.greeting: whom we find at the other end, and how both go on from there."""

from contextlib import suppress

import pytest

from gzmq.constants import Event, SecurityMechanism
from gzmq.security import Security
from gzmq.zmtp import CLOSED, GREETING, HANDSHAKE, TRAFFIC, ProtocolError

from .marriage import (
    COUPLES,
    NUMBERS,
    command,
    facing,
    frame,
    frame1,
    greeting1,
    greeting2,
    greeting3,
    header1,
    hear,
    hello3,
    label,
    marry,
    pieces,
    ready,
    refusal,
    said,
    signature,
    single,
    traffic,
    unversioned,
    written,
)

ROLES = [False, True]
LONG = b"x" * 70_000


# -- our own kind ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one, other", COUPLES)
@pytest.mark.parametrize("cut", [None, 1])
def test_every_compatible_couple_gets_along(one, other, cut):
    """Each learns the other's type, and messages go both ways."""
    a, b = single(one), single(other, security=Security(as_server=True))
    assert marry(a, b, cut) == ([], [])
    assert (a.state, a.peer_socket_type, b.state, b.peer_socket_type) == (TRAFFIC, other, TRAFFIC, one)
    assert traffic(a, b, [b"a", b"", b"b"], cut=cut) == [[b"a", b"", b"b"]]
    assert traffic(b, a, [b"c"], [LONG], cut=cut and 100) == [[b"c"], [LONG]]


@pytest.mark.parametrize("cut", [2, 9, 10, 11, 12, 63, 64, 65])
def test_the_cuts_of_a_greeting_make_no_difference(cut):
    """Those around its borders, too."""
    a, b = single("REQ", identity=b"me"), single("ROUTER")
    marry(a, b, cut)
    assert (a.state, b.state, b.peer_identity, b.peer_version) == (TRAFFIC, TRAFFIC, b"me", (3, 1))


@pytest.mark.parametrize("identity", [b"", b"me", b"x" * 255], ids=len)
def test_ten_octets_go_out_before_anything_came_in(identity):
    """They are the signature of 3.1, and the header of an identity to a peer of 1.0."""
    assert said(single("DEALER", identity=identity)) == signature(identity)


@pytest.mark.parametrize("came, due", [(0, 10), (9, 10), (10, 11), (11, 64), (63, 64)])
def test_no_more_goes_out_than_what_came_in_allows(came, due):
    """The major version after a signature, the rest after a major version of our kind."""
    connection = single("PUSH")
    hear(connection, greeting3()[:came], 1)
    assert said(connection) == greeting3()[:due]
    assert connection.state == GREETING


def test_ready_follows_the_greeting():
    """Without waiting for the peer's: both may be first."""
    connection = facing("PUSH", greeting3()[:63])
    hear(connection, greeting3()[63:])
    assert (said(connection), connection.state) == (ready("PUSH"), HANDSHAKE)


@pytest.mark.parametrize("as_server", ROLES)
@pytest.mark.parametrize("mechanism", SecurityMechanism.__members__)
def test_our_greeting_says_which_side_we_are(as_server, mechanism):
    """In the octet behind the mechanism, which must be 0 for NULL."""
    connection = single(security=Security(SecurityMechanism[mechanism], as_server))
    with suppress(ProtocolError):  # of another mechanism
        hear(connection, greeting3())
    expected = greeting3(mechanism=mechanism.encode(), as_server=int(as_server and mechanism != "NULL"))
    assert said(connection).startswith(expected)


@pytest.mark.parametrize("as_server", ROLES)
@pytest.mark.parametrize("theirs", [0, 1])
def test_as_server_of_the_peer_has_no_significance(as_server, theirs):
    """37/ZMTP under NULL; libzmq always says 0."""
    connection = facing("PULL", greeting3(as_server=theirs) + ready("PUSH"), security=Security(as_server=as_server))
    assert connection.state == TRAFFIC


@pytest.mark.parametrize("cut", [None, 1, [64], [70]])
def test_greeting_ready_and_messages_may_come_together(cut):
    """One segment may hold all of it."""
    connection = single("PULL")
    stream = hello3("PUSH") + frame(b"one") + frame(b"two", 1) + frame(b"three") + frame(b"unfinished", 1)
    assert hear(connection, stream, cut) == [[b"one"], [b"two", b"three"]]
    assert connection.state == TRAFFIC


def test_a_fault_right_behind_the_handshake_does_not_lose_the_messages_before_it():
    """All of it in one segment."""
    error = refusal(single("PULL"), hello3("PUSH"), frame(b"one"), b"\xff")
    assert error.messages == [b"one"]


@pytest.mark.parametrize("padding", [bytes(8), b"\xff" * 8, (256).to_bytes(8, "big")])
def test_the_padding_has_no_significance(padding):
    """37/ZMTP: it must not be validated."""
    connection = facing("PULL", b"\xff" + padding + hello3("PUSH")[9:])
    assert connection.state == TRAFFIC


@pytest.mark.parametrize("tenth", [0x01, 0x7F, 0xFF])
def test_the_lowest_bit_of_the_tenth_octet_decides(tenth):
    """37/ZMTP: set, it is a signature's; clear, it would be the flags of an identity."""
    start = signature()[:9] + bytes((tenth,))
    assert facing("PULL", start + hello3("PUSH")[10:]).peer_version == (3, 1)


def test_the_filler_has_no_significance():
    """Later versions may fill it."""
    connection = facing("PULL", greeting3()[:33] + b"\xff" * 31 + ready("PUSH"))
    assert connection.state == TRAFFIC


@pytest.mark.parametrize("version", [(3, 1), (3, 2), (3, 5), (3, 255), (4, 0), (4, 1), (9, 9), (255, 255)])
def test_peers_of_higher_versions_are_spoken_to_in_ours(version):
    """37/ZMTP: they must be accepted; it is they who step down."""
    connection = facing("SUB", hello3("PUB", version))
    assert (connection.state, connection.peer_version, connection.can_ping) == (TRAFFIC, version, True)
    assert written(connection.encode, [b"\x01t"]) == command(b"SUBSCRIBE", b"t")


# -- 3.0 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subscriber", ["SUB", "XSUB"])
def test_a_3_0_peer_gets_subscriptions_as_messages(subscriber):
    """23/ZMTP has no SUBSCRIBE; nor has it PING."""
    connection = facing(subscriber, hello3("XPUB", (3, 0)))
    assert (connection.peer_version, connection.can_ping) == ((3, 0), False)
    assert written(connection.encode, [b"\x01t"], [b"\x00t"]) == frame(b"\x01t") + frame(b"\x00t")


@pytest.mark.parametrize("publisher", ["PUB", "XPUB"])
def test_subscriptions_of_a_3_0_peer_are_messages(publisher):
    """As they are to the pattern."""
    connection = facing(publisher, hello3("SUB", (3, 0)))
    assert hear(connection, frame(b"\x01t") + frame(b"\x00t")) == [[b"\x01t"], [b"\x00t"]]


def test_a_3_0_peer_gets_the_whole_greeting_and_ready():
    """Our version is in it; what follows is the same."""
    connection = single("PUSH")
    hear(connection, hello3("PULL", (3, 0)))
    assert said(connection) == greeting3() + ready("PUSH")


# -- mechanisms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"CURVE", b"", b"null", b"NULLX", b"NULL\0X", b"\xff" * 20], ids=label)
def test_another_mechanism_is_refused(mechanism):
    """37/ZMTP: unless it matches exactly."""
    connection = single("PULL")
    error = refusal(connection, greeting3(mechanism=mechanism))
    assert (error.code, connection.state) == (Event.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, CLOSED)
    assert "NULL" in error.reason


def test_a_refused_mechanism_has_had_our_whole_greeting():
    """37/ZMTP: who reads a greeting to its end must send one, so that both know why."""
    connection = single("PULL")
    refusal(connection, greeting3(mechanism=b"CURVE"))
    assert said(connection) == greeting3()


def test_null_is_refused_where_more_is_asked_for():
    """Before its READY is looked at."""
    error = refusal(single("PULL", security=Security(SecurityMechanism.PLAIN)), hello3("PUSH"))
    assert error.code == Event.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH


@pytest.mark.parametrize("mechanism", ["PLAIN", "CURVE"])
@pytest.mark.parametrize(
    "hello", [unversioned(b"me"), greeting1("PUSH"), greeting2("PUSH"), greeting2("PUSH", b"", 2)], ids=label
)
@pytest.mark.parametrize("cut", [None, 1])
def test_a_downgrade_does_not_skip_authentication(mechanism, hello, cut):
    """Field note C9: peers before 3.0 have none."""
    error = refusal(
        single("PULL", security=Security(SecurityMechanism[mechanism])), hello, frame(b"let me in") * 100, cut=cut
    )
    assert (error.code, error.messages) == (Event.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, [])


# -- 2.0 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_server", ROLES)
@pytest.mark.parametrize("cut", [None, 1])
@pytest.mark.parametrize("revision", [1, 2])
def test_a_2_0_peer_and_we_exchange_identities_and_messages(as_server, cut, revision):
    """In frames like ours, after a greeting with the type and the identity."""
    connection = single("ROUTER", identity=b"us", security=Security(as_server=as_server))
    stream = greeting2("DEALER", b"them", revision) + frame(b"a", 1) + frame(LONG)
    assert hear(connection, stream, cut) == [[b"a", LONG]]
    assert said(connection) == signature(b"us") + b"\x03" + bytes((NUMBERS["ROUTER"],)) + frame(b"us")
    assert written(connection.encode, [b"b", LONG]) == frame(b"b", 1) + frame(LONG)


def test_a_2_0_peer_is_known():
    """By its version, its type and its identity; it has no READY and knows no PING."""
    peer = facing("ROUTER", greeting2("DEALER", b"them"))
    assert (peer.state, peer.peer_version, peer.can_ping) == (TRAFFIC, (2, 0), False)
    assert (peer.peer_socket_type, peer.peer_identity, peer.peer_metadata) == ("DEALER", b"them", {})


@pytest.mark.parametrize("came, more", [(10, b"\x03"), (11, b"\x08"), (12, frame(b""))])
def test_what_a_2_0_peer_gets_and_when(came, more):
    """Each part when what came in has shown that it is meant."""
    connection = facing("PUSH", greeting2("PULL")[: came - 1])
    hear(connection, greeting2("PULL")[came - 1 : came])
    assert said(connection) == more


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255])
def test_identities_of_any_size_go_both_ways_with_2_0(size):
    """They are short frames."""
    identity = b"i" * size
    connection = single("DEALER", identity=identity)
    hear(connection, greeting2("ROUTER", identity), 1)
    assert connection.peer_identity == identity
    assert said(connection).endswith(frame(identity))


def test_an_identity_of_2_0_may_have_a_long_header():
    """As any frame may."""
    hello = greeting2("DEALER")[:12] + b"\x02" + (4).to_bytes(8, "big") + b"them"
    assert facing("ROUTER", hello).peer_identity == b"them"


@pytest.mark.parametrize("start", [b"\x01\x00", b"\x04\x00", b"\x08\x00", b"\x02" + (256).to_bytes(8, "big")])
def test_what_is_no_identity_is_refused(start):
    """One frame of up to 255 octets, no more and no command."""
    refusal(single("ROUTER"), greeting2("DEALER")[:12] + start)


@pytest.mark.parametrize("subscriber, publisher", [("SUB", "PUB"), ("XSUB", "PUB"), ("SUB", "XPUB"), ("XSUB", "XPUB")])
@pytest.mark.parametrize("greet", [greeting2, greeting1])
def test_subscriptions_are_messages_to_and_from_older_peers(greet, subscriber, publisher):
    """15/ZMTP: \\x01 or \\x00, and the topic."""
    wire = frame if greet is greeting2 else frame1
    ours = facing(subscriber, greet(publisher))
    assert written(ours.encode, [b"\x01t"], [b"\x00t"]) == wire(b"\x01t") + wire(b"\x00t")
    assert hear(facing(publisher, greet(subscriber)), wire(b"\x01t") + wire(b"\x00t")) == [[b"\x01t"], [b"\x00t"]]


def test_a_2_0_peer_has_no_commands():
    """Bits 2 to 7 are reserved there."""
    refusal(facing("PULL", greeting2("PUSH")), command(b"PING", bytes(2)))


# -- 1.0 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_server", ROLES)
@pytest.mark.parametrize("cut", [None, 1])
def test_a_versioned_1_0_peer_and_we_exchange_identities_and_messages(as_server, cut):
    """A greeting like that of 2.0, and the frames of 1.0 from the identity on."""
    connection = single("ROUTER", identity=b"us", security=Security(as_server=as_server))
    stream = greeting1("DEALER", b"them") + frame1(b"a", 1) + frame1(LONG)
    assert hear(connection, stream, cut) == [[b"a", LONG]]
    assert said(connection) == signature(b"us") + b"\x03" + bytes((NUMBERS["ROUTER"],)) + frame1(b"us")
    assert written(connection.encode, [b"b", LONG]) == frame1(b"b", 1) + frame1(LONG)


@pytest.mark.parametrize("size", [0, 1, 253, 254, 255])
def test_identities_of_any_size_go_both_ways_with_versioned_1_0(size):
    """From 254 on the header is a long one."""
    identity = b"i" * size
    connection = single("DEALER", identity=identity)
    hear(connection, greeting1("ROUTER", identity), 1)
    assert (connection.peer_version, connection.peer_identity) == ((1, 0), identity)
    assert said(connection).endswith(frame1(identity))


@pytest.mark.parametrize("as_server", ROLES)
@pytest.mark.parametrize("cut", [None, 1])
def test_an_unversioned_1_0_peer_and_we_exchange_identities_and_messages(as_server, cut):
    """It takes our signature for the header of our identity."""
    connection = single("ROUTER", identity=b"us", security=Security(as_server=as_server))
    stream = unversioned(b"them") + frame1(b"a", 1) + frame1(LONG)
    assert hear(connection, stream, cut) == [[b"a", LONG]]
    assert said(connection) == signature(b"us") + b"us"
    assert written(connection.encode, [b"b", LONG]) == frame1(b"b", 1) + frame1(LONG)


@pytest.mark.parametrize("size", [0, 1, 253, 254, 255])
@pytest.mark.parametrize("cut", [None, 1])
def test_identities_of_any_size_come_from_unversioned_peers(size, cut):
    """From 254 on the header starts like a signature, and ends unlike one."""
    connection = single("ROUTER")
    assert hear(connection, unversioned(b"i" * size) + frame1(b"x"), cut) == [[b"x"]]
    assert (connection.peer_version, connection.peer_identity) == ((1, 0), b"i" * size)


def test_a_short_identity_may_have_a_long_header():
    """13/ZMTP allows it."""
    assert facing("ROUTER", header1(5) + b"them").peer_identity == b"them"


def test_an_unversioned_peer_has_no_type():
    """It does not say, so it is not asked; nor does it know PING."""
    connection = facing("PULL", unversioned())
    assert (connection.state, connection.peer_socket_type, connection.can_ping) == (TRAFFIC, "", False)


@pytest.mark.parametrize(
    "start", [b"\x00\x00", b"\x05\x01", header1(0), header1(257), header1(1 << 63), header1(5, 2)], ids=label
)
def test_what_is_no_identity_of_1_0_is_refused(start):
    """A length of nothing, flags, or more than 255 octets."""
    refusal(single("ROUTER"), start)


@pytest.mark.parametrize("hello", [greeting2("SUB"), greeting1("SUB"), unversioned()], ids=label)
def test_a_subscription_may_come_with_the_greeting(hello):
    """All of it in one segment."""
    wire = frame if hello == greeting2("SUB") else frame1
    assert hear(single("PUB"), hello + wire(b"\x01t")) == [[b"\x01t"]]


@pytest.mark.parametrize(
    "hello", [greeting3(), greeting2("DEALER", b"me"), greeting1("DEALER", b"me"), unversioned(b"me")], ids=label
)
def test_a_greeting_under_way_is_no_message(hello):
    """Nothing is ready before its end."""
    connection = single("ROUTER")
    for piece in pieces(hello[:-1], 1):
        assert connection.receive_data(piece) == []
        assert (connection.state, connection.under_way) == (GREETING, 0)
