"""Where a socket is bound and connected: its listeners and the connections that it makes, by the names of both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

#: So many names are told in messages.
_SHOWN = 10


class Ends:
    """Listeners, sessions and the like, each with an ``endpoint``, which never changes, and a ``verb``.

    Nothing but `each` and `listeners` goes through all of them: there may be very many.
    """

    def __init__(self) -> None:
        self._named: dict[str, list[Any]] = {}
        self._aliases: dict[Any, str] = {}  # what was asked for, if that is not the endpoint: tcp://*:0
        self._listeners: dict[Any, None] = {}

    def add(self, end: Any, name: str) -> None:
        """One was opened, as it was asked for by this name."""
        self._named.setdefault(end.endpoint, []).append(end)
        if name != end.endpoint:
            self._named.setdefault(name, []).append(end)
            self._aliases[end] = name
        if end.verb == "bind":
            self._listeners[end] = None

    def find(self, name: str, verb: str) -> Any:
        """The oldest of that name, if there is one of that verb the oldest of those; None if there is none."""
        here = self._named.get(name, ())
        return next((end for end in here if end.verb == verb), here[0] if here else None)

    def holds(self, name: str, verb: str) -> bool:
        """Whether there is one."""
        return any(end.verb == verb for end in self._named.get(name, ()))

    def remove(self, end: Any) -> None:
        """Forget one, by each of its names; it may have been forgotten before."""
        for name in (end.endpoint, self._aliases.pop(end, end.endpoint)):
            here = self._named.get(name, [])
            if end in here:
                here.remove(end)
                if not here:
                    del self._named[name]
        self._listeners.pop(end, None)

    def listeners(self) -> list[Any]:
        """Those that were bound."""
        return list(self._listeners)

    def each(self) -> Iterator[Any]:
        """All; one with two names comes twice."""
        return chain.from_iterable(self._named.values())

    def clear(self) -> None:
        """Forget all."""
        self._named.clear()
        self._aliases.clear()
        self._listeners.clear()

    def __bool__(self) -> bool:
        return bool(self._named)

    def __str__(self) -> str:
        """The names, the first few of many."""
        names, more = ", ".join(islice(self._named, _SHOWN)), len(self._named) - _SHOWN
        return f"{names} and {more} more" if more > 0 else names
