"""ZMTP without I/O: bytes in, messages out, and back."""

from .config import Config
from .connection import CLOSED, GREETING, HANDSHAKE, TRAFFIC, Connection
from .errors import AuthenticationError, IncompatiblePeer, NotAuthenticated, PeerError, ProtocolError

__all__ = [
    "CLOSED", "GREETING", "HANDSHAKE", "TRAFFIC", "AuthenticationError", "Config", "Connection", "IncompatiblePeer",
    "NotAuthenticated", "PeerError", "ProtocolError",
]  # fmt: skip
