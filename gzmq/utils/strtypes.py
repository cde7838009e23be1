"""pyzmq's deprecated names for bytes and str, and what makes one of the other."""

from __future__ import annotations

import warnings

__all__ = ["asbytes", "b", "basestring", "bytes", "cast_bytes", "cast_unicode", "u", "unicode"]

bytes = bytes
unicode = str
basestring = (str,)


def cast_bytes(s: str | bytes, encoding: str = "utf8", errors: str = "strict") -> bytes:
    """Text as bytes; bytes as they are. Raises TypeError for all else."""
    _deprecate("cast_bytes", "str.encode")
    _check(s)
    return s.encode(encoding, errors) if isinstance(s, str) else s


def cast_unicode(s: str | bytes, encoding: str = "utf8", errors: str = "strict") -> str:
    """Bytes as text; text as it is. Raises TypeError for all else."""
    _deprecate("cast_unicode", "bytes.decode")
    _check(s)
    return s.decode(encoding, errors) if isinstance(s, bytes) else s


b = asbytes = cast_bytes
u = cast_unicode


def _deprecate(name: str, instead: str) -> None:
    warnings.warn(f"zmq.utils.strtypes.{name} is deprecated: use {instead}", DeprecationWarning, stacklevel=3)


def _check(s: object) -> None:
    if not isinstance(s, (bytes, str)):
        raise TypeError(f"expected bytes or str, got {s!r}")
