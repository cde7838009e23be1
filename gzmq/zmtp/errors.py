"""How a connection ends when its peer cannot be talked to."""

from __future__ import annotations

from ..constants import Event


class ProtocolError(Exception):
    """The peer broke the protocol.

    ``reason`` is a sentence; ``code`` an Event.PROTOCOL_ERROR_*; ``messages`` what the same bytes had completed before.
    """

    def __init__(self, reason: str, code: int = Event.PROTOCOL_ERROR_ZMTP_UNSPECIFIED):
        super().__init__(reason)
        self.reason = reason
        self.code = int(code)
        self.messages: list[list[bytes]] = []


class IncompatiblePeer(ProtocolError):
    """The peer is of a socket type that ours does not talk to."""


class PeerError(ProtocolError):
    """The peer has refused us by an ERROR command."""
