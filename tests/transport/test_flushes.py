"""When what a socket sends is written."""

import os

import gevent
import gevent.event
import pytest

from gzmq.transport.flushes import Flushes


@pytest.fixture
def loop():
    return gevent.get_hub().loop


@pytest.fixture
def fd():
    """It always takes more."""
    reading, writing = os.pipe()
    yield writing
    os.close(reading), os.close(writing)


@pytest.fixture
def flushes(loop, fd):
    """What keeps, as `turns`, the turn of the loop of each flush."""
    turns = []
    made = Flushes(loop, fd, lambda: turns.append(loop.iteration))
    made.turns = turns
    yield made
    made.close()


def test_what_is_sent_together_is_flushed_together(flushes):
    """Once, and not before others have had their turn."""
    flushes.soon(), flushes.soon()
    assert flushes.turns == []
    gevent.sleep(0.01)
    assert len(flushes.turns) == 1


def test_a_turn_of_the_loop_has_one_flush(loop, fd):
    """A sender that each flush wakes fills the pipe for the next one: that is for the watcher, a turn later."""
    turns, done = [], gevent.event.Event()

    def flush():
        flushes.rest()
        turns.append(loop.iteration)
        done.set() if len(turns) == 5 else flushes.soon()

    flushes = Flushes(loop, fd, flush)
    flushes.soon()
    assert done.wait(5)
    flushes.close()
    assert len(set(turns)) == 5


def test_the_watcher_goes_on_until_all_is_written(flushes):
    """And needs no further call; `rest` ends it."""
    flushes.when_writable(), flushes.soon()
    gevent.sleep(0.05)
    seen = len(flushes.turns)
    assert seen >= 2
    flushes.rest()
    gevent.sleep(0.01)
    assert len(flushes.turns) == seen


def test_a_flush_now_is_the_turns_own(flushes):
    """What is sent after it waits for the next turn."""
    flushes.now(), flushes.soon()
    gevent.sleep(0.05)
    assert flushes.turns[1] > flushes.turns[0]
