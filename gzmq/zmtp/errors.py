"""How a connection ends: with a peer that cannot be talked to, or without one."""

from __future__ import annotations

from ..buffers import Message
from ..constants import Event
from ..record import Record


class ProtocolError(Exception):
    """The peer broke the protocol.

    ``reason`` is a sentence; ``event`` what a monitor hears when it ends a handshake, with the value ``code``, an
    Event.PROTOCOL_ERROR_*; ``messages`` what the same bytes had completed before.
    """

    event = Event.HANDSHAKE_FAILED_PROTOCOL
    limit = ""

    def __init__(self, reason: str, code: int = Event.PROTOCOL_ERROR_ZMTP_UNSPECIFIED):
        super().__init__(reason)
        self.reason = reason
        self.code = int(code)
        self.messages: list[Message] = []


class LimitExceeded(ProtocolError):
    """The peer has sent more than it may; ``limit`` is the field of `Limits` that says so."""

    def __init__(self, limit: str, reason: str, code: int = Event.PROTOCOL_ERROR_ZMTP_UNSPECIFIED):
        super().__init__(reason, code)
        self.limit = limit


class IncompatiblePeer(ProtocolError):
    """The peer is of a socket type that ours does not talk to."""


class PeerError(ProtocolError):
    """The peer has refused us by an ERROR command."""


class AuthenticationError(ProtocolError):
    """The ZAP handler, ours or the peer's, has refused the client; ``code`` is its status: 300, 400 or 500."""

    event = Event.HANDSHAKE_FAILED_AUTH


class NotAuthenticated(ProtocolError):
    """Nobody is there to decide about the client; ``code`` is an errno."""

    event = Event.HANDSHAKE_FAILED_NO_DETAIL


class Lost(Record):
    """Why a connection ended though no rule was broken: an errno."""

    code: int
    event: Event = Event.HANDSHAKE_FAILED_NO_DETAIL
    limit: str = ""  # the field of `Limits` that it was about
