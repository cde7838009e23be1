"""Every public name of pyzmq, and what gzmq does with it; ``python -m docs.names`` writes that down.

A name is public when its module says so in ``__all__``, or when it is defined there without an underscore; a class's,
when pyzmq gives it to the class and it is neither private nor Python's machinery. gzmq has it when it is there at the
same place; otherwise `reasons` says why not.
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .markers import written
from .reasons import REASONS

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "docs" / "names.md"
README = ROOT / "README.md"
#: What a class has for Python's sake, or Cython's, and not in every version of it.
_MACHINERY = {
    "__annotations__", "__buffer__", "__del__", "__dict__", "__firstlineno__", "__getattr__", "__match_args__",
    "__module__", "__orig_bases__", "__parameters__", "__pyx_vtable__", "__replace__", "__setstate__", "__slots__",
    "__static_attributes__", "__weakref__",
}  # fmt: skip
#: The classes that have a line of their own in the README.
_CLASSES = ["zmq.Context", "zmq.Socket", "zmq.Frame", "zmq.Poller", "zmq.MessageTracker"]
_NOTHING = object()


class Name(NamedTuple):
    """A name of pyzmq, in full, and the key of its reason: None when gzmq has it, "" when nobody says why not."""

    full: str
    reason: str | None

    @property
    def last(self) -> str:
        return self.full.rpartition(".")[2]


class Place(NamedTuple):
    """A module or a class of pyzmq, and its names."""

    full: str
    names: list[Name]


# -- what pyzmq has ---------------------------------------------------------------------------------------------------


def version() -> str:
    """The pyzmq that is looked at."""
    return importlib.import_module("zmq").pyzmq_version()


def _root() -> Path:
    return Path(importlib.import_module("zmq").__file__ or "").parent


@cache
def modules() -> list[str]:
    """Every module of the wheel but its tests and what only runs by ``-m``."""
    found = []
    for path in _root().rglob("*.py"):
        parts = path.relative_to(_root().parent).with_suffix("").parts
        if "tests" not in parts and parts[-1] not in ("__main__", "_typing"):
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return sorted(found)


@cache
def load(name: str) -> Any:
    """A module, also where a function of its name hides it; None when it cannot be imported."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is deprecated in pyzmq
            importlib.import_module(name)
    except ImportError:
        return None
    return sys.modules[name]


def _is_public(name: str) -> bool:
    return name[0] != "_" or name[:2] == "__"


def module_names(name: str) -> list[str]:
    """The public names of a module of pyzmq."""
    module = load(name)
    if module is None:
        return _names_in_source(name)
    listed = getattr(module, "__all__", None)
    names = {key for key, value in vars(module).items() if key[0] != "_" and _is_own(value, name, listed is None)}
    names |= {key for key in listed or () if not _is_borrowed(getattr(module, key))}
    return sorted(filter(_is_public, names))


def _is_own(value: Any, module: str, data_too: bool) -> bool:
    if callable(value):
        return getattr(value, "__module__", None) == module
    return data_too and type(value) in (bytes, dict, int, str, tuple)


def _is_borrowed(value: Any) -> bool:
    """A class of the standard library that slipped into ``__all__``."""
    return inspect.isclass(value) and not value.__module__.startswith("zmq")


def _names_in_source(name: str) -> list[str]:
    """The same of a module that cannot be imported here, as what it needs is not installed."""
    stem = _root().joinpath(*name.split(".")[1:])
    path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names |= {part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)}
    return sorted(filter(_is_public, names))


def class_names(cls: type) -> list[str]:
    """The public names that pyzmq's classes, and none outside of pyzmq, give a class."""
    if issubclass(cls, enum.Enum):
        return sorted(cls.__members__)
    own = {key for base in cls.__mro__ if base.__module__.startswith("zmq") for key in vars(base)}
    others = {key for base in cls.__mro__ if not base.__module__.startswith("zmq") for key in dir(base)}
    return sorted(filter(_is_public, own - others - _MACHINERY))


