"""Room for a body under way, and the bytes that it becomes, without a copy; `room.pyx` is the same, to be compiled.

Rules: whoever has made room shows none of it to anybody before all of that is written. Who keeps it, to write to it
again, keeps the bytes to himself.
"""

from __future__ import annotations

from io import BytesIO


class Room:
    """So many bytes, whatever they are."""

    __slots__ = ("_io", "size")

    def __init__(self, size: int):
        self.size = size
        self._io = BytesIO(bytes(size))  # it is over bytes, and gives them away as they are

    def put(self, at: int, data: bytes, start: int, stop: int) -> None:
        """Write data[start:stop] there."""
        self._io.seek(at)
        self._io.write(memoryview(data)[start:stop])

    def view(self, start: int, stop: int) -> memoryview:
        """A part of it to write to; to be released before anything else is called."""
        return self._io.getbuffer()[start:stop]

    def whole(self) -> bytes:
        """All of it."""
        return self._io.getvalue()
