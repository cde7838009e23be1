"""What a connection is told of its own side."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from ..limits import LIMITS, Limits
from ..record import Record
from ..security import Security
from . import command

_ANNOUNCE_IDENTITY = frozenset({"REQ", "DEALER", "ROUTER"})


class Config(Record):
    """Who we are. ``peers`` are the socket types we talk to; ``max_message_size`` is MAXMSGSIZE, bytes per frame."""

    socket_type: str
    peers: frozenset[str]
    identity: bytes = b""
    metadata: Mapping[bytes, bytes] = MappingProxyType({})
    security: Security = Security()
    max_message_size: int = -1
    limits: Limits = LIMITS

    @cached_property
    def mechanism(self) -> str:
        """As the greeting says it."""
        return self.security.mechanism.name

    @cached_property
    def said(self) -> bytes:
        """Our properties, as commands of the handshake have them."""
        return command.metadata(self.properties())

    @cached_property
    def ready(self) -> bytes:
        """The command READY, in clear."""
        return command.frame(b"READY", self.said)

    def properties(self) -> dict[bytes, bytes]:
        """What we say of ourselves in the handshake."""
        properties = {b"Socket-Type": self.socket_type.encode(), **self.metadata}
        if self.socket_type in _ANNOUNCE_IDENTITY:
            properties[b"Identity"] = self.identity
        return properties
