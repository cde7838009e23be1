"""Claims of gzmq.zmtp.command and of NULL: what is said besides messages."""

from collections import deque

import pytest

from gzmq.constants import Event
from gzmq.zmtp import CLOSED, HANDSHAKE, TRAFFIC, PeerError
from gzmq.zmtp.command import reason as reason_of
from gzmq.zmtp.connection import MAX_WAITING_OUTPUT

from .marriage import (
    PEERS,
    command,
    couple,
    facing,
    frame,
    greeting1,
    greeting2,
    greeting3,
    header,
    hear,
    hello3,
    label,
    marry,
    peak,
    property_,
    ready,
    refusal,
    said,
    single,
    traffic,
    unversioned,
    written,
)

PING = command(b"PING", bytes(2))
SIZES = [0, 1, 127, 128, 255]
IDENTITY, TYPE = property_(b"Identity", b"me"), property_(b"Socket-Type", b"DEALER")


def heard(*properties):
    """What a ROUTER makes of these properties."""
    return facing("ROUTER", greeting3(), command(b"READY", *properties))


def unheard(*properties):
    """Why a ROUTER does not take these."""
    return refusal(single("ROUTER"), greeting3(), command(b"READY", *properties))


# -- READY ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("socket_type", PEERS)
def test_ready_says_the_socket_type_in_the_canonical_case(socket_type):
    """libzmq compares names exactly; REQ, DEALER and ROUTER announce their identity."""
    connection = single(socket_type, identity=b"me")
    hear(connection, greeting3())
    announced = [IDENTITY] if socket_type in ("REQ", "DEALER", "ROUTER") else []
    assert said(connection).endswith(ready(socket_type, *announced))


@pytest.mark.parametrize("alter", [bytes.lower, bytes.upper, bytes.swapcase])
def test_names_are_read_in_any_case(alter):
    """37/ZMTP: case is not significant."""
    connection = heard(property_(alter(b"Socket-Type"), b"DEALER"), property_(alter(b"Identity"), b"me"))
    assert (connection.peer_socket_type, connection.peer_identity) == ("DEALER", b"me")
    assert connection.peer_metadata == {"Socket-Type": b"DEALER", "Identity": b"me"}


def test_application_properties_arrive():
    """With their names as they were given, and any bytes for a value."""
    properties = {b"X-hello": b"world", b"X-Empty": b"", b"X-Any": bytes(range(256)) * 100}
    a, b = couple("PUSH", "PULL", metadata=properties)
    assert b.peer_metadata == {"Socket-Type": b"PUSH", **{name.decode(): properties[name] for name in properties}}
    assert (a.state, a.peer_metadata) == (TRAFFIC, {"Socket-Type": b"PULL"})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cut", [None, 1])
def test_identities_of_any_size_arrive(size, cut):
    """READY becomes a long command on the way."""
    a, b = single("DEALER", identity=b"i" * size), single("ROUTER")
    marry(a, b, cut)
    assert b.peer_identity == b"i" * size


@pytest.mark.parametrize("size", [256, 1000, 60_000])
def test_longer_identities_are_refused(size):
    """37/ZMTP: up to 255 octets."""
    fault = unheard(TYPE, property_(b"Identity", b"i" * size))
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA


@pytest.mark.parametrize("identity", [b"\0", b"\0me", b"\0\x12\x34\x56\x78"])
@pytest.mark.parametrize(
    "hello",
    [
        lambda identity: greeting3() + command(b"READY", TYPE, property_(b"Identity", identity)),
        lambda identity: greeting2("DEALER", identity),
        lambda identity: greeting1("DEALER", identity),
        unversioned,
    ],
    ids=["3.1", "2.0", "1.0", "unversioned"],
)
def test_identities_that_begin_with_zero_are_taken(hello, identity):
    """37/ZMTP reserves them, but libzmq sends and takes them, and a random one begins so now and then."""
    router = single("ROUTER")
    router.receive_data(hello(identity))
    assert router.peer_identity == identity


