"""Encoding for many connections that send the same, as a publisher's do: what was just encoded is not encoded again.

Rules: one batch is kept, of at most so many bytes as one write; none with a view, whose owner waits for its end.
Nothing is kept until a message comes by a second time, so a single peer costs next to nothing.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import NamedTuple

from ..buffers import Body, Message
from . import framing

#: Messages of a batch that is kept.
_MOST = 1 << 11


class _Batch(NamedTuple):
    messages: list[Message]
    limit: int
    encoded: Body


class Repeats:
    """Remembers the last batch. Threads may share it: what is remembered is replaced in one step."""

    def __init__(self) -> None:
        self._first: Message | None = None  # the message that the last batch to be encoded began with
        self._batch = _Batch([], 0, b"")

    def encode(self, queue: deque[Message], buffers: list[Body], limit: int) -> None:
        """As `framing.encode`."""
        messages, its_limit, encoded = self._batch
        count = len(messages)
        if not queue:
            return
        again = count and queue[0] is messages[0] and limit == its_limit
        # Bytes that are sent again and again begin every queue: a short batch does not do for a long one.
        if again and 2 * count < len(queue) and len(encoded) < limit:
            again = False
        if again and list(islice(queue, count)) == messages:
            buffers.append(encoded)
            take = queue.popleft
            for _ in messages:
                take()
        elif queue[0] is self._first:
            self._encode_and_keep(queue, buffers, limit)
        else:
            self._first = queue[0] if not _has_view(queue[0]) else None
            framing.encode(queue, buffers, limit)

    def _encode_and_keep(self, queue: deque[Message], buffers: list[Body], limit: int) -> None:
        messages = list(islice(queue, _MOST))
        before = len(queue)
        made: list[Body] = []
        framing.encode(queue, made, limit)
        buffers += made
        count = before - len(queue)
        messages = messages[:count]
        if count == len(messages) and len(made) == 1 and not any(map(_has_view, messages)):
            self._batch = _Batch(messages, limit, made[0])


def _has_view(message: Message) -> bool:
    return type(message) is not bytes and any(type(frame) is not bytes for frame in message)


#: Of all publishers: each of them sends to its peers one right after the other.
OF_PUBLISHERS = Repeats()
