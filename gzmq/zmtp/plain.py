"""The PLAIN mechanism (24/PLAIN): a name and a password in clear, for a ZAP handler to judge."""

from __future__ import annotations

import errno

from ..constants import Event
from . import command
from .errors import NotAuthenticated, ProtocolError
from .handshake import Outcome, Party, Script

#: libzmq misspells the name of PLAIN's ERROR, and knows no other.
_ERRORS = (b"\x05ERROR", b"^RROR")


def client(party: Party) -> Script:
    """HELLO, WELCOME, INITIATE, READY."""
    security = party.security
    party.send(b"HELLO", _short(security.username) + _short(security.password))
    data = yield from party.expect(b"WELCOME", errors=_ERRORS)
    if data:
        raise ProtocolError(
            f"the peer sent a WELCOME with {len(data)} bytes in it", Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME
        )
    party.send(b"INITIATE", party.metadata())
    data = yield from party.expect(b"READY", errors=_ERRORS)
    metadata = command.parse_metadata(data)
    party.accept(metadata)
    return Outcome(metadata)


def server(party: Party) -> Script:
    """The same from the other side. Without a ZAP handler nobody is let in."""
    security = party.security
    data = yield from party.expect(b"HELLO")
    username, password = _parse_hello(data)
    if security.enforce_domain and not security.zap_domain:
        raise NotAuthenticated("ZAP_ENFORCE_DOMAIN is set, and ZAP_DOMAIN is not", errno.EFAULT)
    verdict = yield from party.ask(username, password, required=True)
    party.send(b"WELCOME")
    data = yield from party.expect(b"INITIATE")
    metadata = command.parse_metadata(data)
    party.accept(metadata)
    party.send_ready()
    return Outcome(metadata, verdict)


def _short(text: bytes) -> bytes:
    return bytes((len(text),)) + text


def _parse_hello(data: bytes) -> tuple[bytes, bytes]:
    """(name, password) of a HELLO."""
    name_end = 1 + data[0] if data else 0
    # Each length must be there, and together they must come to the command's own.
    if not data or name_end >= len(data) or name_end + 1 + data[name_end] != len(data):
        raise ProtocolError(
            "the peer sent a HELLO whose lengths are wrong", Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO
        )
    return data[1:name_end], data[name_end + 1 :]
