"""How two peers find the highest version that both speak: 37/ZMTP, 23/ZMTP 3.0, 15/ZMTP 2.0, 13/ZMTP 1.0.

Rules: no octet goes out before what has come in shows that a peer of any version will take it as its own; a scripted
exchange here is a generator that yields how many bytes it needs next and is sent exactly those.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cache
from typing import TYPE_CHECKING

from ..constants import SocketType
from . import legacy
from .command import MAX_IDENTITY
from .errors import ProtocolError
from .framing import LONG

if TYPE_CHECKING:
    from .config import Config

#: A part of the exchange: yields how many bytes it needs, is sent them, and returns what it learnt.
Script = Generator[int, bytes, "Greeting"]
Send = Callable[[bytes], None]

VERSION = (3, 1)
_MECHANISM_SIZE, _FILLER = 20, bytes(31)
#: Revisions of peers before 3.0, as they say them in the eleventh octet.
_REVISION_1, _REVISION_2 = 0, 1
#: Socket types in the order of their numbers, as 15/ZMTP has them.
_TYPES = [member.name for member in SocketType][: SocketType.XSUB + 1]


class Greeting:
    """What the peer's greeting said. Before 3.0 it says who the peer is, too; there is no handshake then."""

    __slots__ = ("as_server", "identity", "mechanism", "socket_type", "version")

    def __init__(
        self,
        version: tuple[int, int],
        mechanism: str = "NULL",
        as_server: bool = False,
        socket_type: str = "",
        identity: bytes = b"",
    ):
        self.version = version
        self.mechanism = mechanism
        self.as_server = as_server
        self.socket_type = socket_type
        self.identity = identity


def greet(config: Config, send: Send) -> Script:
    """Exchange greetings, after our signature; ``send`` takes what is due to the peer then."""
    signature = yield 1
    if signature == b"\xff":
        signature += yield 9
    if len(signature) == 1 or not signature[9] & 1:
        return (yield from _greet_unversioned(signature, config, send))
    send(bytes(VERSION[:1]))
    major = (yield 1)[0]
    if major < VERSION[0]:
        return (yield from _greet_legacy(major, config, send))
    send(_our_rest(config.mechanism, config.security.as_server))
    rest = yield 1 + _MECHANISM_SIZE + 1 + len(_FILLER)
    name = rest[1 : 1 + _MECHANISM_SIZE].rstrip(b"\0").decode("ascii", "replace")
    return Greeting((major, rest[0]), name, bool(rest[1 + _MECHANISM_SIZE] & 1))


@cache
def _our_rest(mechanism: str, as_server: bool) -> bytes:
    """What follows the major version in our greeting."""
    # 37/ZMTP: "When a peer uses the NULL security mechanism, the as-server field MUST be zero."
    says_server = as_server and mechanism != "NULL"
    return b"".join(
        (bytes(VERSION[1:]), mechanism.encode().ljust(_MECHANISM_SIZE, b"\0"), bytes((says_server,)), _FILLER)
    )


def _greet_unversioned(start: bytes, config: Config, send: Send) -> Script:
    """A peer whose first bytes are the frame of its identity. Our signature stands for the header of ours."""
    length = start[0] if len(start) == 1 else int.from_bytes(start[1:9], "big")
    flags = (yield 1)[0] if len(start) == 1 else start[9]
    identity = yield from _legacy_identity(length - 1, flags)
    send(config.identity)
    return Greeting((1, 0), identity=identity)


def _greet_legacy(revision: int, config: Config, send: Send) -> Script:
    """A peer of 2.0, or one of 1.0 that knows of versions."""
    send(bytes((SocketType[config.socket_type],)))
    number = (yield 1)[0]
    socket_type = _TYPES[number] if number < len(_TYPES) else f"of unknown number {number}"
    own = config.identity
    send(legacy.frame(own) if revision == _REVISION_1 else bytes((0, len(own))) + own)
    if revision == _REVISION_1:
        length = (yield 1)[0]
        if length == 255:
            length = int.from_bytes((yield 8), "big")
        flags, length = (yield 1)[0], length - 1
    else:
        flags = (yield 1)[0]
        length = int.from_bytes((yield 8 if flags & LONG else 1), "big")
        flags &= ~LONG
    identity = yield from _legacy_identity(length, flags)
    return Greeting((1 if revision == _REVISION_1 else 2, 0), socket_type=socket_type, identity=identity)


def _legacy_identity(length: int, flags: int) -> Generator[int, bytes, bytes]:
    """The identity that a peer before 3.0 sends as its first frame; what is no ZMTP at all mostly fails here."""
    if flags != 0 or not 0 <= length <= MAX_IDENTITY:
        raise ProtocolError(f"no ZMTP: the first frame would be an identity of {length} bytes with flags 0x{flags:02x}")
    return (yield length)