def test_no_identity_is_an_empty_one():
    """It is not required."""
    assert heard(TYPE).peer_identity == b""


@pytest.mark.parametrize("name", [b"a", b"X-a.b_c+d-9", b"x" * 255], ids=label)
def test_legal_names_are_taken(name):
    """Letters, digits, and -_.+ up to 255 octets."""
    assert heard(TYPE, property_(name, b"1")).peer_metadata[name.decode()] == b"1"


@pytest.mark.parametrize("name", [b"", b" ", b"a b", b"a\0", b"\xff", b"a/b", b"a:", "\u00e9".encode()])
def test_illegal_names_are_refused(name):
    """The empty one, too."""
    fault = unheard(TYPE, property_(name, b"1"))
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA


@pytest.mark.parametrize("again", [b"Identity", b"identity", b"IDENTITY"])
def test_a_property_that_is_there_twice_is_refused(again):
    """In whatever case."""
    fault = unheard(TYPE, IDENTITY, property_(again, b"you"))
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA


@pytest.mark.parametrize("declared", [3, 255, 1 << 16, (1 << 31) - 1, 1 << 31, (1 << 32) - 1])
def test_a_value_longer_than_what_remains_is_refused(declared):
    """Field note C12."""
    fault = unheard(TYPE, b"\x08Identity", declared.to_bytes(4, "big"), b"me")
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY


@pytest.mark.parametrize("length", range(1, len(IDENTITY)))
def test_metadata_cut_anywhere_are_refused(length):
    """A name without its size, a size without its value."""
    unheard(TYPE, IDENTITY[:length])


def test_ready_may_have_a_long_header():
    """Whatever its size."""
    body = ready("PUSH")[2:]
    assert facing("PULL", greeting3(), header(len(body), 4), body).state == TRAFFIC


@pytest.mark.parametrize("size", [65_537, 1 << 20, 1 << 31, 1 << 63, (1 << 64) - 1])
def test_a_handshake_command_of_unbelievable_size_is_refused_by_its_header(size):
    """Before any of it is held."""
    connection = facing("PULL", greeting3())
    assert peak(lambda: refusal(connection, header(size, 4))) < 1 << 20
    assert connection.state == CLOSED


def test_metadata_may_fill_a_handshake_command():
    """64 KiB of it."""
    value = b"x" * (65_536 - len(ready("PUSH")[2:]) - len(property_(b"X-A", b"")))
    connection = facing("PULL", greeting3(), ready("PUSH", property_(b"X-A", value)))
    assert connection.peer_metadata["X-A"] == value


@pytest.mark.parametrize(
    "early", [frame(b"x"), frame(b"x", 1), header(300), b"\x05\x00", b"\x07\x00", b"\x0c", b"\xff"]
)
def test_nothing_but_a_command_may_come_before_ready(early):
    """A message is refused, and what is no frame at all."""
    connection = single("PULL")
    fault = refusal(connection, greeting3(), early)
    assert (fault.code, connection.state) == (Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND, CLOSED)


@pytest.mark.parametrize("name", [b"PING", b"SUBSCRIBE", b"HELLO", b"INITIATE", b"ready", b"READYX"])
def test_no_other_command_may_come_before_ready(name):
    """READY or ERROR is due."""
    fault = refusal(single("PULL"), greeting3(), command(name, bytes(2)))
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00READY", b"\x06READY", b"\xffREADY"])
@pytest.mark.parametrize("hello", [greeting3(), hello3("PUSH")], ids=["handshake", "traffic"])
def test_a_command_without_a_whole_name_is_refused(hello, body):
    """Field note C12: in the handshake and after it."""
    fault = refusal(single("PULL"), hello, frame(body, 4))
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED


