"""What is loaded as it is asked for, one by one: of what there is a program uses little."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing import overload

    T = TypeVar("T")

K = TypeVar("K")
V = TypeVar("V")


class OnUse(Mapping[K, V]):
    """Key -> what its function returns, which imports it; asked which keys there are it loads nothing."""

    def __init__(self, loaders: Mapping[K, Callable[[], V]]):
        self._loaders = loaders
        self._loaded: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        """The value. Raises KeyError, and what an import raises."""
        if key not in self._loaded:
            self._loaded[key] = self._loaders[key]()
        return self._loaded[key]

    if TYPE_CHECKING:

        @overload
        def get(self, key: K, default: None = ..., /) -> V | None: ...

        @overload
        def get(self, key: K, default: V | T, /) -> V | T: ...

    def get(self, key: K, default: Any = None, /) -> Any:
        """As of any mapping, without an error on the way."""
        return self[key] if key in self._loaders else default

    def load(self) -> None:
        """Load all of it now."""
        for key in self:
            self[key]

    def __contains__(self, key: object) -> bool:
        return key in self._loaders

    def __iter__(self) -> Iterator[K]:
        return iter(self._loaders)

    def __len__(self) -> int:
        return len(self._loaders)


def names_on_use(package: str, where: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's ``__getattr__`` (PEP 562), for names that it has from other modules, or that are such modules.

    ``where`` says which, as seen from the package: name -> ".module".
    """

    def load(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(where[name], package)
        value = getattr(module, name, module)
        setattr(sys.modules[package], name, value)
        return value

    return load
