"""CURVE's traffic (25/ZMTP-CURVE): frames sealed in MESSAGEs, whole batches and chunks at a time.

Rules: what is sealed first is written first; each frame has the next number as its nonce.
"""

from __future__ import annotations

from collections import deque

from ..buffers import Body, Message
from ..constants import Event
from ..keys import nacl
from . import framing, sealed
from .errors import ProtocolError
from .framing import LONG, MAX_SHORT, Decoder
from .room import Room
from .sealed import LAST, MESSAGE, NONCE_AT, OVERHEAD, SHORT_NONCE
from .sodium import Opener, Sealer

#: The flags of frames by those that are in a box.
_FLAGS = {LAST: 0, sealed.MORE: framing.MORE, sealed.COMMAND: framing.COMMAND}

#: The room that a MESSAGE came in, for the next one of any connection: what comes out of a box is elsewhere. One at the
#: most, and so many bytes.
_SPARE: list[Room] = []
_MOST_SPARE = 1 << 20


def broken(what: str) -> ProtocolError:
    """A box does not open: the key is another, or somebody has changed it."""
    return ProtocolError(f"the peer's {what} does not open: a wrong key?", Event.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)


class Box:
    """Seals and opens for one pair of keys, whose shared secret is computed once."""

    __slots__ = ("failure", "key", "open_box", "seal_box")

    def __init__(self, public: bytes, secret: bytes):
        bindings, self.failure = nacl()
        try:
            self.key = bindings.crypto_box_beforenm(public, secret)
        except self.failure:  # a point of low order, whose secrets all would know
            raise broken("key") from None
        self.seal_box = bindings.crypto_box_afternm
        self.open_box = bindings.crypto_box_open_afternm

    def seal(self, plain: bytes, nonce: bytes) -> bytes:
        """A box."""
        return self.seal_box(plain, nonce, self.key)

    def open(self, box: bytes, nonce: bytes, what: str) -> bytes:
        """What is in it. Raises ProtocolError."""
        try:
            return self.open_box(box, nonce, self.key)
        except self.failure:
            raise broken(what) from None

    def __repr__(self) -> str:
        return "<Box>"


class CurveCipher:
    """Frames of one connection, both ways. ``sent`` and ``received`` are the last nonces of its handshake."""

    def __init__(self, box: Box, prefix: bytes, sent: int, their_prefix: bytes, received: bytes):
        self._sealer = Sealer(box.key, prefix)
        self._sent = sent
        self._opener = Opener(box.key, their_prefix, received)

    def encode(self, queue: deque[Message], buffers: list[Body], limit: int) -> None:
        """As `framing.encode`."""
        sealer = self._sealer
        sealer.begin(buffers, limit)
        left = limit
        while queue and left > 0:
            message = queue.popleft()
            if isinstance(message, list):
                last = message[-1]
                if len(message) > 1:
                    for body in message[:-1]:
                        self._sent += 1
                        left -= sealer.add(self._sent, sealed.MORE, body)
            else:
                last = message
            self._sent += 1
            left -= sealer.add(self._sent, LAST, last)
        sealer.end()

    def command(self, body: bytes) -> bytes:
        """As `framing.command`: what a command is shows inside the box alone."""
        buffers: list[Body] = []
        self._sealer.begin(buffers, len(body))
        self._sent += 1
        self._sealer.add(self._sent, sealed.COMMAND, body)
        self._sealer.end()
        return b"".join(buffers)

    def decoder(self, inner: Decoder) -> Decoder:
        """What opens the peer's boxes, and hands what is in them to a decoder of plain frames."""
        return CurveDecoder(inner, self._opener)


class CurveDecoder(Decoder):
    """As `Decoder`, of boxes; ``inner`` bounds and gathers what is inside them."""

    def __init__(self, inner: Decoder, opener: Opener):
        super().__init__(inner._max_frame, inner._on_command, inner._limits)
        self._inner = inner
        self._fits = inner._fits
        self._opener = opener

    def _decode(self, data: bytes, messages: list[Message]) -> None:
        pos, end = 0, len(data)
        while True:
            if self._fits >= MAX_SHORT and not self._inner._frames:
                pos = self._decode_single(data, pos, end, messages)
            header = self._header(data, pos, end)
            if header is None:
                self._tail = data[pos:]
                return
            flags, size, start = header
            pos = start + size
            if pos > end:
                self._begin_body(flags, size, data, start)
                return
            self._sealed_frame(flags, data, start, pos, messages)

    def _decode_single(self, data: bytes, pos: int, end: int, messages: list[Message]) -> int:
        """The whole messages of one frame that are next, the common ones; where they end."""
        opener = self._opener
        while end - pos > OVERHEAD:
            if data[pos] == 0:
                start = pos + 2
                stop = start + data[pos + 1]
                if stop > end:
                    break
            elif data[pos] == LONG:
                start = pos + 9
                size = int.from_bytes(data[pos + 1 : start], "big")
                if size > end - start:
                    break
                self._check_size(LONG, size)
                stop = start + size
            else:
                break
            body = opener.open(data, start, stop)
            pos = stop
            if body is not None and opener.flags == LAST:
                messages.append(body)
            else:
                self._opened(body, data, start, stop, messages)
                if self._inner._frames:
                    break
        return pos

    def _check_size(self, flags: int, size: int) -> None:
        self._inner._check_size(flags, max(size - OVERHEAD, 0))

    def _make_room(self, count: int) -> None:
        if not (self._have == 0 and self._take_spare()):
            Decoder._make_room(self, count)

    def _take_spare(self) -> bool:
        """Whether there was a room to spare that the MESSAGE under way fits in."""
        try:
            room = _SPARE.pop()
        except IndexError:
            return False
        if room.size < self.wanted:
            return False
        self._room = room
        return True

    def _take_body(self, room: Room, messages: list[Message]) -> None:
        if self._flags & framing.MORE:
            raise _unexpected()
        self._opened(self._opener.open_in(room, self._have), room.whole(), 0, self._have, messages)
        if room.size <= _MOST_SPARE and not _SPARE:
            _SPARE.append(room)

    def _sealed_frame(self, flags: int, data: bytes, start: int, stop: int, messages: list[Message]) -> None:
        """One of any kind. 25/ZMTP-CURVE calls MESSAGE a command, libzmq sends it as a message."""
        if flags & framing.MORE:
            raise _unexpected()
        self._opened(self._opener.open(data, start, stop), data, start, stop, messages)

    def _opened(self, body: bytes | None, data: bytes, start: int, stop: int, messages: list[Message]) -> None:
        """What was in the MESSAGE at data[start:stop], or None as it was refused."""
        if body is None:
            raise self._why_not(data[start:stop])
        inside = self._opener.flags
        flags = _FLAGS.get(inside)
        if flags is None:
            raise ProtocolError(
                f"the peer sent a MESSAGE with flags 0x{inside:02x}",
                Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
            )
        self._inner._frame(flags, body, messages)

    def _why_not(self, message: bytes) -> ProtocolError:
        """What is wrong with one that the opener refused."""
        if not message.startswith(MESSAGE):
            return _unexpected()
        if len(message) < OVERHEAD:
            return ProtocolError(
                f"the peer sent a MESSAGE of {len(message)} bytes", Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE
            )
        if message[NONCE_AT : NONCE_AT + SHORT_NONCE] <= self._opener.last:
            return ProtocolError(
                "the peer sent a MESSAGE whose nonce is not above the last", Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE
            )
        return broken("MESSAGE")


def _unexpected() -> ProtocolError:
    return ProtocolError(
        "the peer sent something other than MESSAGE after a CURVE handshake",
        Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
    )
