"""Claims of gzmq.zmtp.acquaintances: what is remembered of peers changes nothing but the time it takes."""

import pytest

from gzmq.security import Security
from gzmq.zmtp import Connection, ProtocolError
from gzmq.zmtp.acquaintances import _MOST, Acquaintances, Step
from gzmq.zmtp.command import _remembered, metadata, parse_metadata
from gzmq.zmtp.connection import _UNHEARD

from .marriage import (
    command,
    frame,
    greeting1,
    greeting2,
    greeting3,
    hear,
    hello3,
    pieces,
    property_,
    ready,
    said,
    single,
    unversioned,
)

HELLOS = {
    "3.1": hello3("PUSH"),
    "3.0": hello3("PUSH", (3, 0)),
    "another type": hello3("DEALER"),
    "a named one": greeting3() + ready("PUSH", property_(b"Identity", b"anna"), property_(b"X-A", b"b")),
    "messages behind": hello3("PUSH") + frame(b"a") + frame(b"b"),
    "2.0": greeting2("PUSH", b"me") + frame(b"a"),
    "1.0": greeting1("PUSH", b"me"),
    "unversioned": unversioned(b"me"),
    "a stranger": hello3("PUB"),
    "another mechanism": greeting3(mechanism=b"PLAIN"),
    "a message too early": greeting3() + frame(b"a"),
    "twice READY": hello3("PUSH") + command(b"READY"),
    "no ZMTP": b"GET / HTTP/1.1",
    "long": greeting3() + ready("PUSH", property_(b"X-A", b"b" * 300)),
}
SOCKETS = {"PULL": {}, "ROUTER": {"identity": b"us"}}


def story(connection, hello, cut):
    """All that happens to a connection whose peer says this in such pieces."""
    told = [said(connection)]
    for piece in pieces(hello, cut):
        try:
            told.append(hear(connection, piece))
        except ProtocolError as error:
            told.append((error.reason, error.code, error.messages))
        told += [said(connection), connection.state, connection.introduced]
    facts = connection.facts(), connection.peer_version, connection.peer_identity, connection.peer_socket_type
    return told, facts


@pytest.mark.parametrize("cut", [None, 1, 10, 11, 64, 70])
@pytest.mark.parametrize("kind", SOCKETS)
def test_the_second_of_a_kind_fares_as_the_first(kind, cut):
    """And as one whom nobody has come before, in whatever order they come."""
    config = single(kind, **SOCKETS[kind]).config
    for hello in [*HELLOS.values(), *reversed(HELLOS.values())]:
        alone = story(single(kind, **SOCKETS[kind]), hello, cut)
        assert story(Connection(config), hello, cut) == alone


def test_who_goes_on_otherwise_than_others_before_is_understood():
    """At every byte the one may leave the way of the other."""
    config = single("PULL").config
    story(Connection(config), HELLOS["a named one"], 1)
    for at in range(1, len(HELLOS["a named one"])):
        connection = Connection(config)
        hear(connection, HELLOS["a named one"][:at], 1)
        assert hear(connection, HELLOS["a named one"][at:] + frame(b"a")) == [[b"a"]]
        assert connection.peer_identity == b"anna"


def test_a_second_of_a_kind_needs_no_script():
    """That is what it is for."""
    config = single("PULL").config
    first, second = Connection(config), Connection(config)
    hear(first, HELLOS["3.1"], 10)
    hear(second, HELLOS["3.1"][:70], 10)
    assert second._script is _UNHEARD
    hear(second, HELLOS["3.1"][70:], 10)
    assert second.state == first.state and second.introduced


@pytest.mark.parametrize("security", [Security(zap_domain=b"d"), Security(as_server=True, zap_domain=b"d")])
def test_nothing_is_remembered_where_a_handler_is_asked(security):
    """Each peer is a question."""
    config = single("PULL", security=security).config
    for _ in range(2):
        connection = Connection(config)
        hear(connection, HELLOS["3.1"])
        assert connection.take_zap_question() == [b"NULL"]
    assert not config.acquaintances.first.further


def test_few_are_remembered():
    """When there are too many, all are forgotten, also where a connection stands still."""
    known = Acquaintances("GREETING")
    first, steps = known.first, []
    for number in range(_MOST + 1):
        steps.append(known.note(steps[-1] if steps else first, b"x", Step(b"%d" % number, b"", "", (0, 0), "", None)))
    assert not any(step.further for step in (first, *steps[:-2])) and len(steps[-2].further) == 1
    assert known.note(first, b"x", Step(bytes(257), b"", "", (0, 0), "", None)) is None


@pytest.mark.parametrize("size, remembered", [(1, 64), (1000, 0)], ids=["short", "long"])
def test_what_is_remembered_of_metadata_has_bounds(size, remembered):
    """Peers that all say something else, much or little, leave next to nothing behind."""
    _remembered.cache_clear()
    for number in range(200):
        value = b"%*d" % (size, number)
        assert parse_metadata(metadata({b"X-Number": value})) == {"X-Number": value}
    assert _remembered.cache_info().currsize == remembered