# -- ERROR ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hello", [greeting3(), hello3("PUSH")], ids=["handshake", "traffic"])
@pytest.mark.parametrize("reason", [b"no such luck", b"", b"x" * 255], ids=len)
def test_an_error_of_the_peer_tells_its_reason(hello, reason):
    """In the handshake and after it."""
    connection = single("PULL")
    fault = refusal(connection, hello, command(b"ERROR", bytes((len(reason),)), reason))
    assert isinstance(fault, PeerError) and reason.decode() in fault.reason
    assert connection.state == CLOSED


@pytest.mark.parametrize("hello", [greeting3(), hello3("PUSH")], ids=["handshake", "traffic"])
def test_a_reason_may_be_any_bytes(hello):
    """It is shown as far as it can be."""
    fault = refusal(single("PULL"), hello, command(b"ERROR", b"\x04\xff\x00ok"))
    assert isinstance(fault, PeerError) and "ok" in fault.reason


@pytest.mark.parametrize("hello", [greeting3(), hello3("PUSH")], ids=["handshake", "traffic"])
@pytest.mark.parametrize("data", [b"", b"\x01", b"\x05four", b"\xfffour"])
def test_an_error_with_a_bad_length_is_malformed(hello, data):
    """Field note C12."""
    fault = refusal(single("PULL"), hello, command(b"ERROR", data))
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR


@pytest.mark.parametrize("size", [0, 255, 256, 1000])
def test_our_reason_is_cut_to_what_its_command_can_hold(size):
    """Its size is one octet."""
    reason = b"x" * min(size, 255)
    assert reason_of("x" * size) == bytes((len(reason),)) + reason


def test_an_error_does_not_lose_the_messages_before_it():
    """They were meant."""
    fault = refusal(single("PULL"), hello3("PUSH"), frame(b"one"), command(b"ERROR", b"\x00"))
    assert (type(fault), fault.messages) == (PeerError, [b"one"])


# -- PING and PONG --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(17))
def test_a_ping_is_answered_with_its_context(size):
    """0 to 16 octets come back as they are."""
    connection = facing("PULL", hello3("PUSH"))
    context = bytes(range(200, 200 + size))
    assert hear(connection, command(b"PING", b"\x00\x00", context)) == []
    assert said(connection) == command(b"PONG", context)


@pytest.mark.parametrize("size", [17, 100, 1000])
def test_a_longer_context_is_refused(size):
    """37/ZMTP: it must not exceed 16."""
    connection = facing("PULL", hello3("PUSH"))
    refusal(connection, command(b"PING", b"\x00\x00", b"x" * size))
    assert said(connection) == b""


@pytest.mark.parametrize("ttl", [b"", b"\x00"])
def test_a_ping_without_a_ttl_is_refused(ttl):
    """Field note C12: it has two octets."""
    refusal(facing("PULL", hello3("PUSH")), command(b"PING", ttl))


@pytest.mark.parametrize("ttl", [0, 1, 255, 256, 65_535])
def test_the_ttl_is_what_the_peer_promises(ttl):
    """16 bits, in tenths of a second; the last one holds."""
    connection = facing("PULL", hello3("PUSH"), command(b"PING", b"\x12\x34"))
    hear(connection, command(b"PING", ttl.to_bytes(2, "big")))
    assert connection.peer_ttl == ttl


@pytest.mark.parametrize("socket_type", PEERS)
@pytest.mark.parametrize("cut", [None, 1])
def test_pings_may_come_anywhere(socket_type, cut):
    """Field note B7: before, between and inside multiparts, to every type."""
    connection = facing(socket_type, hello3(sorted(PEERS[socket_type])[0]))
    stream = PING + frame(b"a", 1) + PING + frame(b"b") + PING + frame(b"c", 1) + PING + PING + frame(b"d") + PING
    assert hear(connection, stream, cut) == [[b"a", b"b"], [b"c", b"d"]]
    assert said(connection) == command(b"PONG") * 6


