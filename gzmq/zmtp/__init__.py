"""ZMTP without I/O: bytes in, messages out, and back."""

from .connection import CLOSED, GREETING, HANDSHAKE, TRAFFIC, Config, Connection
from .errors import IncompatiblePeer, PeerError, ProtocolError

__all__ = [
    "CLOSED", "GREETING", "HANDSHAKE", "TRAFFIC", "Config", "Connection", "IncompatiblePeer", "PeerError",
    "ProtocolError",
]  # fmt: skip
