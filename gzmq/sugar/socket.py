"""pyzmq's place for Socket."""

from ..socket import Socket as Socket
from ..socket import Socket as SyncSocket

__all__ = ["Socket", "SyncSocket"]