@cache
def places() -> list[Place]:
    """All modules and classes of pyzmq, each class at the first place where it is public."""
    found, seen = [], set()
    for module in modules():
        names = module_names(module)
        found.append(_place(module, names))
        for name in names:
            cls = getattr(load(module), name, None)
            if inspect.isclass(cls) and cls not in seen:
                seen.add(cls)
                found.append(_place(f"{module}.{name}", class_names(cls)))
    return found


def _place(full: str, names: list[str]) -> Place:
    return Place(full, [Name(f"{full}.{name}", reason(f"{full}.{name}")) for name in names])


# -- what gzmq has ----------------------------------------------------------------------------------------------------


def reason(full: str) -> str | None:
    """The key of the reason why gzmq has no such name: None when it has, "" when there is no reason."""
    if ours(full) is not _NOTHING:
        return None
    here = [full, full.replace("zmq.green.", "zmq.", 1)]  # what is green is all the same
    known = [key for key in REASONS if any(f"{name}.".startswith(f"{key}.") for name in here)]
    return max(known, key=len, default="")


def why(key: str) -> str:
    """A reason's sentence."""
    return REASONS.get(key, "")


def exists(full: str) -> bool:
    """Whether gzmq has what pyzmq has under this name, a module's included."""
    return ours(full) is not _NOTHING


def ours(full: str) -> Any:
    """What gzmq has under a name of pyzmq's."""
    parts = ["gzmq", *full.split(".")[1:]]
    size = next(size for size in range(len(parts) - 1 or 1, 0, -1) if load(".".join(parts[:size])) is not None)
    value = load(".".join(parts[:size]))
    for part in parts[size:]:
        if not hasattr(value, part):
            declared = inspect.isclass(value) and any(part in vars(c).get("__annotations__", ()) for c in value.__mro__)
            return None if declared else load(".".join(parts)) or _NOTHING
        value = getattr(value, part)
    return value


# -- what is written --------------------------------------------------------------------------------------------------


def table() -> str:
    """docs/names.md."""
    lines = [
        "# pyzmq's public names",
        "",
        f"Every public name of pyzmq {version()}: what gzmq has at the same place, and why it does not have the rest.",
        "`python -m docs.names` writes this page, and `tests/test_names.py` holds it.",
        "",
    ]
    for place in places():
        if not place.names:
            continue
        here = [name.last for name in place.names if name.reason is None]
        lines += [f"## {place.full}", ""]
        lines += [f"There: {_ticked(here)}.", ""] if here else []
        for sentence in sorted({why(name.reason) for name in place.names if name.reason is not None}):
            absent = [n.last for n in place.names if n.reason is not None and why(n.reason) == sentence]
            lines += [f"Not there: {_ticked(absent)}. {sentence}", ""]
    return "\n".join(lines)


def summary() -> str:
    """The README's table: a line for each class that everybody uses, and for each door with all that is behind it."""
    rows = ["| | names | there | not there |", "|---|---:|---:|---|"]
    for door, names in _doors().items():
        there = sum(name.reason is None for name in names)
        reasons: dict[str, list[str]] = {}
        for key in dict.fromkeys(name.reason for name in names if name.reason is not None):
            reasons.setdefault(why(key), []).append(
                key.removeprefix(f"{door}.").removeprefix("zmq.") if key != door else "all"
            )
        missing = " ".join(f"{_ticked(keys)}: {sentence}" for sentence, keys in reasons.items())
        rows.append(f"| `{door}` | {len(names)} | {there} | {missing.replace('`all`', 'all')} |")
    return "\n".join(rows)


def _doors() -> dict[str, list[Name]]:
    doors: dict[str, list[Name]] = {"zmq": [], **{name: [] for name in _CLASSES}}
    for place in places():
        first = ".".join(place.full.split(".")[:2])
        door = place.full if place.full in doors else first if first in modules() else "zmq"
        if place.names:
            doors.setdefault(door, []).extend(place.names)
    return doors


def _ticked(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def readme() -> str:
    """README.md with the summary as it should be."""
    return written(README.read_text(), "names", summary())


def main() -> None:
    """Write both."""
    TABLE.write_text(table())
    README.write_text(readme())
    unexplained = [name.full for place in places() for name in place.names if name.reason == ""]
    if unexplained:
        sys.exit(f"neither there nor explained: {', '.join(unexplained)}")


if __name__ == "__main__":
    main()
