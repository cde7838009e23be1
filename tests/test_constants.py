"""pyzmq's names have pyzmq's numbers."""

import enum
import pickle

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


OURS = [value for value in vars(constants).values() if isinstance(value, enum.EnumMeta) and len(value)]


def usual(cls):
    """The same enum as the `enum` module makes it when asked."""
    kind = enum.IntFlag if issubclass(cls, enum.Flag) else enum.IntEnum
    return kind(cls.__name__, dict(cls.__members__), module=cls.__module__)


def said(cls, call):
    """What a call of an enum comes to."""
    try:
        return str(call(cls))
    except (AttributeError, TypeError, ValueError) as error:
        return repr(error)


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize(
    "call",
    [
        lambda cls: [
            (repr(member), str(member), f"{member}", member.name, member.value, int(member)) for member in cls
        ],
        lambda cls: [cls(member.value) is member is cls[name] for name, member in cls.__members__.items()],
        lambda cls: [repr(~member | 1) for member in cls],
        lambda cls: [(repr(cls(number)), len(cls(number))) for number in range(16)],
        lambda cls: cls(-77777),
        lambda cls: setattr(cls, cls(1).name, 1),
        lambda cls: type("Longer", (cls,), {}),
        lambda cls: (len(cls), cls.__mro__[1:], list(cls.__members__)),
    ],
    ids=["members", "lookup", "not", "sums", "unknown", "set", "subclass", "class"],
)
def test_an_enum_is_as_enum_makes_them(cls, call):
    """Though it is made in a shorter way."""
    assert said(cls, call) == said(usual(cls), call)


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__name__)
def test_members_survive_pickling(cls):
    """As themselves."""
    assert [pickle.loads(pickle.dumps(member)) is member for member in cls] == [True] * len(cls)
