"""Claims about the types of sockets that meet."""

import pytest

from gzmq.constants import Event
from gzmq.zmtp import CLOSED, TRAFFIC, IncompatiblePeer, PeerError

from .marriage import (
    COUPLES,
    NUMBERS,
    PEERS,
    STRANGERS,
    command,
    facing,
    greeting1,
    greeting2,
    greeting3,
    hello3,
    property_,
    ready,
    refusal,
    said,
    single,
)


def errors_in(data):
    """The reasons of the ERROR that ends some bytes, or none."""
    _, name, reason = data.rpartition(b"\x05ERROR")
    return [reason[1:].decode("ascii")] if name and data.endswith(command(b"ERROR", reason)) else []


@pytest.mark.parametrize("one, other", STRANGERS)
def test_both_sides_refuse_a_couple_that_does_not_fit(one, other):
    """Each finds it in the other's READY."""
    for ours, theirs in ((one, other), (other, one)):
        connection = single(ours)
        error = refusal(connection, hello3(theirs))
        assert (type(error), connection.state) == (IncompatiblePeer, CLOSED)
        assert error.code == Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA


@pytest.mark.parametrize("one, other", STRANGERS)
@pytest.mark.parametrize("version", [(3, 0), (3, 1)])
def test_a_3_x_peer_is_told_why(one, other, version):
    """By an ERROR that names both sides, behind our READY."""
    connection = single(one)
    error = refusal(connection, hello3(other, version))
    (reason,) = errors_in(said(connection))
    assert reason == error.reason
    assert {one, other} <= set(reason.replace(",", "").split())


def test_whom_we_talk_to_is_in_the_reason():
    """All of them."""
    error = refusal(single("DEALER"), hello3("PUB"))
    assert all(peer in error.reason for peer in PEERS["DEALER"])


def test_two_strangers_hear_each_others_ready_and_part():
    """The ERROR comes too late for either, and does no harm."""
    a, b = facing("PUSH", greeting3()), facing("PUB", greeting3())
    assert isinstance(refusal(a, ready("PUB")), IncompatiblePeer)
    assert isinstance(refusal(b, ready("PUSH")), IncompatiblePeer)


def test_who_hears_only_the_error_knows_why():
    """A peer that waits for our READY may get this instead."""
    stranger = single("PUSH")
    refusal(stranger, hello3("PUB"))
    _, _, complaint = said(stranger).partition(ready("PUSH"))
    error = refusal(single("PUB"), greeting3(), complaint)
    assert isinstance(error, PeerError) and "PUSH" in error.reason and "PUB" in error.reason


@pytest.mark.parametrize("one, other", STRANGERS)
@pytest.mark.parametrize("greet", [greeting2, greeting1])
def test_an_older_peer_is_refused_without_a_word(one, other, greet):
    """15/ZMTP: silently; there is no ERROR before 3.0."""
    connection = single(one)
    assert isinstance(refusal(connection, greet(other)), IncompatiblePeer)
    assert b"ERROR" not in said(connection)


@pytest.mark.parametrize("one, other", COUPLES)
@pytest.mark.parametrize("greet", [greeting2, greeting1])
def test_an_older_peer_that_fits_is_taken(one, other, greet):
    """Its type is a number."""
    connection = facing(one, greet(other))
    assert (connection.state, connection.peer_socket_type) == (TRAFFIC, other)


@pytest.mark.parametrize("number", [11, 12, 127, 128, 255])
def test_an_unknown_number_is_refused(number):
    """Drafts, and what never was."""
    hello = bytearray(greeting2("PUSH"))
    assert hello[11] == NUMBERS["PUSH"]
    hello[11] = number
    error = refusal(single("PULL"), bytes(hello))
    assert isinstance(error, IncompatiblePeer) and str(number) in error.reason


@pytest.mark.parametrize("properties", [(), (property_(b"Socket-Type", b""),), (property_(b"Identity", b"x"),)])
def test_a_peer_without_a_type_is_refused(properties):
    """And told what is missing."""
    connection = single("PULL")
    error = refusal(connection, greeting3(), command(b"READY", *properties))
    assert isinstance(error, IncompatiblePeer) and "no type" in error.reason
    assert errors_in(said(connection)) == [error.reason]


@pytest.mark.parametrize("text", ["push", "PUSH ", "PUSH\0", "SERVER", "STREAM", "x" * 255, "A\nB"])
def test_an_unknown_type_is_refused(text):
    """Types are compared exactly."""
    connection = single("PULL")
    assert isinstance(refusal(connection, hello3(text)), IncompatiblePeer)
    assert len(errors_in(said(connection))) == 1


@pytest.mark.parametrize("value", [b"\xff\xfe", "PUSH\u00e9".encode(), b"\x00" * 100, b"P" * 60_000], ids=len)
def test_a_type_of_any_bytes_is_answered_with_a_legal_error(value):
    """ASCII, and no longer than its command can hold."""
    connection = single("PULL")
    refusal(connection, greeting3(), command(b"READY", property_(b"Socket-Type", value)))
    (reason,) = errors_in(said(connection))
    assert len(reason) <= 255


def test_the_reason_does_not_grow_with_the_peers_words():
    """It ends up in logs: a peer does not decide how much of them it fills."""
    error = refusal(single("PULL"), hello3("P" * 60_000))
    assert len(error.reason) < 1000


def test_the_reason_has_no_control_characters_of_the_peers():
    """Nor does it decide where their lines end."""
    error = refusal(single("PULL"), hello3("A\r\nB\x1b[2J\0"))
    assert error.reason.isprintable()
