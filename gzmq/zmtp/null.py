"""The NULL mechanism (37/ZMTP): both sides say READY and are."""

from __future__ import annotations

from collections.abc import Generator

from ..constants import Event
from . import command
from .errors import PeerError, ProtocolError

#: A mechanism's handshake: yields a command to send, is sent (name, data) of the peer's, returns the peer's metadata.
Handshake = Generator[bytes, tuple[bytes, bytes], dict[str, bytes]]


def handshake(properties: dict[bytes, bytes]) -> Handshake:
    """Exchange READY."""
    name, data = yield command.ready(properties)
    if name == b"READY":
        return command.parse_metadata(data)
    if name == b"ERROR":
        raise PeerError(f"the peer refused us: {command.parse_error(data)}")
    raise ProtocolError(
        f"the peer sent the command {name!r} where READY was due", Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND
    )
