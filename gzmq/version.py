"""Which version this is, and whose behaviour it has."""

from __future__ import annotations

__version__ = "0.1.0"

#: The libzmq whose documented behaviour gzmq follows.
_LIBZMQ = (4, 3, 5)
_CAPABILITIES = frozenset({"ipc"})


def zmq_version_info() -> tuple[int, int, int]:
    """The libzmq version that gzmq behaves like, as (major, minor, patch)."""
    return _LIBZMQ


def zmq_version() -> str:
    """The same as text, "4.3.5"."""
    return ".".join(map(str, _LIBZMQ))


def has(capability: str) -> bool:
    """Whether gzmq has a transport or mechanism: "ipc", "curve", "pgm" ... Source: zmq_has(3)."""
    return capability in _CAPABILITIES
