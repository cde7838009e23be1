"""Frames of ZMTP 2.0 and 3.x: whole batches to bytes, and chunks of bytes to whole messages.

Rules: nothing is allocated for a length that a peer merely declares, bytes are copied again at most once on average
because more have come, and what one unfinished message may hold is bounded.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable

from ..buffers import Body, Message
from ..constants import Event
from ..limits import LIMITS, Limits
from .errors import LimitExceeded, ProtocolError
from .room import Room

MORE, LONG, COMMAND = 1, 2, 4
#: Bytes that the body of a short frame has at the most.
MAX_SHORT = 255
#: Frames from this size on are written from where they are; smaller ones are joined with their neighbours.
LARGE = 1 << 13
#: Room for the first piece of a body under way. It becomes so many times what has come whenever it is full.
_FIRST_ROOM, _GROWTH = 1 << 9, 4
_MOST = sys.maxsize

#: Takes messages from a queue until about so many bytes are there, and appends them as buffers to be written.
Encode = Callable[[deque, list, int], None]

#: In front of the only other frame of a request or reply, as REQ and REP send them: an empty one.
_DELIMITER = bytes((MORE, 0))

#: The headers of frames that are not large, by size: the last ones of their messages, and others. Each is made when it
#: is first needed.
_LAST: list[bytes | None] = [None] * LARGE
_MORE: list[bytes | None] = [None] * LARGE


def encode(queue: deque[Message], buffers: list[Body], limit: int) -> None:
    """Take messages from a queue until about ``limit`` bytes are there, and append them as buffers to be written."""
    last, more, large = _LAST, _MORE, LARGE  # compiled it is a number of C
    if len(queue) == 1 and limit > 0:
        message = queue[0]
        if isinstance(message, list) and len(message) == 2 and not message[0] and len(message[1]) < large:
            queue.popleft()  # a request or reply that goes alone
            body = message[1]
            size = len(body)
            buffers.append(b"".join((_DELIMITER, last[size] or _new_header(size, 0), body)))
            return
    pieces: list[Body] = []
    take = queue.popleft
    left = limit
    while queue and left > 0:
        message = take()
        if isinstance(message, list):
            *front, body = message
            for frame in front:
                size = len(frame)
                if size < large:
                    pieces.append(more[size] or _new_header(size, MORE))
                    pieces.append(frame)
                else:
                    _encode_large(frame, MORE, pieces, buffers)
                left -= size + 2  # the header counts: empty frames are not for nothing
        else:
            body = message
        size = len(body)
        if size < large:
            pieces.append(last[size] or _new_header(size, 0))
            pieces.append(body)
        else:
            _encode_large(body, 0, pieces, buffers)
        left -= size + 2
    if pieces:
        buffers.append(b"".join(pieces))


def alone(message: Message) -> bytes | None:
    """The encoding of one message, or None if it has large frames, which are written from where they are."""
    buffers: list[Body] = []
    encode(deque((message,)), buffers, 1)
    return bytes(buffers[0]) if len(buffers) == 1 else None


def _encode_large(body: Body, more: int, pieces: list[Body], buffers: list[Body]) -> None:
    """A large frame: it ends the piece that is being gathered."""
    pieces.append(_header(len(body), more))
    buffers.append(b"".join(pieces))
    pieces.clear()
    buffers.append(body)


def _new_header(size: int, more: int) -> bytes:
    """Of a frame that is not large, for the first time."""
    header = _header(size, more)
    (_MORE if more else _LAST)[size] = header
    return header


def _header(size: int, flags: int) -> bytes:
    return bytes((flags, size)) if size <= MAX_SHORT else bytes((LONG | flags,)) + size.to_bytes(8, "big")


def frame(body: bytes, flags: int = 0) -> bytes:
    """One frame."""
    return _header(len(body), flags) + body


def command(body: bytes) -> bytes:
    """A command as one frame."""
    return frame(body, COMMAND)


#: In the place of the room for a body while none is under way.
NO_ROOM = Room(0)
_LONG_MORE = LONG | MORE
_NOUGHTS = bytes(5)  # the upper bytes of a length below 16 MiB


class Decoder:
    """Gathers frames to messages. ``on_command(body)`` gets the commands and may return a message in their place."""

    def __init__(self, max_frame: int, on_command: Callable[[bytes], Message | None], limits: Limits = LIMITS):
        self._limits = limits
        self._max_frame = max_frame
        self._max_message = max(limits.message_bytes, max_frame)
        self._fits = self._max_message if max_frame < 0 else max_frame  # so large may a message of one frame be
        self._most = limits.message_frames  # so many frames one may have; 0: look at each that is not alone
        self._on_command = on_command
        self._tail = b""  # a header that is not complete
        self._flags = 0  # of the frame whose body is under way
        self._room = NO_ROOM  # it, as far as it has come, and room for more
        self._have = 0  # bytes of it
        self._largest = 0  # the most that one had
        self.wanted = 0  # bytes that are still to come of it
        self.under_way = 0  # bytes that it has; 0 when there is none
        self._frames: list[Body] | None = None  # of the message under way
        self._held = 0  # bytes in them

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete. Raises ProtocolError, which has those before the fault."""
        messages: list[Message] = []
        try:
            if self.wanted:
                data = self._go_on(data, messages)
            elif self._tail:
                data = self._tail + data
            self._decode(data, messages)
        except ProtocolError as error:
            error.messages = messages
            raise
        return messages

    def _decode(self, data: bytes, messages: list[Message]) -> None:
        """One pass over a chunk. Small frames, the common ones, never leave the inner loop."""
        raw = data  # compiled it is a pointer
        pos, end = 0, len(data)
        more, long_more, fits = MORE, _LONG_MORE, self._fits  # compiled they are numbers of C
        if (
            data.startswith(_DELIMITER)
            and 3 < end <= fits
            and raw[3] + 4 == end
            and end < self._most
            and not self._frames
        ):
            messages.append([b"", raw[4:end]])  # a request or reply that comes alone
            self._tail = b""
            return
        while True:
            frames, held = self._frames, self._held
            # No message here can exceed what one may hold, neither in bytes nor in frames, of which each takes two.
            roomy = held + end <= self._max_message and (len(frames) if frames else 0) + end // 2 < self._most
            while end - pos > 1:
                flags = raw[pos]
                if flags <= more:
                    start = pos + 2
                    size = raw[pos + 1]
                elif flags <= long_more and end - pos > 8 and data.startswith(_NOUGHTS, pos + 1):
                    start = pos + 9
                    size = raw[pos + 6] << 16 | raw[pos + 7] << 8 | raw[pos + 8]
                else:
                    break
                stop = start + size
                if stop > end or size > fits:
                    if size > fits or frames or flags & more:
                        break
                    self._begin_body(flags, size, data, start)
                    return
                if flags & more:
                    if not roomy:
                        break
                    if frames:
                        frames.append(raw[start:stop])
                    else:
                        self._frames = frames = [raw[start:stop]]
                    held += size
                elif frames:
                    if not roomy:
                        break
                    frames.append(raw[start:stop])
                    messages.append(frames)
                    self._frames = frames = None
                    held = 0
                else:
                    messages.append(raw[start:stop])
                pos = stop
            self._held = held
            if pos == end:
                self._tail = b""
                return
            header = self._header(data, pos, end)
            if header is None:
                self._tail = data[pos:]
                return
            flags, size, start = header
            stop = start + size
            if stop > end:
                self._begin_body(flags, size, data, start)
                return
            self._frame(flags, raw[start:stop], messages)
            pos = stop

    def _header(self, data: bytes, pos: int, end: int) -> tuple[int, int, int] | None:
        """(flags, size of the body, where it starts), or None while the header is not complete."""
        if pos == end:
            return None
        flags = data[pos]
        if flags > 7 or flags & (COMMAND | MORE) == COMMAND | MORE:
            raise ProtocolError(f"the peer sent a frame with flags 0x{flags:02x}")
        start = pos + (9 if flags & LONG else 2)
        if start > end:
            return None
        raw = data  # compiled it is a pointer
        if not flags & LONG:
            size = raw[pos + 1]
        elif data.startswith(_NOUGHTS, pos + 1):
            size = raw[pos + 6] << 16 | raw[pos + 7] << 8 | raw[pos + 8]
        else:
            size = int.from_bytes(data[pos + 1 : start], "big")
        self._check_size(flags, size)
        return flags, size, start

    def _check_size(self, flags: int, size: int) -> None:
        if 0 <= self._max_frame < size:
            raise ProtocolError(f"the peer sent a frame of {size} bytes; MAXMSGSIZE is {self._max_frame}")
        if self._held + size > self._max_message:
            raise LimitExceeded(
                "message_bytes",
                f"the peer sent a message of more than {self._max_message} bytes; a larger MAXMSGSIZE would admit it",
            )

    # -- a body that comes in pieces ------------------------------------------------------------------------------

    def _begin_body(self, flags: int, size: int, data: bytes, start: int) -> None:
        count = len(data) - start
        self._tail = b""
        self._flags = flags
        self._have = 0
        self.wanted = self.under_way = size
        if count:
            self._make_room(count)
            self._room.put(0, data, start, start + count)
            self._have = count
            self.wanted = size - count

    def _keep(self, data: bytes, start: int, stop: int) -> None:
        """Take a piece of the body under way that came together with other bytes."""
        count = stop - start
        if self._have + count > self._room.size:
            self._make_room(count)
        self._room.put(self._have, data, start, stop)
        self._have += count
        self.wanted -= count

    def _make_room(self, count: int) -> None:
        """Room for so many bytes more, and for some that are still to come.

        A peer that has sent a body as large may have the whole room at once: it can hold no more memory by that than
        by sending as much again.
        """
        room, have = self._room, self._have
        self._room = Room(min(have + self.wanted, max(_FIRST_ROOM, _GROWTH * (have + count), self._largest)))
        if have:
            self._room.put(0, room.whole(), 0, have)

    def room(self, most: int = _MOST) -> memoryview:
        """Where the next bytes of the body under way go, so many at the most; to be released before anything else is
        called.
        """
        have = self._have
        if have == self._room.size:
            self._make_room(0)
        return self._room.view(have, min(self._room.size, have + min(self.wanted, most)))

    def filled(self, count: int, behind: bytes = b"") -> list[Message]:
        """So many bytes have been put there; as `feed`, with the bytes that came ``behind`` when the body is whole."""
        messages: list[Message] = []
        try:
            self._have += count
            self.wanted -= count
            if not self.wanted:
                self._end_body(messages)
                self._decode(behind, messages)
        except ProtocolError as error:
            error.messages = messages
            raise
        return messages

    def _go_on(self, data: bytes, messages: list[Message]) -> bytes:
        """More of the body under way; what is left of the chunk after it."""
        wanted = self.wanted
        self._keep(data, 0, min(wanted, len(data)))
        if self.wanted:
            return b""
        self._end_body(messages)
        return data[wanted:]

    def _end_body(self, messages: list[Message]) -> None:
        room = self._room
        self._room = NO_ROOM
        self.under_way = 0
        self._largest = max(self._largest, self._have)
        self._take_body(room, messages)

    def _take_body(self, room: Room, messages: list[Message]) -> None:
        """A whole frame is in this room."""
        self._frame(self._flags, room.whole(), messages)

    def _frame(self, flags: int, body: bytes, messages: list[Message]) -> None:
        """A complete frame."""
        if flags & COMMAND:
            message = self._on_command(body)
            if message is not None:
                messages.append(message)
        elif flags & MORE:
            if self._frames is None:
                self._frames = []
            self._frames.append(body)
            self._held += len(body)
            if len(self._frames) >= self._limits.message_frames:
                raise LimitExceeded(
                    "message_frames",
                    f"the peer sent a message of more than {self._limits.message_frames} frames",
                    Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
                )
        elif self._frames:
            self._frames.append(body)
            messages.append(self._frames)
            self._frames = None
            self._held = 0
        else:
            messages.append(body)
