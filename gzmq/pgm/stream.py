"""The endless stream of frames that a publisher cuts into packets, and how a receiver finds its feet in it.

A TSDU is an offset of 16 bits and bytes of the stream: frames of ZMTP 1.0, cut anywhere. The offset says where in those
bytes the first message begins that begins there, so that a receiver can join, and join again after a loss.
"""

from __future__ import annotations

from collections import deque

from ..buffers import Message, parts
from ..zmtp import ProtocolError
from ..zmtp.framing import MORE, Body
from ..zmtp.legacy import LegacyDecoder, header

#: No message begins in these bytes, and none ends before their end.
NO_START = 0xFFFF
#: Bytes of a packet that are not stream: the header of PGM's data, reserved options, and the offset.
_OVERHEAD = 44
_OFFSET_SIZE = 2


def tsdu_size(max_tpdu: int, ip_header: int, udp_header: int) -> int:
    """The most bytes that the TSDU of one packet may have, of which MULTICAST_MAXTPDU is the whole."""
    return max_tpdu - ip_header - udp_header - _OVERHEAD


class Packer:
    """Makes TSDUs of at most ``size`` bytes from messages."""

    def __init__(self, size: int):
        self._room = size - _OFFSET_SIZE
        self._waiting = bytearray()  # encoded, and in no packet yet
        self._position = 0  # in the stream, of the first byte that waits
        self._starts: deque[int] = deque()  # positions of the messages that begin among them

    def __bool__(self) -> bool:
        """Whether bytes wait."""
        return bool(self._waiting)

    def next(self, queue: deque[Message]) -> bytes | None:
        """The next TSDU, as full as the queue of messages can make it; None when there is nothing."""
        room, waiting = self._room, self._waiting
        while len(waiting) < room and queue:
            self._encode(parts(queue.popleft()))
        if not waiting:
            return None
        piece = bytes(waiting[:room])
        del waiting[:room]
        return self._offset(len(piece)).to_bytes(_OFFSET_SIZE, "big") + piece

    def _encode(self, message: list[Body]) -> None:
        waiting = self._waiting
        self._starts.append(self._position + len(waiting))
        last = len(message) - 1
        for at, body in enumerate(message):
            waiting += header(len(body), MORE if at < last else 0)
            waiting += body

    def _offset(self, size: int) -> int:
        """Of a piece of this size at the present position, which it moves on."""
        starts = self._starts
        first = starts[0] - self._position if starts else size
        self._position += size
        while starts and starts[0] < self._position:
            starts.popleft()
        if first < size:
            return first
        return size if size < self._room else NO_START


class Unpacker:
    """Makes messages from the TSDUs of one publisher; skips what it cannot follow until a message begins."""

    def __init__(self, max_message_size: int):
        self._max_message_size = max_message_size
        self._decoder: LegacyDecoder | None = None  # None: not in the stream
        self.errors = 0  # times that the stream made no sense

    def feed(self, tsdu: bytes) -> list[Message]:
        """The messages that the next TSDU completes."""
        decoder = self._decoder
        if len(tsdu) < _OFFSET_SIZE:
            self._give_up()
            return []
        if decoder is None:
            offset = int.from_bytes(tsdu[:_OFFSET_SIZE], "big")
            if offset == NO_START:
                return []
            if offset > len(tsdu) - _OFFSET_SIZE:
                self._give_up()
                return []
            decoder = self._decoder = LegacyDecoder(self._max_message_size, _no_command)
            data = tsdu[_OFFSET_SIZE + offset :]
        else:
            data = tsdu[_OFFSET_SIZE:]
        try:
            return decoder.feed(data)
        except ProtocolError as error:
            self._give_up()
            return error.messages

    def lost(self) -> None:
        """What comes next does not follow what came last; half a message is forgotten."""
        self._decoder = None

    def _give_up(self) -> None:
        self.errors += 1
        self._decoder = None


def _no_command(body: bytes) -> None:
    """ZMTP 1.0 has none, and its decoder finds none."""
