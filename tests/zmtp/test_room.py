"""Claims of gzmq.zmtp.room, compiled or not."""

import pytest

import gzmq
from gzmq.zmtp.room import Room


def test_what_was_written_is_there():
    """Put, and through views, in any order."""
    room = Room(10)
    room.put(4, b"....two...", 4, 7)
    with room.view(0, 4) as view:
        view[:] = b"one "
    with room.view(7, 10) as view:
        view[:] = b"/10"
    assert (room.whole(), room.size) == (b"one two/10", 10)


@pytest.mark.parametrize("start, stop", [(0, 0), (0, 8), (3, 5), (8, 8)])
def test_a_view_is_of_what_was_asked_for(start, stop):
    """And of no more, whatever was viewed before."""
    room = Room(8)
    room.view(1, 7).release()
    with room.view(start, stop) as view:
        assert len(view) == stop - start and not view.readonly


def test_it_is_given_away_without_a_copy():
    """Which it had been."""
    room = Room(100_000)
    room.put(0, b"x", 0, 1)
    assert room.whole() is room.whole()


def test_it_is_written_to_again():
    """By who has let go of the bytes."""
    room = Room(3)
    for word in (b"one", b"two"):
        room.put(0, word, 0, 3)
        assert room.whole() == word


@pytest.mark.skipif(not gzmq.compiled, reason="Python sees to that by itself")
@pytest.mark.parametrize("call", [
    lambda room: room.put(1, b"abc", 0, 3),
    lambda room: room.put(-1, b"abc", 0, 3),
    lambda room: room.put(4, b"abc", 0, 0),
    lambda room: room.put(0, b"abc", 2, 1),
    lambda room: room.put(0, b"abc", -1, 1),
    lambda room: room.put(0, b"a", 0, 2),
    lambda room: room.put(0, None, 0, 0),
    lambda room: room.view(0, 4),
    lambda room: room.view(2, 1),
    lambda room: room.view(-1, 1),
])  # fmt: skip
def test_nothing_is_written_or_read_outside(call):
    """Whatever place is asked for."""
    with pytest.raises(ValueError):
        call(Room(3))


def test_there_is_no_room_of_less_than_nothing():
    """Nor any that is larger than all memory."""
    for size in (-1, 1 << 62):
        with pytest.raises((ValueError, MemoryError, SystemError, OverflowError)):
            Room(size)