@pytest.mark.parametrize("promise", [0, 1, 655])
def test_our_ping_gets_a_pong_and_no_message(promise):
    """And the peer knows what we promise."""
    a, b = couple("DEALER", "ROUTER")
    a.ping(promise)
    assert hear(b, said(a)) == []
    assert b.peer_ttl == promise
    assert hear(a, said(b)) == [] and said(a) == b""


def test_our_ping_is_as_the_specification_says():
    """A TTL of two octets, and no context."""
    connection = facing("PUSH", hello3("PULL"))
    connection.ping(300)
    assert said(connection) == command(b"PING", b"\x01\x2c")


@pytest.mark.parametrize("context", [b"", b"x" * 16, b"x" * 300], ids=len)
def test_a_pong_is_no_message(context):
    """Nor is one that nobody asked for."""
    connection = facing("PULL", hello3("PUSH"))
    assert hear(connection, frame(b"a", 1) + command(b"PONG", context) + frame(b"b")) == [[b"a", b"b"]]
    assert said(connection) == b""


@pytest.mark.parametrize("batch", [1, 1000])
def test_endless_pings_whose_pongs_nobody_takes_are_refused(batch):
    """What waits to be sent is bounded, however they come."""
    connection = facing("PULL", hello3("PUSH"))
    refusal(connection, PING * (2 * MAX_WAITING_OUTPUT), cut=batch * len(PING))
    assert len(connection.output) <= MAX_WAITING_OUTPUT + 1


