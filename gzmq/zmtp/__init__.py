"""ZMTP without I/O: bytes in, messages out, and back."""

from __future__ import annotations

from typing import Any

from ..onuse import OnUse
from .config import Config
from .connection import CLOSED, ENCODERS, GREETING, HANDSHAKE, MECHANISMS, SHAPES, TRAFFIC, Connection
from .errors import AuthenticationError, IncompatiblePeer, Lost, NotAuthenticated, PeerError, ProtocolError
from .framing import alone


def _raw() -> Any:
    from .raw import RawConnection

    return RawConnection


#: What may be spoken over a wire -> who speaks it, made from a `Config`.
PROTOCOLS: OnUse[str, Any] = OnUse({"zmtp": lambda: Connection, "raw": _raw})

__all__ = [
    "CLOSED", "ENCODERS", "GREETING", "HANDSHAKE", "MECHANISMS", "PROTOCOLS", "SHAPES", "TRAFFIC",
    "AuthenticationError", "Config", "Connection", "IncompatiblePeer", "Lost", "NotAuthenticated", "PeerError",
    "ProtocolError", "alone",
]  # fmt: skip
