"""The commands of 37/ZMTP: how each is written, and read with nothing taken on trust."""

from __future__ import annotations

from functools import cached_property, lru_cache

from ..constants import Event
from . import framing
from .errors import ProtocolError

#: 37/ZMTP: "ping-context = 0*16OCTET".
MAX_PING_CONTEXT = 16
MAX_IDENTITY = MAX_GROUP = 255

_LEGAL_NAME = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+")


def body(name: bytes, data: bytes = b"") -> bytes:
    """The body of a command: the name with its size, and the data."""
    return b"".join((bytes((len(name),)), name, data))


def frame(name: bytes, data: bytes = b"") -> bytes:
    """A command as it goes over the wire in clear."""
    return framing.command(body(name, data))


def parse(body: bytes) -> tuple[bytes, bytes]:
    """(name, data) of a command frame's body. Raises ProtocolError."""
    size = body[0] if body else 0
    if not 0 < size < len(body):
        raise _malformed("a command without a name", Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED)
    return body[1 : size + 1], body[size + 1 :]


# -- metadata -------------------------------------------------------------------------------------------------------


def metadata(properties: dict[bytes, bytes]) -> bytes:
    """These properties as the data of READY or INITIATE."""
    return b"".join(
        b"".join((bytes((len(name),)), name, len(value).to_bytes(4, "big"), value))
        for name, value in properties.items()
    )


#: Properties that a peer cannot give itself.
_NOT_FOR_PEERS = frozenset({"user-id", "peer-address", "__fd"})
#: Bytes of what is remembered, and how many of those. Peers of one kind, of whom there may be thousands, say the same.
_SHORT, _REMEMBERED = 256, 64


class Properties(dict[str, bytes]):
    """What a peer or a ZAP handler says, by name; not to be changed."""

    def text(self) -> dict[str, str]:
        """As text."""
        return {name: value.decode("utf-8", "replace") for name, value in self.items()}

    @cached_property
    def facts(self) -> dict[str, str]:
        """As text, but for what is not for a peer to say."""
        return {name: value for name, value in self.text().items() if name.lower() not in _NOT_FOR_PEERS}


def parse_metadata(data: bytes) -> Properties:
    """The properties of a READY. Raises ProtocolError: one is cut, illegal or there twice."""
    return _remembered(data) if len(data) <= _SHORT else _parse_properties(data)


@lru_cache(_REMEMBERED)
def _remembered(data: bytes) -> Properties:
    return _parse_properties(data)


def _parse_properties(data: bytes) -> Properties:
    properties = Properties()
    seen = set()
    pos = 0
    while pos < len(data):
        value_at = pos + 1 + data[pos] + 4
        name = data[pos + 1 : value_at - 4]
        value_end = value_at + int.from_bytes(data[value_at - 4 : value_at], "big")
        if value_at > len(data) or value_end > len(data):
            raise _malformed("a property longer than its command", Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY)
        if not name or not _LEGAL_NAME.issuperset(name):
            raise _malformed(f"an illegal property name {name!r}", Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA)
        text = name.decode("ascii")
        lower = text.lower()
        # 37/ZMTP: "Metadata names SHALL be case-insensitive."
        if lower in seen:
            raise _malformed(f"the property {text} twice", Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA)
        seen.add(lower)
        properties[_CANONICAL.get(lower, text)] = value = data[value_at:value_end]
        if lower == "identity" and len(value) > MAX_IDENTITY:
            raise _malformed(
                f"an identity of {len(value)} bytes; {MAX_IDENTITY} are the most",
                Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
            )
        pos = value_end
    return properties


_CANONICAL = {"socket-type": "Socket-Type", "identity": "Identity", "resource": "Resource"}


# -- the others -----------------------------------------------------------------------------------------------------


def reason(text: str) -> bytes:
    """The data of an ERROR with a reason, cut to what the command can hold."""
    said = text.encode("ascii", "replace")[:255]
    return bytes((len(said),)) + said


def parse_error(data: bytes) -> str:
    """The reason of an ERROR."""
    if not data or len(data) < 1 + data[0]:
        raise _malformed("an ERROR that is cut", Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR)
    return data[1 : 1 + data[0]].decode("ascii", "replace")


def ping(deciseconds: int, context: bytes = b"") -> bytes:
    """The body of a PING: something will be heard of us again within so many tenths of a second."""
    return body(b"PING", deciseconds.to_bytes(2, "big") + context)


def parse_ping(data: bytes) -> tuple[int, bytes]:
    """(deciseconds, context) of a PING."""
    if not 2 <= len(data) <= 2 + MAX_PING_CONTEXT:
        raise _malformed(
            f"a PING of {len(data)} bytes, not 2 to {2 + MAX_PING_CONTEXT}",
            Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
        )
    return int.from_bytes(data[:2], "big"), data[2:]


def pong(context: bytes) -> bytes:
    """The body of a PONG, the answer to a PING with this context."""
    return body(b"PONG", context)


#: Who says what it wants to receive, and by which commands: socket type -> (to want it no more, to want it).
WISHES = {
    "SUB": (b"CANCEL", b"SUBSCRIBE"),
    "XSUB": (b"CANCEL", b"SUBSCRIBE"),
    "DISH": (b"LEAVE", b"JOIN"),
}


def wish(message: bytes, socket_type: str) -> bytes:
    """The body of the command for what is ``\\x01topic`` or ``\\x00topic`` within, and to older peers of a SUB."""
    return body(WISHES[socket_type][message[0]], message[1:])


def _malformed(what: str, code: int) -> ProtocolError:
    return ProtocolError(f"the peer sent {what}", code)
