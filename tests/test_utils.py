"""Claims of the small helpers; pyzmq's own are the judge."""

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmq.utils import interop, jsonapi, strtypes, z85
from gzmq.utils.win32 import allow_interrupt


def theirs(name):
    """pyzmq's module of the same name."""
    pytest.importorskip("zmq")
    return importlib.import_module(f"zmq.utils.{name}")


@given(st.lists(st.binary(min_size=4, max_size=4)).map(b"".join))
def test_z85_is_pyzmqs(data):
    """Both ways, from bytes and from text."""
    text = z85.encode(data)
    assert text == theirs("z85").encode(data)
    assert z85.decode(text) == z85.decode(text.decode()) == data


def test_z85_encodes_the_rfcs_example():
    """32/Z85: "HelloWorld"."""
    assert z85.encode(bytes([0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B])) == b"HelloWorld"


@pytest.mark.parametrize("bad", ["abc", b"abcdef", "~~~~~", b"12 45", "#####", "1234\N{SNOWMAN}"])
def test_what_is_no_z85_is_refused(bad):
    """A length, a character, a number that no four bytes have."""
    with pytest.raises(ValueError):
        z85.decode(bad)


def test_z85_needs_a_multiple_of_four_bytes():
    """It pads nothing."""
    with pytest.raises(ValueError, match="4"):
        z85.encode(b"12345")


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None]}, "\N{SNOWMAN}", [], 7])
def test_json_is_pyzmqs(value):
    """The same bytes, and back from bytes and text."""
    data = jsonapi.dumps(value)
    assert data == theirs("jsonapi").dumps(value)
    assert jsonapi.loads(data) == jsonapi.loads(data.decode()) == value


def test_json_takes_jsons_own_arguments():
    """For both directions."""
    assert jsonapi.dumps({"b": 1, "a": 2}, sort_keys=True) == b'{"a": 2, "b": 1}'
    assert jsonapi.loads(b"1.5", parse_float=str) == "1.5"


@pytest.mark.parametrize("name", ["cast_bytes", "cast_unicode", "asbytes", "b", "u"])
@pytest.mark.parametrize("value", ["\N{SNOWMAN}", b"x", 5])
def test_strings_are_cast_as_pyzmqs(name, value):
    """With its DeprecationWarning, and its error for what is neither."""
    outcomes = []
    for module in (strtypes, theirs("strtypes")):
        with pytest.warns(DeprecationWarning):
            try:
                outcomes.append(getattr(module, name)(value))
            except Exception as error:
                outcomes.append(type(error))
    assert outcomes[0] == outcomes[1]


def test_an_address_is_an_int():
    """A C pointer has no meaning here, and the error says so."""
    assert interop.cast_int_addr(5) == 5
    with pytest.raises(ValueError, match="no C library"):
        interop.cast_int_addr(object())


def test_allow_interrupt_is_for_windows():
    """Here it lets the block run, and its errors out."""
    with pytest.raises(ZeroDivisionError), allow_interrupt(lambda: None):
        raise ZeroDivisionError
