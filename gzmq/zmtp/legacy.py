"""Frames of ZMTP 1.0 (13/ZMTP): a length that counts the flags, the flags, the body."""

from __future__ import annotations

from collections import deque

from ..buffers import Body, Message, parts
from .errors import ProtocolError
from .framing import LARGE, MORE, Decoder


def header(size: int, more: int = 0) -> bytes:
    """What goes before a body of this size."""
    size += 1
    return bytes((size, more)) if size < 255 else b"".join((b"\xff", size.to_bytes(8, "big"), bytes((more,))))


def frame(body: bytes, more: int = 0) -> bytes:
    """One frame."""
    return header(len(body), more) + body


def encode(queue: deque[Message], buffers: list[Body], limit: int) -> None:
    """As `framing.encode`."""
    left = limit
    while queue and left > 0:
        message = parts(queue.popleft())
        last = len(message) - 1
        for at, body in enumerate(message):
            more = MORE if at < last else 0
            buffers += (header(len(body), more), body) if len(body) >= LARGE else (frame(bytes(body), more),)
        left -= sum(map(len, message)) + 2 * len(message)


class LegacyDecoder(Decoder):
    """As `Decoder`; there are no commands."""

    def _decode(self, data: bytes, messages: list[Message]) -> None:
        pos, end = 0, len(data)
        while (found := self._header(data, pos, end)) is not None:
            flags, size, start = found
            pos = start + size
            if pos > end:
                self._begin_body(flags, size, data, start)
                return
            self._frame(flags, data[start:pos], messages)
        self._tail = data[pos:]

    def _header(self, data: bytes, pos: int, end: int) -> tuple[int, int, int] | None:
        if pos == end:
            return None
        start = pos + (9 if data[pos] == 255 else 1)
        if start >= end:
            return None
        size = int.from_bytes(data[start - 8 : start], "big") if data[pos] == 255 else data[pos]
        flags = data[start]
        if size == 0 or flags > MORE:
            raise ProtocolError(f"the peer sent a ZMTP 1.0 frame of length {size} with flags 0x{flags:02x}")
        self._check_size(flags, size - 1)
        return flags, size - 1, start + 1
