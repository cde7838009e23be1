"""pyzmq's names have pyzmq's numbers."""

import enum

import pytest

import gzmq
from gzmq import constants

pyzmq = pytest.importorskip("zmq").constants

ENUMS = [
    name
    for name, value in vars(pyzmq).items()
    if isinstance(value, type) and issubclass(value, enum.Enum) and value.__module__ == pyzmq.__name__
    if not name.startswith("_")
]
NAMES = [name for name, value in vars(pyzmq).items() if isinstance(value, enum.Enum)]


@pytest.mark.parametrize("name", ENUMS)
def test_an_enum_has_the_members_of_pyzmqs(name):
    """Names, aliases and numbers."""
    ours = {member: int(value) for member, value in getattr(constants, name).__members__.items()}
    assert ours == {member: int(value) for member, value in getattr(pyzmq, name).__members__.items()}


def test_every_member_has_its_name_in_the_package():
    """``gzmq.PUSH`` is ``zmq.PUSH``, and is an enum member."""
    assert {name: int(getattr(gzmq, name)) for name in NAMES} == {name: int(getattr(pyzmq, name)) for name in NAMES}
    assert all(isinstance(getattr(gzmq, name), enum.Enum) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stands_for_the_member_it_says(name):
    """PUSH is SocketType.PUSH, and not another enum's member of the same number."""
    assert type(getattr(constants, name)).__name__ == type(getattr(pyzmq, name)).__name__


def test_its_names_are_listed():
    """pyzmq's list has the base classes of its enums, too."""
    assert set(pyzmq.__all__) - {"Enum", "IntEnum", "IntFlag"} == set(constants.__all__)
