"""Reads a large body to its place, with what comes behind it; `reading.pyx` is the same, to be compiled."""

import os

#: Bytes read with the end of a large frame: the header of the next, and not much of its body, which is copied then.
AHEAD = 1 << 12


def read_into(fd, room, wanted):
    """Read to the room for a frame of which so many bytes are missing: how many came, and then some of what follows it.

    Only if there is room for all that is missing, one system call takes both. Raises OSError.
    """
    if len(room) < wanted:
        return os.readv(fd, (room,)), b""
    ahead = bytearray(AHEAD)
    count = os.readv(fd, (room, ahead))
    if count <= wanted:
        return count, b""
    return wanted, bytes(memoryview(ahead)[: count - wanted])
