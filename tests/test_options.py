"""Claims of the table of options."""

import errno

import pytest

import gzmq as zmq
from gzmq.options import ROWS, ContextOptions, Options
from gzmq.socketoptions import SocketOptions

THERE = [row for row in ROWS.values() if not row.missing]
MISSING = [row for row in ROWS.values() if row.missing]


def name(row):
    return row.name


def test_every_option_has_a_row():
    """Of pyzmq's enum."""
    assert set(ROWS) == {int(option) for option in zmq.SocketOption}


def test_the_declared_attributes_are_the_options():
    """What type checkers see is the table: names, and int or bytes."""
    declared = {name: kind for name, kind in SocketOptions.__annotations__.items() if not name.startswith("_")}
    elsewhere = ("SUBSCRIBE", "UNSUBSCRIBE", "EVENTS", "TYPE")  # those names are methods and properties
    rows = [row for row in THERE if row.name not in elsewhere]
    expected = {row.name.lower(): type(row.default).__name__ for row in rows}
    assert declared == {**expected, "identity": "bytes"}


@pytest.mark.parametrize("row", MISSING, ids=name)
def test_what_is_not_there_says_why(row):
    """EINVAL with a reason, to set and to get: nothing is accepted and ignored."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        for call in (lambda: socket.set(row.number, row.default), lambda: socket.get(row.number)):
            with pytest.raises(zmq.ZMQError, match=f"no option {row.name}: .{{10}}") as caught:
                call()
            assert caught.value.errno == errno.EINVAL


def test_an_unknown_number_is_einval():
    """The error names it."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket, pytest.raises(zmq.ZMQError, match="9999"):
        socket.setsockopt(9999, 1)


def test_both_spellings_of_an_attribute():
    """``linger`` and ``LINGER``, as pyzmq has it."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.LINGER = 5
        socket.identity = b"me"
        assert (socket.linger, socket.ROUTING_ID) == (5, b"me")


def test_hwm_is_both():
    """set_hwm and the attribute."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        socket.hwm = 7
        assert (socket.sndhwm, socket.rcvhwm, socket.get_hwm()) == (7, 7, 7)


def test_text_options():
    """get_string and set_string."""
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.set_string(zmq.ROUTING_ID, "né")
        assert socket.get_string(zmq.ROUTING_ID) == "né"
        with pytest.raises(TypeError):
            socket.get_string(zmq.LINGER)


def test_a_copy_is_of_its_moment():
    """What is set later is for later connections."""
    options = Options(zmq.PUSH, ContextOptions())
    options.set(zmq.SNDHWM, 5)
    copy = options.copy()
    options.set(zmq.SNDHWM, 6)
    assert (copy.sndhwm, options.sndhwm, copy.linger) == (5, 6, -1)


def test_metadata_is_gathered():
    """METADATA adds properties for READY."""
    options = Options(zmq.PUSH, ContextOptions())
    options.set(zmq.METADATA, b"X-one:1")
    options.set(zmq.METADATA, b"X-two:a:b")
    assert options.metadata_properties() == {b"X-one": b"1", b"X-two": b"a:b"}


@pytest.mark.parametrize("name, hint", [("rcvtimeout", "rcvtimeo"), ("LINGR", "linger"), ("colour", "colour")])
@pytest.mark.parametrize("owner", ["socket", "context"])
def test_a_misspelt_attribute_is_refused(name, hint, owner):
    """Rather than set and never looked at; the error knows what was meant."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket, pytest.raises(AttributeError, match=hint):
        setattr({"socket": socket, "context": context}[owner], name, 1)


def test_a_subclass_has_attributes_of_its_own():
    """Declared in the class, or private."""

    class Counting(zmq.Socket):
        count = 0

    with zmq.Context() as context:
        socket = context.socket(zmq.PUSH, Counting)
        socket.count += 1
        socket._secret = 2
        socket.copy_threshold = 0
        assert (socket.count, socket._secret, socket.copy_threshold, Counting.count) == (1, 2, 0, 0)
        socket.close()


def test_fileno_and_socket_type():
    """As pyzmq has them."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
        assert socket.fileno() == socket.fd
        assert socket.socket_type is zmq.SocketType.PUSH
