"""The NULL mechanism (37/ZMTP): both sides say READY and are."""

from __future__ import annotations

from . import command
from .handshake import Outcome, Party, Script


def handshake(party: Party) -> Script:
    """Exchange READY. With a ZAP_DOMAIN the handler is asked about the peer's address, whoever binds."""
    security = party.security
    verdict = None
    if security.zap_domain:
        verdict = yield from party.ask(required=security.enforce_domain)
    party.send_ready()
    data = yield from party.expect(b"READY")
    metadata = command.parse_metadata(data)
    party.accept(metadata)
    return Outcome(metadata, verdict)
