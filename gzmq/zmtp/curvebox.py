"""CURVE's MESSAGE (25/ZMTP-CURVE): frames sealed in boxes, whole batches and chunks at a time.

Rules: no nonce is used twice, and what is sealed first is written first; a box whose nonce is not above the last one's
is refused before it is opened.
"""

from __future__ import annotations

from collections import deque

from ..buffers import Body
from ..constants import Event
from ..keys import nacl
from . import framing
from .errors import ProtocolError
from .framing import COMMAND, LARGE, MORE, Decoder

SHORT_NONCE = 8
_MESSAGE = b"\x07MESSAGE"
_BOX_AT = len(_MESSAGE) + SHORT_NONCE
_MAC = 16
#: What a box adds to a frame: the command's name, the nonce, the authenticator, the flags.
OVERHEAD = _BOX_AT + _MAC + 1
#: Flags inside the box, and those of a frame outside.
_LAST, _MORE, _COMMAND = b"\x00", b"\x01", b"\x02"
_FLAGS = {_LAST[0]: 0, _MORE[0]: MORE, _COMMAND[0]: COMMAND}
#: The header of a short frame and what is the same in each.
_SHORT = [bytes((0, size)) + _MESSAGE for size in range(256)]


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
        self._box = box
        self._prefix = prefix
        self._sent = sent
        self._their_prefix = their_prefix
        self._received = received

    def encode(self, queue: deque[list[Body]], buffers: list[Body], limit: int) -> None:
        """As `framing.encode`."""
        pieces: list[bytes] = []
        add = pieces.append
        seal, key, prefix = self._box.seal_box, self._box.key, self._prefix
        left = limit
        while queue and left > 0:
            message = queue.popleft()
            last = len(message)
            for body in message:
                last -= 1
                self._sent = nonce = self._sent + 1
                number = nonce.to_bytes(SHORT_NONCE, "big")
                box = seal((_MORE if last else _LAST) + body, prefix + number, key)
                size = _BOX_AT + len(box)
                left -= size
                if size < 256:
                    add(_SHORT[size] + number + box)
                else:
                    add(b"".join((b"\x02", size.to_bytes(8, "big"), _MESSAGE, number)))
                    if size < LARGE:
                        add(box)
                    else:
                        buffers.append(b"".join(pieces))
                        pieces.clear()
                        buffers.append(box)
        if pieces:
            buffers.append(b"".join(pieces))

    def command(self, body: bytes) -> bytes:
        """As `framing.command`: what a command is shows inside the box alone."""
        self._sent += 1
        number = self._sent.to_bytes(SHORT_NONCE, "big")
        return framing.frame(_MESSAGE + number + self._box.seal(_COMMAND + body, self._prefix + number))

    def decoder(self, inner: Decoder) -> Decoder:
        """What opens the peer's boxes, and hands what is in them to a decoder of plain frames."""
        return CurveDecoder(inner, self._box, self._their_prefix, self._received)


class CurveDecoder(Decoder):
    """As `Decoder`, of boxes; ``inner`` bounds and gathers what is inside them."""

    def __init__(self, inner: Decoder, box: Box, prefix: bytes, last_nonce: bytes):
        super().__init__(inner._max_frame, inner._on_command, inner._limits)
        self._inner = inner
        self._short_fits = inner._short_fits
        self._box = box
        self._prefix = prefix
        self._last = last_nonce

    def _decode(self, data: bytes, messages: list[list[bytes]]) -> None:
        pos, end = 0, len(data)
        while True:
            if self._short_fits and not self._inner._frames:
                pos = self._decode_short(data, pos, end, messages)
            header = self._header(data, pos, end)
            if header is None:
                self._tail = data[pos:]
                return
            flags, size, start = header
            pos = start + size
            if pos > end:
                self._begin_body(flags, size, data, start)
                return
            self._frame(flags, data[start:pos], messages)

    def _decode_short(self, data: bytes, pos: int, end: int, messages: list[list[bytes]]) -> int:
        """The whole messages of one short frame that are next, the common ones; where they end."""
        open_box, key, prefix = self._box.open_box, self._box.key, self._prefix
        while end - pos > OVERHEAD and data[pos] == 0:
            start = pos + 2
            box_at = start + _BOX_AT
            stop = start + data[pos + 1]
            nonce = data[start + len(_MESSAGE) : box_at]
            if stop > end or stop - start < OVERHEAD or data[start : start + 8] != _MESSAGE or nonce <= self._last:
                break  # incomplete, or to be refused
            try:
                plain = open_box(data[box_at:stop], prefix + nonce, key)
            except self._box.failure:
                raise broken("MESSAGE") from None
            self._last = nonce
            pos = stop
            if plain[0] == 0:
                messages.append([plain[1:]])
            else:
                self._plain_frame(plain, messages)
                if self._inner._frames:
                    break
        return pos

    def _check_size(self, flags: int, size: int) -> None:
        self._inner._check_size(flags, max(size - OVERHEAD, 0))

    def _frame(self, flags: int, body: bytes, messages: list[list[bytes]]) -> None:
        """One sealed frame of any kind. 25/ZMTP-CURVE calls MESSAGE a command, libzmq sends it as a message."""
        if flags & MORE or not body.startswith(_MESSAGE):
            raise ProtocolError(
                "the peer sent something other than MESSAGE after a CURVE handshake",
                Event.PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
            )
        if len(body) < OVERHEAD:
            raise ProtocolError(
                f"the peer sent a MESSAGE of {len(body)} bytes", Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE
            )
        nonce = body[len(_MESSAGE) : _BOX_AT]
        if nonce <= self._last:
            raise ProtocolError(
                "the peer sent a MESSAGE whose nonce is not above the last", Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE
            )
        plain = self._box.open(body[_BOX_AT:], self._prefix + nonce, "MESSAGE")
        self._last = nonce
        self._plain_frame(plain, messages)

    def _plain_frame(self, plain: bytes, messages: list[list[bytes]]) -> None:
        flags = _FLAGS.get(plain[0])
        if flags is None:
            raise ProtocolError(
                f"the peer sent a MESSAGE with flags 0x{plain[0]:02x}",
                Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
            )
        self._inner._frame(flags, plain[1:], messages)
