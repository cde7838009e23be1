"""IntEnum and IntFlag as bases of enums that are made in half the time, in the way that Python's own library has its.

That leaves out the checks of what the class statement says; what comes out is the same, which `test_constants` holds.
Python 3.10 does not have it, and makes them in the ordinary way.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

_simple_enum: Any = getattr(enum, "_simple_enum", None)


class _Base:
    """Stands for a class of `enum` in a class statement, which calls the type of its base to make the class."""

    kind: type[enum.Enum]

    def __new__(cls, name: str, bases: tuple[Any, ...], body: dict[str, Any]) -> Any:
        return _simple_enum(bases[0].kind)(type(name, (), body))

    @classmethod
    def of(cls, kind: type[enum.Enum]) -> Any:
        """The base for enums of this type."""
        if _simple_enum is None:
            return kind
        base = object.__new__(cls)
        base.kind = kind
        return base


if TYPE_CHECKING:
    from enum import IntEnum as IntEnum
    from enum import IntFlag as IntFlag
else:
    IntEnum, IntFlag = _Base.of(enum.IntEnum), _Base.of(enum.IntFlag)
