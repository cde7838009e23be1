"""Bases of classes, as `enum` and `typing` have them, from which classes are made in less than half the time.

For enums Python's own library has a shorter way than the class statement's, without the checks of what that says. Here
it makes an enum that has no members yet, and these are then added all at once, as it would have made them. What comes
out is the same, which `test_constants` holds. Python 3.10 does not have that way, and makes them in the ordinary one.
"""

from __future__ import annotations

import enum
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import TYPE_CHECKING, Any

_simple_enum: Any = getattr(enum, "_simple_enum", None)


class _Said:
    """What a class statement has said, but for members: all that `_simple_enum` asks of the class that it gets."""

    __slots__ = ("__dict__", "__name__")

    def __init__(self, name: str, body: dict[str, Any]):
        self.__name__ = name
        self.__dict__.update(body)


class _Base:
    """Stands for a class of `enum` in a class statement, which calls the type of its base to make the class."""

    kind: type[enum.Enum]

    def __new__(cls, name: str, bases: tuple[Any, ...], body: dict[str, Any]) -> Any:
        about = {key: value for key, value in body.items() if key.startswith("__")}
        kind = bases[0].kind
        made = _simple_enum(kind)(_Said(name, about))
        flags = kind is enum.IntFlag
        _add_members(made, {key: value for key, value in body.items() if key not in about}, flags)
        if flags:
            _sum_up(made)
        return made

    @classmethod
    def of(cls, kind: type[enum.Enum]) -> Any:
        """The base for enums of this type."""
        if _simple_enum is None:
            return kind
        base = object.__new__(cls)
        base.kind = kind
        return base


def _add_members(made: Any, members: dict[str, int], flags: bool) -> None:
    """Name -> number; a number that is there already has one more name then."""
    by_name, by_value, names = made._member_map_, made._value2member_map_, made._member_names_
    for name, value in members.items():
        member = by_value.get(value)
        if member is None:
            member = by_value[value] = int.__new__(made, value)
            member._value_ = value
            member._name_ = name
            member.__objclass__ = made
            member._sort_order_ = len(names)
            if not flags or value.bit_count() == 1:
                names.append(name)  # the others are sums of flags
        by_name[name] = member
        type.__setattr__(made, name, member)  # that of an enum looks first whether it is there already


def _sum_up(made: Any) -> None:
    """What an enum of flags knows of the bits that it has names for: those with a name each, all, and all below."""
    named = {member._value_ for member in made._member_map_.values()}
    made._singles_mask_ = sum(value for value in named if value.bit_count() == 1)
    made._flag_mask_ = mask = reduce(or_, named)
    made._all_bits_ = 2 ** mask.bit_length() - 1


if TYPE_CHECKING:
    from enum import IntEnum as IntEnum
    from enum import IntFlag as IntFlag
    from typing import Generic as Generic
else:

    class Generic:
        """Its classes may have types in brackets, which only type checkers look at: ``Socket[bytes]``."""

        __slots__ = ()
        __class_getitem__ = classmethod(GenericAlias)

    IntEnum, IntFlag = _Base.of(enum.IntEnum), _Base.of(enum.IntFlag)
