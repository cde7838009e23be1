"""CURVE's keys: 32 bytes, or 40 characters of Z85 (32/Z85); what makes them needs PyNaCl, which is loaded here only."""

from __future__ import annotations

import errno
from typing import Any

from .error import zmq_error
from .utils import z85

KEY_SIZE, Z85_SIZE = 32, 40


def nacl() -> tuple[Any, type[Exception]]:
    """PyNaCl's bindings and the error that they raise. Raises ZMQError ENOTSUP when it is not installed."""
    try:
        from nacl import bindings
        from nacl.exceptions import CryptoError
    except ImportError:
        raise zmq_error(errno.ENOTSUP, "CURVE needs PyNaCl, which is not installed: pip install gzmq[curve]") from None
    return bindings, CryptoError


def sodium() -> tuple[Any, Any]:
    """(ffi, lib): the libsodium in PyNaCl as cffi shows it, without the bindings' checks. Raises as `nacl`."""
    nacl()  # its import makes libsodium ready
    from nacl._sodium import ffi, lib  # type: ignore[import-not-found]

    return ffi, lib


def curve_keypair() -> tuple[bytes, bytes]:
    """A new (public, secret) key, each as 40 characters of Z85.

    Raises ZMQError ENOTSUP without PyNaCl. Source: zmq_curve_keypair(3).
    """
    bindings, _ = nacl()
    public, secret = bindings.crypto_box_keypair()
    return z85.encode(public), z85.encode(secret)


def curve_public(secret_key: bytes | str) -> bytes:
    """The public key that belongs to a secret one, both as 40 characters of Z85.

    Raises ValueError for another length, ZMQError EINVAL for what is no Z85, ENOTSUP without PyNaCl.
    Source: zmq_curve_public(3).
    """
    text = secret_key.encode("ascii", "replace") if isinstance(secret_key, str) else secret_key
    if len(text) != Z85_SIZE:
        raise ValueError(f"secret key must be a {Z85_SIZE} byte z85 encoded string, not of {len(text)} bytes")
    secret = key_of(text)
    if secret is None:
        raise zmq_error(errno.EINVAL, "the secret key is no Z85")
    bindings, _ = nacl()
    return z85.encode(bindings.crypto_scalarmult_base(secret))


def key_of(value: bytes) -> bytes | None:
    """The 32 bytes of a key in any of the forms that the options take (Z85 also with a closing zero), or None."""
    if len(value) == KEY_SIZE:
        return value
    if len(value) == Z85_SIZE + 1 and value.endswith(b"\0"):
        value = value[:-1]
    try:
        return z85.decode(value) if len(value) == Z85_SIZE else None
    except ValueError:
        return None
