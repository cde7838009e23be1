"""ZAP (27/ZAP): the question who may connect, and the handler's answer, read with nothing taken on trust."""

from __future__ import annotations

from collections.abc import Sequence

from ..constants import Event
from ..record import Record
from . import command
from .errors import ProtocolError

VERSION = b"1.0"
#: Each question has a pipe of its own to the handler, so that all may have one number; so does libzmq.
REQUEST_ID = b"1"
OK, TEMPORARY = 200, 300
_STATUS = {b"200": 200, b"300": 300, b"400": 400, b"500": 500}
_REPLY_FRAMES = 6


class Verdict(Record):
    """A handler's answer."""

    status: int
    text: str
    user_id: str
    metadata: command.Properties


def request(question: Sequence[bytes], domain: bytes, address: bytes, identity: bytes) -> list[bytes]:
    """The message that asks ``question``: a mechanism's name and its credentials."""
    # 27/ZAP names the client's identity; libzmq, which handlers know, gives the server's own.
    return [b"", VERSION, REQUEST_ID, domain, address, identity, *question]


def parse_reply(message: Sequence[bytes]) -> Verdict:
    """A handler's reply. Raises ProtocolError with an Event.PROTOCOL_ERROR_ZAP_* for one that is none."""
    if not message or message[0]:
        raise _malformed("no empty frame before it", Event.PROTOCOL_ERROR_ZAP_UNSPECIFIED)
    if len(message) != 1 + _REPLY_FRAMES:
        raise _malformed(f"{len(message) - 1} frames, not {_REPLY_FRAMES}", Event.PROTOCOL_ERROR_ZAP_MALFORMED_REPLY)
    _, version, request_id, status, text, user_id, metadata = message
    if version != VERSION:
        raise _malformed(f"the version {version[:8]!r}", Event.PROTOCOL_ERROR_ZAP_BAD_VERSION)
    if request_id != REQUEST_ID:
        raise _malformed("another request's id", Event.PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID)
    if status not in _STATUS:
        raise _malformed(f"the status {status[:8]!r}", Event.PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE)
    try:
        properties = command.parse_metadata(metadata)
    except ProtocolError:
        raise _malformed("metadata that is none", Event.PROTOCOL_ERROR_ZAP_INVALID_METADATA) from None
    return Verdict(
        _STATUS[status], text[:255].decode("utf-8", "replace"), user_id.decode("utf-8", "replace"), properties
    )


def _malformed(what: str, code: int) -> ProtocolError:
    return ProtocolError(f"the ZAP handler sent a reply with {what}", code)
