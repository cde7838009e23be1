"""Claims of what a thread puts off, by a clock that stands still until it is told."""

import gevent
import pytest

import gzmq.turn
from gzmq.turn import SPAN, Turn
from gzmq.waitqueue import WaitQueue

from .sockets.claims import until


@pytest.fixture
def clock(monkeypatch):
    """``clock[0]`` is the time."""
    now = [0.0]
    monkeypatch.setattr(gzmq.turn, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def turn(clock):
    return Turn(gevent.get_hub().loop)


def test_a_turn_is_over_when_its_time_is(turn, clock):
    """It counts from the first callback on, and anew in each turn."""
    assert not turn.over() and not turn.over()
    clock[0] += 2 * SPAN
    assert turn.over()
    gevent.sleep(0.001)
    assert not turn.over()


def test_what_is_put_off_comes_in_its_order(turn, clock):
    """One in a turn if each takes long, so that nothing starves."""
    done = []

    def call(number):
        clock[0] += 2 * SPAN
        done.append((number, gevent.get_hub().loop.iteration))

    for number in range(3):
        turn.put_off(lambda number=number: call(number))
    until(lambda: len(done) == 3)
    assert [number for number, _ in done] == [0, 1, 2] and len({turn for _, turn in done}) == 3


def test_what_is_short_comes_at_once(turn):
    """All in the next turn."""
    done = []
    for number in range(100):
        turn.put_off(lambda number=number: done.append((number, gevent.get_hub().loop.iteration)))
    until(lambda: len(done) == 100)
    assert len({turn for _, turn in done}) == 1


def test_what_is_owed_is_done_at_the_end(turn):
    """The rest is not."""
    done = []
    turn.put_off(lambda: done.append("late"))
    turn.owe(lambda: done.append("owed"))
    turn.finish()
    gevent.sleep(0.001)
    assert done == ["owed"]


def test_a_forked_child_does_nothing_of_it(turn):
    """It is the parent's."""
    turn.put_off(pytest.fail), turn.owe(pytest.fail)
    turn.forsake()
    gevent.sleep(0.001)
    turn.finish()


@pytest.fixture
def waiting():
    """Two greenlets in a queue."""
    queue = WaitQueue(gevent.get_hub())
    greenlets = [gevent.spawn(queue.wait) for _ in range(2)]
    until(lambda: len(queue) == 2)
    yield queue
    gevent.killall(greenlets)


def test_one_is_woken_by_who_reads_first(turn, waiting):
    """That one goes on when all is read, the next as ever."""
    first, second = waiting.parked
    turn.reads_first = True
    turn.wake(waiting)
    assert turn.woken is first and list(waiting.parked) == [second]
    turn.wake(waiting)
    assert turn.woken is first and not waiting.parked


def test_who_does_not_read_first_leaves_it_to_the_loop(turn, waiting):
    """There may be more to come for whom it wakes."""
    turn.wake(waiting)
    assert turn.woken is None and len(waiting) == 1
