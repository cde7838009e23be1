"""What a connection is told of its own side."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from ..limits import LIMITS, Limits
from ..record import Record
from ..security import Security
from . import command
from .acquaintances import Acquaintances

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
    def signature(self) -> bytes:
        """What we begin with, whoever the peer is."""
        # 13/ZMTP reads it as the length and flags of our identity, so its padding must be that length.
        return b"\xff" + (len(self.identity) + 1).to_bytes(8, "big") + b"\x7f"

    @cached_property
    def predictable(self) -> bool:
        """Whether what we say follows from this and from what the peer says: no chance and nobody else has a part in
        it.
        """
        return self.mechanism == "NULL" and not self.security.zap_domain

    @cached_property
    def acquaintances(self) -> Acquaintances:
        """What peers have said to us."""
        return Acquaintances("GREETING")

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
