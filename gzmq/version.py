"""Which version this is, and whose behaviour it has."""

from __future__ import annotations

__version__ = "0.1.0"

#: The libzmq whose documented behaviour gzmq follows.
_LIBZMQ = (4, 3, 5)
#: The pyzmq whose names and arguments it has.
_PYZMQ = (27, 3, 0)
_CAPABILITIES = frozenset({"draft", "ipc", "pgm"})
#: Those that need a package which may not be installed.
_OPTIONAL = {"curve": "nacl"}
#: Whether libzmq's draft socket types are there: pyzmq's name for that, as `has` says it of "draft".
DRAFT_API = PYZMQ_DRAFT_API = "draft" in _CAPABILITIES
#: Which commit of pyzmq this is, in pyzmq; programs print it.
__revision__ = ""


def zmq_version_info() -> tuple[int, int, int]:
    """The libzmq version that gzmq behaves like, as (major, minor, patch)."""
    return _LIBZMQ


def zmq_version() -> str:
    """The same as text, "4.3.5"."""
    return ".".join(map(str, _LIBZMQ))


def pyzmq_version_info() -> tuple[int, int, int]:
    """The pyzmq version whose API gzmq has, as (major, minor, patch)."""
    return _PYZMQ


def pyzmq_version() -> str:
    """The same as text, "27.3.0"."""
    return ".".join(map(str, _PYZMQ))


def has(capability: str) -> bool:
    """Whether gzmq has a transport or mechanism: "ipc", "curve", "pgm" ... Source: zmq_has(3)."""
    return capability in _CAPABILITIES or (capability in _OPTIONAL and _is_installed(_OPTIONAL[capability]))


def _is_installed(package: str) -> bool:
    from importlib.util import find_spec  # for this question alone

    return find_spec(package) is not None
