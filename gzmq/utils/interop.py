"""Where pyzmq turns C pointers into numbers."""

from __future__ import annotations

from typing import Any


def cast_int_addr(n: Any) -> int:
    """The address that ``n`` is: an int. Raises ValueError for a C pointer, for which gzmq has no C library."""
    if isinstance(n, int):
        return n
    raise ValueError(f"{n!r} is no address: gzmq has no C library whose pointers it could take; give it an int")
