"""MESSAGE sealed and opened by the libsodium that PyNaCl carries; `sodium.pyx` is the same, to be compiled.

Rules: the caller's numbers strictly increase, so no nonce is used twice; a box whose nonce is not above the last one's
is refused before it is opened; nothing of a box that does not open gets out.
"""

from __future__ import annotations

from ..buffers import Body
from ..keys import sodium
from .framing import LARGE, LONG
from .room import Room
from .sealed import BOX_AT, MESSAGE, NONCE_AT, OVERHEAD, SHORT_NONCE

#: libsodium wants zeros before what it seals and before a box; the box begins as far on as in a MESSAGE, so that what
#: it writes is as large as one.
_ZEROS, _BOX_ZEROS = bytes(OVERHEAD - 1), bytes(BOX_AT)
#: What comes before a body to be sealed, by its flags.
_BEFORE = [_ZEROS + bytes((flags,)) for flags in range(256)]
#: The header of a short frame and what is the same in each.
_SHORT = [bytes((0, size)) + MESSAGE for size in range(256)]
_LONG_ZEROS = bytes(9)
_SMALLEST_ROOM = 1 << 8


def _long(size: int) -> bytes:
    """As `_SHORT`, for a size that is not."""
    return bytes((LONG,)) + size.to_bytes(8, "big") + MESSAGE


class _Room:
    """Where libsodium puts what is not large: no more of it than is needed, as each of many connections has two."""

    __slots__ = ("place", "size", "view")

    def __init__(self) -> None:
        self.grow(_SMALLEST_ROOM)

    def grow(self, size: int) -> None:
        """Make it so large, with some room to spare."""
        ffi, _ = sodium()
        self.size = min(4 * size, LARGE)
        self.place = ffi.new("unsigned char[]", self.size)
        self.view = ffi.buffer(self.place)


class Sealer:
    """Seals the frames of one direction, by a shared key and that half of the nonce which is always the same."""

    __slots__ = ("_buffers", "_ffi", "_key", "_pieces", "_prefix", "_room", "_seal")

    def __init__(self, key: bytes, prefix: bytes):
        self._ffi, lib = sodium()
        self._seal = lib.crypto_box_afternm
        self._key = key
        self._prefix = prefix
        self._room = _Room()
        self._buffers: list[Body] = []
        self._pieces: list[bytes] = []

    def begin(self, buffers: list[Body], limit: int) -> None:
        """What is added now goes to these buffers, about so many bytes."""
        self._buffers = buffers
        self._pieces = []

    def add(self, number: int, flags: int, body: Body) -> int:
        """A frame with this nonce. The number of bytes that it takes. Raises OverflowError at the end of all nonces."""
        nonce = number.to_bytes(SHORT_NONCE, "big")
        size = len(body) + OVERHEAD
        if size >= LARGE:
            return self._add_large(nonce, flags, body, size)
        room = self._room
        if size > room.size:
            room.grow(size)
        self._seal(room.place, _BEFORE[flags] + body, size, self._prefix + nonce, self._key)
        head = (_SHORT[size] if size < 256 else _long(size)) + nonce
        self._pieces.append(head)
        self._pieces.append(room.view[BOX_AT:size])
        return len(head) + size - BOX_AT

    def _add_large(self, nonce: bytes, flags: int, body: Body, size: int) -> int:
        """One that is sealed where it is written from."""
        whole = bytearray().join((_LONG_ZEROS + _BEFORE[flags], body))
        with self._ffi.from_buffer("unsigned char[]", whole) as start:
            place = start + len(_LONG_ZEROS)
            self._seal(place, place, size, self._prefix + nonce, self._key)
        whole[: len(_LONG_ZEROS) + BOX_AT] = _long(size) + nonce
        self.end()
        self._buffers.append(memoryview(whole))
        return len(whole)

    def end(self) -> None:
        """All that was added is in the buffers."""
        if self._pieces:
            self._buffers.append(b"".join(self._pieces))
            self._pieces = []


class Opener:
    """Opens the MESSAGEs of the other direction. ``last`` is the nonce of the last, ``flags`` what that was."""

    __slots__ = ("_ffi", "_key", "_open", "_prefix", "_room", "flags", "last")

    def __init__(self, key: bytes, prefix: bytes, last: bytes):
        self._ffi, lib = sodium()
        self._open = lib.crypto_box_open_afternm
        self._key = key
        self._prefix = prefix
        self._room = _Room()
        self.last = last
        self.flags = 0

    def open(self, data: bytes, start: int, stop: int) -> bytes | None:
        """The body in the MESSAGE at data[start:stop]; None if that is none, comes out of turn or does not open."""
        box_at = start + BOX_AT
        nonce = data[start + NONCE_AT : box_at]
        size = stop - start
        if size < OVERHEAD or stop > len(data) or data[start : start + NONCE_AT] != MESSAGE or nonce <= self.last:
            return None
        if size >= LARGE:
            return self._open_large(data, box_at, stop, nonce)
        room = self._room
        if size > room.size:
            room.grow(size)
        padded = _BOX_ZEROS + data[box_at:stop]
        if self._open(room.place, padded, len(padded), self._prefix + nonce, self._key):
            return None
        self.last = nonce
        self.flags = room.place[OVERHEAD - 1]
        return room.view[OVERHEAD:size]

    def open_in(self, room: Room, size: int) -> bytes | None:
        """As `open`, of the MESSAGE that a room begins with; nobody needs what is there once it is open."""
        if size < LARGE:
            return self.open(room.whole(), 0, size)
        with room.view(0, size) as word:
            head = bytes(word[:BOX_AT])
            nonce = head[NONCE_AT:]
            if head[:NONCE_AT] != MESSAGE or nonce <= self.last:
                return None
            word[:BOX_AT] = _BOX_ZEROS
            body = self._open_where_it_is(word, nonce)
            if body is None:
                word[:BOX_AT] = head
            return body

    def _open_large(self, data: bytes, box_at: int, stop: int, nonce: bytes) -> bytes | None:
        """One that is put behind the zeros."""
        return self._open_where_it_is(bytearray().join((_BOX_ZEROS, memoryview(data)[box_at:stop])), nonce)

    def _open_where_it_is(self, padded: bytearray | memoryview, nonce: bytes) -> bytes | None:
        """A box behind its zeros."""
        with self._ffi.from_buffer("unsigned char[]", padded) as place:
            if self._open(place, place, len(padded), self._prefix + nonce, self._key):
                return None
        self.last = nonce
        self.flags = padded[OVERHEAD - 1]
        return bytes(memoryview(padded)[OVERHEAD:])
