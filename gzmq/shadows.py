"""What a number stands for, where pyzmq has the address of something of libzmq's."""

from __future__ import annotations

import errno
import weakref
from typing import Any

from .error import zmq_error


class Shadows:
    """The handles of a kind, each found by the number of what it stands for, as long as it is there."""

    def __init__(self, kind: str, remedy: str):
        self._kind = kind
        self._remedy = remedy
        self._by_number: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()

    def add(self, core: Any, handle: Any) -> None:
        """``handle`` is the first for ``core``."""
        self._by_number[id(core)] = handle

    def find(self, shadowed: Any) -> Any:
        """A handle for what another handle, or a number, stands for. Raises ZMQError EFAULT, ValueError."""
        core = getattr(shadowed, "_core", None)
        number = id(core) if core is not None else getattr(shadowed, "underlying", shadowed)
        if not isinstance(number, int):
            raise ValueError(f"{shadowed!r} is no {self._kind}, nor the number of one")
        found = self._by_number.get(number)
        if found is None:
            raise zmq_error(errno.EFAULT, f"no {self._kind} has the number {number:#x}; {self._remedy}")
        return found
