"""Which version this is, and whose behaviour it has."""

from __future__ import annotations

__version__ = "0.1.0"

#: The libzmq whose documented behaviour gzmq follows.
_LIBZMQ = (4, 3, 5)


def zmq_version_info():
    """The libzmq version that gzmq behaves like, as (major, minor, patch)."""
    return _LIBZMQ


def zmq_version():
    """The same as text, "4.3.5"."""
    return ".".join(map(str, _LIBZMQ))
