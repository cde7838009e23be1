"""How a handshake of 37/ZMTP is scripted, and what it comes to: what mechanisms share, and all that NULL does."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from ..buffers import Body, Message
from ..constants import Event
from . import command
from .config import Config
from .errors import AuthenticationError, LimitExceeded, NotAuthenticated, PeerError, ProtocolError
from .framing import COMMAND, LONG, Decoder

if TYPE_CHECKING:
    from typing import Protocol

    from .zap import Verdict

    class Cipher(Protocol):
        """What a mechanism puts in the place of plain frames."""

        def encode(self, queue: deque[Message], buffers: list[Body], limit: int) -> None:
            """As `framing.encode`."""

        def command(self, body: bytes) -> bytes:
            """As `framing.command`."""

        def decoder(self, inner: Decoder) -> Decoder:
            """A decoder that hands what it has opened to one of plain frames."""


#: More bytes than ever come: the script waits for the ZAP handler instead.
NEVER = 1 << 62
_ERROR = b"\x05ERROR"


class Outcome:
    """What a handshake has found out."""

    __slots__ = ("cipher", "metadata", "verdict")

    def __init__(self, metadata: command.Properties, verdict: Verdict | None = None, cipher: Cipher | None = None):
        self.metadata = metadata
        self.verdict = verdict
        self.cipher = cipher


#: A part of the exchange: yields how many bytes it needs, is sent exactly those, and returns what it learnt.
Script = Generator[int, Any, Outcome]


class Party:
    """Our side of a handshake. ``accept`` raises IncompatiblePeer, having told the peer so if it may be."""

    def __init__(
        self,
        config: Config,
        output: Callable[[bytes], None],
        accept: Callable[[Mapping[str, bytes], bool], None],
        inquire: Callable[[list[bytes]], None],
    ):
        self.config = config
        self.security = config.security
        self._output = output
        self._accept = accept
        self._inquire = inquire

    def send(self, name: bytes, data: bytes = b"") -> None:
        """A command is due to the peer."""
        self._output(command.frame(name, data))

    def send_ready(self) -> None:
        """READY is due to the peer, in clear."""
        self._output(self.config.ready)

    def metadata(self) -> bytes:
        """Ours, as commands have it."""
        return self.config.said

    def accept(self, metadata: Mapping[str, bytes], tell: bool = True) -> None:
        """Look who the peer says it is. Raises IncompatiblePeer, and tells the peer unless it would not understand."""
        self._accept(metadata, tell)

    def ask(self, *credentials: bytes, required: bool) -> Generator[int, Any, Verdict | None]:
        """The ZAP handler's verdict; None when there is no handler and none is ``required``.

        Raises AuthenticationError for a client that it refuses, NotAuthenticated without a handler, and ProtocolError
        for a reply that is none.
        """
        self._inquire([self.config.mechanism.encode(), *credentials])
        reply = yield NEVER
        if reply is None:
            if required:
                raise NotAuthenticated(f"{self.config.mechanism} needs a ZAP handler, and there is none", errno.EFAULT)
            return None
        from . import zap  # the question has loaded it

        verdict = zap.parse_reply(reply)
        if verdict.status != zap.OK:
            if verdict.status != zap.TEMPORARY:  # of which the client shall not hear (27/ZAP): it is to try again
                self.send(b"ERROR", command.reason(str(verdict.status)))
            raise AuthenticationError(f"the ZAP handler answered {verdict.status} {verdict.text}", verdict.status)
        return verdict

    def expect(self, wanted: bytes, errors: tuple[bytes, ...] = (_ERROR,)) -> Generator[int, Any, bytes]:
        """The data of the next command, of this name. Raises PeerError when it is one of ``errors`` instead."""
        body = yield from _read_command(self.config.limits.handshake_bytes)
        for error in errors:
            if body.startswith(error):
                raise _refusal(command.parse_error(body[len(error) :]))
        name, data = command.parse(body)
        if name == wanted:
            return data
        raise ProtocolError(
            f"the peer sent the command {name[:32]!r} where {wanted.decode()} was due",
            Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
        )


def _refusal(reason: str) -> ProtocolError:
    """What an ERROR means: a ZAP handler's status, or a sentence."""
    if reason in ("300", "400", "500"):
        return AuthenticationError(f"the peer refused us: status {reason}", int(reason))
    return PeerError(f"the peer refused us: {reason}")


def _read_command(most: int) -> Generator[int, bytes, bytes]:
    """The body of the command that must come now, of so many bytes at most."""
    flags = (yield 1)[0]
    if flags & ~LONG != COMMAND:
        raise ProtocolError(
            f"the peer sent a frame with flags 0x{flags:02x} before the handshake was done",
            Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
        )
    size = int.from_bytes((yield 8 if flags & LONG else 1), "big")
    if size > most:
        raise LimitExceeded(
            "handshake_bytes",
            f"the peer sent a handshake command of {size} bytes; {most} are the most",
            Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
        )
    return (yield size)


def null(party: Party) -> Script:
    """The mechanism NULL: exchange READY. With a ZAP_DOMAIN the handler is asked about the peer's address, whoever
    binds.
    """
    security = party.security
    verdict = None
    if security.zap_domain:
        verdict = yield from party.ask(required=security.enforce_domain)
    party.send_ready()
    data = yield from party.expect(b"READY")
    metadata = command.parse_metadata(data)
    party.accept(metadata)
    return Outcome(metadata, verdict)
