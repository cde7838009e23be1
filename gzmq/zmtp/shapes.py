"""Decoders of the types whose messages have a shape of their own; what has another shape is dropped or refused.

Over the wire a message of RADIO and DISH is two frames, its group and its body; all other types here have one.
"""

from __future__ import annotations

from typing import Any

from ..buffers import Message
from ..constants import Event
from .command import MAX_GROUP
from .errors import ProtocolError
from .framing import COMMAND, MORE, Decoder

_SKIPPED = b""  # stands for all frames of a message that is passed over


class OneFrameDecoder(Decoder):
    """Passes over what has more frames: such types "MUST discard any part of a multipart message" (41, 49, 52)."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self._most = 0  # whatever is not alone is seen here

    def _frame(self, flags: int, body: bytes, messages: list[Message]) -> None:
        if flags & COMMAND:
            super()._frame(flags, body, messages)
        elif flags & MORE:
            self._frames = [_SKIPPED]
        elif self._frames:
            self._frames = None
        else:
            messages.append(body)


class GroupDecoder(Decoder):
    """For a DISH: a group and a body, or the peer breaks the protocol (37/ZMTP, radio-dish-message)."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self._fits = -1  # no frame is a whole message

    def _frame(self, flags: int, body: bytes, messages: list[Message]) -> None:
        if not flags & COMMAND:
            group = not self._frames
            if group is not bool(flags & MORE) or (group and len(body) > MAX_GROUP):
                raise ProtocolError(
                    f"the peer sent a message that is not a group of at most {MAX_GROUP} bytes and a body",
                    Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
                )
        super()._frame(flags, body, messages)


class CommandDecoder(Decoder):
    """For a RADIO, which "SHALL silently discard any messages that dishes send it" (48/RADIODISH)."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self._fits = -1

    def _frame(self, flags: int, body: bytes, messages: list[Message]) -> None:
        if flags & COMMAND:
            super()._frame(flags, body, messages)
