"""ZMTP without I/O: bytes in, messages out, and back."""

from .config import Config
from .connection import CLOSED, GREETING, HANDSHAKE, TRAFFIC, Connection
from .errors import AuthenticationError, IncompatiblePeer, NotAuthenticated, PeerError, ProtocolError
from .raw import RawConnection

#: What may be spoken over a wire -> who speaks it, made from a `Config`.
PROTOCOLS = {"zmtp": Connection, "raw": RawConnection}

__all__ = [
    "CLOSED", "GREETING", "HANDSHAKE", "PROTOCOLS", "TRAFFIC", "AuthenticationError", "Config", "Connection",
    "IncompatiblePeer", "NotAuthenticated", "PeerError", "ProtocolError", "RawConnection",
]  # fmt: skip