def test_pings_whose_pongs_are_taken_may_come_for_ever():
    """Only what waits counts."""
    connection = facing("PULL", hello3("PUSH"))
    for _ in range(MAX_WAITING_OUTPUT // 50):
        hear(connection, PING * 100)
        assert said(connection) == command(b"PONG") * 100


# -- SUBSCRIBE and CANCEL -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("publisher", ["PUB", "XPUB"])
@pytest.mark.parametrize("topic", [b"", b"t", b"\x00", b"t" * 300], ids=label)
def test_subscribe_and_cancel_become_messages(publisher, topic):
    """The pattern sees what older peers send."""
    connection = facing(publisher, hello3("SUB"))
    stream = command(b"SUBSCRIBE", topic) + command(b"CANCEL", topic)
    assert hear(connection, stream) == [[b"\x01" + topic], [b"\x00" + topic]]


def test_a_cancel_of_what_was_never_subscribed_is_a_message_too():
    """Field note C12: whether it means anything is for the pattern to say."""
    assert hear(facing("XPUB", hello3("SUB")), command(b"CANCEL", b"never")) == [[b"\x00never"]]


@pytest.mark.parametrize("publisher", ["PUB", "XPUB"])
def test_subscriptions_as_messages_are_taken_from_a_3_1_peer(publisher):
    """libzmq's XSUB sends them so."""
    assert hear(facing(publisher, hello3("XSUB")), frame(b"\x01t") + frame(b"\x00t")) == [[b"\x01t"], [b"\x00t"]]


def test_a_subscription_inside_a_multipart_is_one_of_its_own():
    """Field note B7: it does not leak into the message."""
    connection = facing("XPUB", hello3("XSUB"))
    stream = frame(b"a", 1) + command(b"SUBSCRIBE", b"t") + frame(b"b")
    assert hear(connection, stream) == [[b"\x01t"], [b"a", b"b"]]


def test_topics_of_several_megabytes_are_taken():
    """Field note C7."""
    connection, topic = facing("PUB", hello3("SUB")), b"t" * (4 << 20)
    stream = command(b"SUBSCRIBE", topic) + command(b"CANCEL", topic)
    assert hear(connection, stream, 1 << 16) == [[b"\x01" + topic], [b"\x00" + topic]]


@pytest.mark.parametrize("socket_type", sorted(PEERS.keys() - {"PUB", "XPUB"}))
@pytest.mark.parametrize("name", [b"SUBSCRIBE", b"CANCEL"])
def test_only_publishers_can_be_subscribed_to(socket_type, name):
    """To others it is no command."""
    connection = facing(socket_type, hello3(sorted(PEERS[socket_type])[0]))
    fault = refusal(connection, command(name, b"t"))
    assert (fault.code, connection.state) == (Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND, CLOSED)


@pytest.mark.parametrize("subscriber", ["SUB", "XSUB"])
@pytest.mark.parametrize("topic", [b"", b"t", b"t" * 245, b"t" * 246, b"t" * 300], ids=len)
def test_subscribers_send_commands_to_a_3_1_peer(subscriber, topic):
    """Short or long, as their bodies are."""
    connection = facing(subscriber, hello3("PUB"))
    stream = command(b"SUBSCRIBE", topic) + command(b"CANCEL", topic)
    assert written(connection.encode, [b"\x01" + topic], [b"\x00" + topic]) == stream


def test_other_messages_of_a_subscriber_stay_messages():
    """An XSUB may send anything upstream."""
    a, b = couple("XSUB", "XPUB")
    messages = [[b"hello"], [b""], [b"\x02t"], [b"\x01t", b"part"], [b"\x01t"], [b"x" * 9000]]
    assert traffic(a, b, *messages) == messages
    assert written(a.encode, [b"\x01t", b"part"]) == frame(b"\x01t", 1) + frame(b"part")


def test_messages_of_a_publisher_stay_messages():
    """Whatever they begin with."""
    a, b = couple("PUB", "SUB")
    assert written(a.encode, [b"\x01t"]) == frame(b"\x01t")
    assert traffic(a, b, [b"\x01t"], [b"\x00"]) == [[b"\x01t"], [b"\x00"]]


@pytest.mark.parametrize("message", [[b"\x01"], [b"\x01" + b"t" * 100], [b""], [b"hello", b""]])
def test_a_batch_of_a_subscriber_respects_its_limit(message):
    """50 000 topics are not written at once."""
    connection = facing("XSUB", hello3("XPUB"))
    queue, buffers = deque([message] * 20_000), []
    connection.encode(queue, buffers, 1000)
    assert 0 < sum(map(len, buffers)) < 13_000


def test_the_order_of_subscriptions_and_messages_is_kept():
    """Within one batch."""
    a, b = couple("XSUB", "XPUB")
    messages = [[b"\x01a"], [b"one"], [b"\x00a"], [b"two", b"parts"], [b"\x01b"]] * 3
    assert traffic(a, b, *messages, cut=5) == messages


# -- the rest -------------------------------------------------------------------------------------------------------


def test_ready_again_is_refused():
    """The handshake is over."""
    fault = refusal(facing("PULL", hello3("PUSH")), ready("PUSH"))
    assert fault.code == Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND


@pytest.mark.parametrize("name", [b"JOIN", b"ping", b"X", b"x" * 255], ids=label)
def test_unknown_commands_are_ignored(name):
    """Later versions may have them."""
    connection = facing("PULL", hello3("PUSH"))
    assert hear(connection, frame(b"a", 1) + command(name, b"data") + frame(b"b"), 3) == [[b"a", b"b"]]
    assert (connection.state, said(connection)) == (TRAFFIC, b"")


@pytest.mark.parametrize("flags", [b"\x05", b"\x07"])
def test_a_command_has_no_more(flags):
    """37/ZMTP: the bit is zero on commands."""
    refusal(facing("PULL", hello3("PUSH")), flags, PING[1:])


def test_the_handshake_ends_with_the_peers_ready():
    """Not with ours."""
    connection = facing("PULL", greeting3(), ready("PUSH")[:-1])
    assert connection.state == HANDSHAKE
    hear(connection, ready("PUSH")[-1:])
    assert connection.state == TRAFFIC


def test_an_identity_may_not_be_too_long_before_3_0_either():
    """The bound is the same."""
    refusal(single("ROUTER"), greeting2("DEALER")[:12], header(256), b"i" * 256)
