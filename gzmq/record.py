"""Values of named fields, as frozen dataclasses are: loading those takes a fifth of the time that all of gzmq does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

if TYPE_CHECKING:
    from typing import TypeVar

    from typing_extensions import dataclass_transform

    R = TypeVar("R", bound="Record")
else:

    def dataclass_transform(**_):
        return lambda cls: cls


@dataclass_transform(frozen_default=True, kw_only_default=False)
class Record:
    """Subclasses annotate their fields; what these are set to in the class are the defaults, after all that have none.
    A function that is a default is a staticmethod.

    A record is made from the values, by position or name, and keeps them: setting one raises AttributeError. Records
    of one class are equal when all their values are. ``_hidden`` are the fields that no repr shows.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()
    _hidden: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        own = [name for name, kind in cls.__annotations__.items() if "ClassVar" not in str(kind)]
        cls._fields = (*cls._fields, *own)
        cls._known = frozenset(cls._fields)
        cls._required = frozenset(name for name in cls._fields if not hasattr(cls, name))

    if not TYPE_CHECKING:  # a type checker knows the fields of each class

        def __init__(self, *values, **named):
            kept = self.__dict__  # of what is not here the class has the default
            kept.update(zip(self._fields, values))
            kept.update(named)
            each_once = len(kept) == len(values) + len(named)
            if not (each_once and kept.keys() >= self._required and named.keys() <= self._known):
                raise TypeError(f"{type(self).__name__} takes {', '.join(self._fields)}, not {(*values, named)}")

    def changed(self: R, **named: Any) -> R:
        """The same with other values for some of the fields."""
        return type(self)(**{**dict(zip(self._fields, self._values())), **named})

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} keeps its values: cannot set {name!r}; make another by `changed`")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} keeps its values: cannot delete {name!r}")

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        fields = zip(self._fields, self._values())
        shown = (f"{name}={value!r}" for name, value in fields if name not in self._hidden)
        return f"{type(self).__name__}({', '.join(shown)})"
