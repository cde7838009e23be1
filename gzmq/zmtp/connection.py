"""One ZMTP connection without its I/O: GREETING -> HANDSHAKE -> TRAFFIC -> CLOSED.

Rules: `receive_data` takes bytes in any cuts and never blocks; what is due to the peer is in `output`, before messages
that are encoded later; once an error was raised the state is CLOSED and nothing more is taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ..buffers import Body, Message, parts
from ..constants import Event
from ..onuse import OnUse
from . import command, framing, legacy
from .acquaintances import Step
from .config import Config
from .errors import IncompatiblePeer, LimitExceeded, PeerError, ProtocolError
from .framing import Decoder, Encode
from .greeting import Greeting, greet
from .handshake import NEVER, Party, Script, null
from .legacy import LegacyDecoder

if TYPE_CHECKING:
    from .handshake import Cipher
    from .zap import Verdict

GREETING, HANDSHAKE, TRAFFIC, CLOSED = "GREETING", "HANDSHAKE", "TRAFFIC", "CLOSED"


def _plain() -> Handshakes:
    from . import plain

    return plain.client, plain.server


def _curve() -> Handshakes:
    from . import curve

    return curve.client, curve.server


#: The handshake of a client and of a server.
Handshakes = tuple[Callable[[Party], Script], Callable[[Party], Script]]
#: The mechanisms, by name.
MECHANISMS: OnUse[str, Handshakes] = OnUse({"NULL": lambda: (null, null), "PLAIN": _plain, "CURVE": _curve})


def _encode_for_publishers() -> Encode:
    from .repeats import OF_PUBLISHERS

    return OF_PUBLISHERS.encode


#: What encodes for types that send the same to many.
ENCODERS: OnUse[str, Encode] = OnUse(dict.fromkeys(("PUB", "XPUB"), _encode_for_publishers))


def _shape(name: str) -> Callable[[], type[Decoder]]:
    def load() -> Any:
        from . import shapes

        return getattr(shapes, name)

    return load


#: What decodes for types whose messages have a shape of their own. No version before 3.0 knows these types.
SHAPES: OnUse[str, type[Decoder]] = OnUse(
    {
        **dict.fromkeys(("CLIENT", "SERVER", "PEER", "CHANNEL", "SCATTER", "GATHER"), _shape("OneFrameDecoder")),
        "DISH": _shape("GroupDecoder"),
        "RADIO": _shape("CommandDecoder"),
    }
)


@cache
def _framing_of(socket_type: str) -> tuple[type[Decoder], Encode]:
    """Both, for one of the types."""
    return SHAPES.get(socket_type, Decoder), ENCODERS.get(socket_type, framing.encode)


#: PONGs that may wait to be sent before we believe that the peer means ill.
MAX_WAITING_OUTPUT = 1 << 12

#: Who hears what its peers want: socket type -> command -> mark of the message that stands for it within.
_HEARERS = {
    **dict.fromkeys(("PUB", "XPUB"), {b"SUBSCRIBE": b"\x01", b"CANCEL": b"\x00"}),
    "RADIO": {b"JOIN": b"\x01", b"LEAVE": b"\x00"},
}
#: Bytes read at once of wishes: some hundred, which take a few milliseconds together.
_WISHES_AT_ONCE = 1 << 13
#: A wish to send takes as long as so many bytes, whatever its size.
_WISH_COST = 64


_NOTHING_SAID = command.Properties()
_UNHEARD: Generator[int, Any, None] = (0 for _ in "")  # the script as long as the peer has said nothing
_OVER: Generator[int, Any, None] = (0 for _ in "")  # the script of whoever has played his


class Connection:
    """The state of one connection. What it knows of the peer it knows from TRAFFIC on."""

    def __init__(self, config: Config):
        self.config = config
        self.state = GREETING
        self.output: list[bytes] | None = [config.signature]  # None once it has been taken
        self.peer_version = (0, 0)
        self.peer_identity = b""
        self.peer_socket_type = ""
        self.peer_metadata = _NOTHING_SAID
        self.alike = False  # this peer is written the same bytes as others: a message has the encoding of `alone`
        self.introduced = False  # the handshake was good, whatever came then
        self.verdict: Verdict | None = None  # the ZAP handler's, if one was asked
        self.peer_ttl = 0  # tenths of a second, as the peer's last PING promised
        self.decoder: Decoder | None = None  # until the peer is known
        #: Takes messages from a queue until about so many bytes are there, and appends them as buffers to write. A
        #: frame may be a view of a large buffer whose owner waits for us to let go of it: what is encoded holds either
        #: that very view or nothing of it.
        self.encode: Encode = framing.encode
        self.under_way = 0  # bytes of the frame that has come in part; 0 when there is none, or that is not known
        self._command = framing.command
        self._question: list[bytes] | None = None  # for the ZAP handler
        self._early = b""  # received, and not yet enough for the script
        self._script = _UNHEARD
        self._step = config.acquaintances.first if config.predictable else None
        self._need = 0

    # -- in -----------------------------------------------------------------------------------------------------------

    def receive_data(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete. Raises ProtocolError, with the messages before the fault."""
        decoder = self.decoder
        try:
            if decoder is None:
                data = self._follow_script(data)
                decoder = self.decoder
                if decoder is None:
                    return []
            messages = decoder.feed(data) if data else []
        except ProtocolError:
            self.close()
            raise
        self.under_way = decoder.under_way
        return messages

    def at_once(self, limit: int) -> int:
        """How many bytes to read at once, of ``limit`` at the most: fewer by who hears wishes, each of some bytes."""
        return min(limit, _WISHES_AT_ONCE) if self.config.socket_type in _HEARERS else limit

    def filled(self, count: int, behind: bytes = b"") -> list[Message]:
        """As `receive_data`, for so many bytes put into the decoder's room while a frame is `under_way`, to spare a
        copy, and those that came behind the frame.
        """
        decoder = self.decoder
        assert decoder is not None
        try:
            messages = decoder.filled(count, behind)
        except ProtocolError:
            self.close()
            raise
        self.under_way = decoder.under_way
        return messages

    def _follow_script(self, data: bytes) -> bytes:
        """Greeting and handshake; the bytes behind them.

        What is known to follow from what the peer says needs no script until it says something else.
        """
        step = self._step
        if self._script is _UNHEARD:
            known = step.further.get(data) if step is not None else None
            if known is not None:
                self._repeat(known)
                return b""
            self._begin_script(step)
        before = len(self.output or ())
        rest = self._play(data)
        if step is not None:
            self._step = self._note(step, data, rest, before)
        return rest

    def _begin_script(self, step: Step | None) -> None:
        """With what the peer has said so far, and has been answered."""
        self._script = self._introduce()
        self._need = next(self._script)
        if step is not None and step.heard:
            answered, self.output = self.output, None
            self._play(step.heard)
            self.output = answered

    def _repeat(self, step: Step) -> None:
        self._step = step
        self.state = step.state
        if step.answer:
            self._send(step.answer)
        if step.metadata is not None:
            self.peer_socket_type = step.socket_type
            self._meet(step.version, step.metadata, None)

    def _note(self, step: Step, data: bytes, rest: bytes, before: int) -> Step | None:
        """What followed from these bytes, if that is all that they were, and the peer is not of before 3.0."""
        done = self.state is TRAFFIC
        if rest or (done and self.peer_version < (3, 0)):
            return None
        answer = b"".join((self.output or [])[before:])
        metadata = self.peer_metadata if done else None
        further = Step(step.heard + data, answer, self.state, self.peer_version, self.peer_socket_type, metadata)
        return self.config.acquaintances.note(step, data, further)

    def _play(self, data: bytes) -> bytes:
        """The script, as far as these bytes go; those behind its end."""
        data, self._early = self._early + data, b""
        start, end, need = 0, len(data), self._need
        go_on = self._script.send
        try:
            while end - start >= need:
                taken = data[start : start + need]
                start += need
                need = go_on(taken)
        except StopIteration:
            return data[start:]
        self._need = need
        self._early = early = data[start:]
        if need == NEVER and len(early) > self.config.limits.handshake_bytes:
            raise LimitExceeded(
                "handshake_bytes",
                f"the peer sent {len(early)} bytes while its handshake waits for the ZAP handler",
                Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
            )
        return b""

    def _send(self, data: bytes) -> None:
        if self.output is None:
            self.output = [data]
        else:
            self.output.append(data)

    def _inquire(self, question: list[bytes]) -> None:
        self._question = question

    def take_zap_question(self) -> list[bytes] | None:
        """What to ask the ZAP handler now, and tell `zap_replied`: the mechanism and the credentials. None: nothing."""
        question, self._question = self._question, None
        return question

    def zap_replied(self, reply: Sequence[bytes] | None) -> list[Message]:
        """The handler's message, or None when there is no handler; as `receive_data`."""
        if self._need != NEVER or self.decoder is not None:
            return []  # closed, or answered twice
        try:
            self._need = self._script.send(reply)
        except StopIteration:
            pass
        except ProtocolError:
            self.close()
            raise
        early, self._early = self._early, b""
        return self.receive_data(early)

    def facts(self) -> dict[str, str]:
        """What frames of this peer say of it: what it says itself, and what the ZAP handler says."""
        verdict = self.verdict
        if verdict is None:
            return self.peer_metadata.facts
        return {**self.peer_metadata.facts, **verdict.metadata.text(), "User-Id": verdict.user_id}

    def _introduce(self) -> Generator[int, Any, None]:
        """Greeting, handshake, and the choice of the framing."""
        config = self.config
        peer = yield from greet(config, self._send)
        self.peer_version = peer.version
        if peer.version < (3, 0):
            self._accept_legacy(peer)
            return
        if peer.mechanism != config.mechanism:
            raise _mismatch(f"the peer's mechanism is {peer.mechanism!r}, ours is {config.mechanism}")
        as_server = config.security.as_server
        if as_server and peer.as_server and config.mechanism != "NULL":
            raise _mismatch(f"the peer is a {config.mechanism} server, and so are we")
        self.state = HANDSHAKE
        party = Party(config, self._send, self._accept, self._inquire)
        outcome = yield from MECHANISMS[config.mechanism][as_server](party)
        self.verdict = outcome.verdict
        self._meet(peer.version, outcome.metadata, outcome.cipher)

    def _meet(self, version: tuple[int, int], metadata: command.Properties, cipher: Cipher | None) -> None:
        """A peer since 3.0 has shaken hands: choose the framing."""
        config = self.config
        self.peer_version = version
        self.peer_metadata = metadata
        self.peer_identity = metadata.get("Identity", b"")
        socket_type = config.socket_type
        kind, self.encode = _framing_of(socket_type)
        decoder = kind(config.max_message_size, self._on_command, config.limits)
        self.alike = cipher is None
        if cipher is not None:
            self.encode, self._command = cipher.encode, cipher.command
            decoder = cipher.decoder(decoder)
        # libzmq says JOIN to peers of 3.0, too; they have no other form of it.
        if socket_type in command.WISHES and (self.can_ping or socket_type in SHAPES):
            self.alike = False
            self.encode = partial(encode_wishes, socket_type, self.encode, self._command)
        self._begin_traffic(decoder)

    def _begin_traffic(self, decoder: Decoder) -> None:
        """The last of the script."""
        self.decoder = decoder
        self.state = TRAFFIC
        self.introduced = True
        self._script = _OVER

    def _accept(self, metadata: Mapping[str, bytes], tell: bool) -> None:
        # whatever the peer says of itself may end up in a log
        said = metadata.get("Socket-Type", b"")[:32].decode("ascii", "backslashreplace")
        self._accept_type(said if said.isprintable() else repr(said), tell)

    def _accept_type(self, socket_type: str, tell: bool) -> None:
        config = self.config
        self.peer_socket_type = socket_type
        if socket_type not in config.peers:
            reason = f"peer is {socket_type or 'of no type'}, {config.socket_type} talks only to "
            reason += ", ".join(sorted(config.peers))
            if tell:
                self._send(command.frame(b"ERROR", command.reason(reason)))
            raise IncompatiblePeer(reason, Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA)

    def _accept_legacy(self, peer: Greeting) -> None:
        """Peers before 3.0 have no handshake, hence no security; a socket that asks for any refuses them.

        Nor do they know the types of `SHAPES`.
        """
        config = self.config
        has_no = f"the peer speaks ZMTP {peer.version[0]}.{peer.version[1]}, which has no"
        wanted = config.mechanism if config.mechanism != "NULL" else "ZAP" if config.security.zap_domain else ""
        if wanted:
            raise _mismatch(f"{has_no} {wanted}")
        if config.socket_type in SHAPES:
            raise IncompatiblePeer(f"{has_no} {config.socket_type}", Event.PROTOCOL_ERROR_ZMTP_INVALID_METADATA)
        self.peer_identity = peer.identity
        if peer.socket_type:  # an unversioned peer does not say
            self._accept_type(peer.socket_type, tell=False)
        kind = Decoder
        if peer.version == (1, 0):
            kind = LegacyDecoder
            self.encode = legacy.encode
        self._begin_traffic(kind(config.max_message_size, _no_commands, config.limits))

    def _on_command(self, body: bytes) -> Message | None:
        """A command between messages, or between the frames of one; a message when it stands for one."""
        name, data = command.parse(body)
        if name == b"PING":
            self.peer_ttl, context = command.parse_ping(data)
            self._send(self._command(command.pong(context)))
            if len(self.output or ()) > MAX_WAITING_OUTPUT:
                raise ProtocolError(f"the peer sent {MAX_WAITING_OUTPUT} PINGs and takes no PONG")
        elif name in _HEARERS.get(self.config.socket_type, ()):
            return self._heard(name, data)
        elif name == b"ERROR":
            raise PeerError(f"the peer gave us up: {command.parse_error(data)}")
        elif name in (b"READY", b"SUBSCRIBE", b"CANCEL"):
            raise ProtocolError(
                f"the peer sent {name.decode()} to a {self.config.socket_type} in the middle of traffic",
                Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
            )
        return None  # PONG, what is for other types, and what later versions may add

    def _heard(self, name: bytes, data: bytes) -> bytes:
        if self.config.socket_type in SHAPES and len(data) > command.MAX_GROUP:
            raise ProtocolError(
                f"the peer sent a {name.decode()} of {len(data)} bytes; {command.MAX_GROUP} are the most",
                Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
            )
        return _HEARERS[self.config.socket_type][name] + data

    # -- out ----------------------------------------------------------------------------------------------------------

    @property
    def can_ping(self) -> bool:
        """Whether the peer knows the commands of 3.1."""
        return self.peer_version >= (3, 1)

    def ping(self, deciseconds: int) -> None:
        """Ask for a sign of life, promising one of ours within so many tenths of a second (0: no promise)."""
        self._send(self._command(command.ping(deciseconds)))

    def close(self) -> None:
        """Take nothing more, and let go of everything at once, without waiting for the collector."""
        self.state = CLOSED
        self._script.close()
        self._early = b""
        self.decoder = _DEAF
        self.under_way = 0

    def __repr__(self) -> str:
        return f"<Connection {self.config.socket_type} {self.state} peer={self.peer_socket_type or 'unknown'}>"


def encode_wishes(
    socket_type: str,
    encode: Encode,
    as_command: Callable[[bytes], bytes],
    queue: deque[Message],
    buffers: list[Body],
    limit: int,
) -> None:
    """As ``encode`` for a subscriber: what is a subscription goes as a command."""
    while queue and limit > 0:
        message = parts(queue[0])
        if len(message) == 1 and message[0][:1] in (b"\x00", b"\x01"):
            queue.popleft()
            buffers.append(as_command(command.wish(bytes(message[0]), socket_type)))
            limit -= len(message[0]) + _WISH_COST
        else:
            encode(deque((queue.popleft(),)), buffers, limit)
            limit -= sum(map(len, message)) + 2 * len(message)


def _mismatch(reason: str) -> ProtocolError:
    return ProtocolError(reason, Event.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)


class _Deaf(Decoder):
    """In the place of the decoder once the connection is closed."""

    def feed(self, data: bytes) -> list[Message]:
        return []


_DEAF = _Deaf(-1, lambda body: None)


def _no_commands(body: bytes) -> None:
    raise ProtocolError("the peer sent a command, which its version does not have")
