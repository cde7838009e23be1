"""Claims of gzmq.zmtp.shapes: types whose messages have one frame, or a group and a body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmq.constants import Event
from gzmq.zmtp import CLOSED, TRAFFIC, IncompatiblePeer

from .marriage import (
    BODIES,
    CUTS,
    DRAFTS,
    STEADY,
    command,
    couple,
    facing,
    frame,
    greeting1,
    greeting2,
    greeting3,
    hear,
    hello3,
    label,
    marry,
    peak,
    refusal,
    said,
    single,
    traffic,
    unversioned,
    written,
)

ONE_FRAME = sorted(set(DRAFTS) - {"RADIO", "DISH"})
COUPLES = [(one, other) for one in DRAFTS for other in sorted(DRAFTS[one])]
LONG_GROUP = b"g" * 255


def facing3(socket_type):
    """A connection whose peer has shaken hands."""
    (peer,) = DRAFTS[socket_type]
    return facing(socket_type, hello3(peer))


@pytest.mark.parametrize("one, other", COUPLES)
@pytest.mark.parametrize("cut", [None, 1])
def test_a_couple_marries(one, other, cut):
    """Both know whom they have."""
    a, b = single(one), single(other)
    marry(a, b, cut)
    assert (a.state, a.peer_socket_type) == (TRAFFIC, other)
    assert (b.state, b.peer_socket_type) == (TRAFFIC, one)


@pytest.mark.parametrize("one", DRAFTS)
@pytest.mark.parametrize("other", ["DEALER", "PAIR", "SUB", *DRAFTS])
def test_all_others_are_refused(one, other):
    """Each talks to one type only."""
    if other not in DRAFTS[one]:
        assert isinstance(refusal(single(one), hello3(other)), IncompatiblePeer)


@pytest.mark.parametrize("kind", DRAFTS)
@pytest.mark.parametrize("hello", [greeting2("PAIR"), greeting1("PAIR"), unversioned()], ids=label)
def test_peers_before_3_0_are_refused(kind, hello):
    """None of their versions knows these types."""
    error = refusal(single(kind), hello)
    assert isinstance(error, IncompatiblePeer) and f"has no {kind}" in error.reason


# -- one frame ---------------------------------------------------------------------------------------------------------


@STEADY
@given(st.lists(st.lists(BODIES, min_size=1, max_size=3), max_size=8), CUTS, st.sampled_from(ONE_FRAME))
def test_messages_of_more_frames_are_passed_over(messages, cut, kind):
    """41/CLISRV: "MUST discard any part of a multipart message"; those around it arrive."""
    connection = facing3(kind)
    data = b"".join(frame(body, at < len(m) - 1) for m in messages for at, body in enumerate(m))
    assert hear(connection, data, cut) == [message for message in messages if len(message) == 1]


@pytest.mark.parametrize("kind", ONE_FRAME)
def test_a_ping_within_a_message_that_is_passed_over(kind):
    """It is answered."""
    connection = facing3(kind)
    assert hear(connection, frame(b"a", 1) + command(b"PING", bytes(2)) + frame(b"b") + frame(b"c")) == [[b"c"]]
    assert said(connection) == command(b"PONG")


def test_endless_frames_are_not_kept():
    """A peer that sends MORE for ever costs no memory."""
    connection = facing3("SERVER")
    part = frame(b"x" * 1000, 1)

    def flood():
        for _ in range(2000):
            assert hear(connection, part) == []

    assert peak(flood) < 100_000


# -- RADIO and DISH ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(3, 0), (3, 1)])
@pytest.mark.parametrize("group", [b"", b"news", LONG_GROUP], ids=label)
@pytest.mark.parametrize("mark, name", [(b"\1", b"JOIN"), (b"\0", b"LEAVE")])
def test_a_dish_says_what_it_wants_by_commands(version, group, mark, name):
    """37/ZMTP; to peers of 3.0 as well, as libzmq does."""
    dish = facing("DISH", hello3("RADIO", version))
    assert written(dish.encode, [mark + group]) == command(name, group)


@pytest.mark.parametrize("group", [b"", b"news", LONG_GROUP], ids=label)
@pytest.mark.parametrize("cut", [None, 1])
def test_a_radio_hears_it(group, cut):
    """In the form that it has within."""
    dish, radio = couple("DISH", "RADIO")
    assert traffic(dish, radio, [b"\1" + group], [b"\0" + group], cut=cut) == [[b"\1" + group], [b"\0" + group]]


@pytest.mark.parametrize("name", [b"JOIN", b"LEAVE"])
def test_too_long_a_group_is_refused(name):
    """255 bytes are the most; the error says so."""
    error = refusal(facing3("RADIO"), command(name, LONG_GROUP + b"g"))
    assert "256 bytes; 255 are the most" in error.reason


@STEADY
@given(st.lists(st.tuples(st.binary(max_size=255), BODIES).map(list), max_size=8), CUTS)
def test_a_group_and_a_body(messages, cut):
    """radio-dish-message of 37/ZMTP, in any pieces."""
    radio, dish = couple("RADIO", "DISH")
    assert traffic(radio, dish, *messages, cut=cut) == messages


@pytest.mark.parametrize(
    "words",
    [
        frame(b"body"),
        frame(b"body" * 100),
        frame(b"group", 1) + frame(b"body", 1),
        frame(LONG_GROUP + b"g", 1),
        frame(b"group", 1) + frame(b"body") + frame(b"body"),
    ],
    ids=["no group", "no group, long", "two bodies", "long group", "the second has no group"],
)
@pytest.mark.parametrize("cut", [None, 1])
def test_a_dish_refuses_any_other_shape(words, cut):
    """As libzmq does; what came before is kept."""
    dish = facing3("DISH")
    error = refusal(dish, words, cut=cut)
    assert (error.code, dish.state) == (Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE, CLOSED)


@pytest.mark.parametrize("words", [frame(b"\1news"), frame(b"a", 1) + frame(b"\1news"), frame(b"x" * 300)], ids=label)
def test_a_radio_does_not_listen_to_messages(words):
    """48/RADIODISH: it "SHALL silently discard" them; none of them is a JOIN."""
    radio = facing3("RADIO")
    assert hear(radio, words + command(b"JOIN", b"group") + words) == [[b"\1group"]]


@pytest.mark.parametrize("kind", [kind for kind in DRAFTS if kind != "RADIO"])
def test_others_do_not_hear_joins(kind):
    """What is for another type is passed over."""
    assert hear(facing3(kind), command(b"JOIN", b"group")) == []


def test_a_join_is_no_subscription():
    """And SUBSCRIBE joins nothing."""
    assert "SUBSCRIBE" in refusal(facing3("RADIO"), command(b"SUBSCRIBE", b"news")).reason


def test_drafts_announce_no_identity():
    """28/REQREP has it for REQ, DEALER and ROUTER."""
    connection = single("CLIENT", identity=b"me")
    hear(connection, greeting3())
    assert b"Identity" not in said(connection)
