"""Claims of alarms: one timer of the loop for all of a thread's."""

import gc
import weakref
from time import sleep

import gevent
import pytest

from gzmq.alarms import _FEW, Alarms
from gzmq.turn import Turn

from .sockets.claims import until

LONG = 3600


class Loop:
    """The hub's, and which timers were made of it: other tests may have left theirs."""

    def __init__(self):
        self._loop = gevent.get_hub().loop
        self._timers = []

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def timer(self, *args):
        self._timers.append(self._loop.timer(*args))
        return self._timers[-1]

    @property
    def running(self):
        """How many timers keep the loop going."""
        return sum(timer.active for timer in self._timers)


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def alarms(loop):
    """Those of this test alone."""
    made = Alarms(loop, Turn(loop))
    yield made
    made.finish()


@pytest.fixture
def rung(alarms):
    """What has been called, in its order: ``rung.at(seconds, "a")`` has "a" added then."""

    class Rung(list):
        def at(self, seconds, name):
            return alarms.set(seconds, self.append, (name,))

    return Rung()


def test_any_number_has_one_timer_and_none_has_none(alarms, rung, loop):
    """So that a loop without alarms may end."""
    made = [rung.at(LONG - number, "") for number in range(100)]
    assert loop.running == 1
    for alarm in made:
        alarms.cancel(alarm)
    assert loop.running == 0


def test_they_ring_in_order(rung):
    """Of when they are due, whatever was set first."""
    for seconds, name in ((LONG, "never"), (0.003, "c"), (0.001, "a"), (0.002, "b")):
        rung.at(seconds, name)
    until(lambda: len(rung) == 3)
    assert rung == ["a", "b", "c"]


def test_none_rings_early_or_twice(rung, loop):
    """Nor is the timer left behind when all have rung."""
    rung.at(0.01, "a")
    gevent.sleep(0.001)
    assert rung == [] and loop.running == 1
    until(lambda: rung)
    gevent.sleep(0.02)
    assert rung == ["a"] and loop.running == 0


def test_the_others_ring_when_the_first_is_cancelled(alarms, rung, capsys):
    """Also by one that rings, for one that is due as well."""
    alarms.cancel(rung.at(0.001, "cancelled"))
    alarms.set(0.002, lambda: alarms.cancel(second), ())
    second = rung.at(0.002, "cancelled, too")
    rung.at(0.003, "left")
    until(lambda: rung)
    assert rung == ["left"] and not capsys.readouterr().err


def test_one_that_has_rung_can_be_cancelled(alarms, rung):
    """Which changes nothing."""
    first, _ = rung.at(0, "a"), rung.at(0.002, "b")
    until(lambda: "a" in rung)
    alarms.cancel(first), alarms.cancel(first)
    until(lambda: rung == ["a", "b"])


def test_what_was_cancelled_is_forgotten(alarms, rung):
    """Its place soon, what it would have called at once."""
    rung.at(LONG, "kept")
    held = type("Held", (), {})()
    alarms.cancel(alarms.set(LONG, print, (held,)))
    there = weakref.ref(held)
    del held
    gc.collect()
    assert there() is None
    for _ in range(10 * _FEW):
        alarms.cancel(rung.at(LONG, "cancelled"))
    assert len(alarms._heap) <= 2 + _FEW


def test_an_error_stops_no_other(alarms, rung, capsys):
    """The hub prints it."""
    alarms.set(0, int, ("not a number",))
    rung.at(0, "a"), rung.at(0.001, "b")
    until(lambda: len(rung) == 2)
    assert "not a number" in capsys.readouterr().err


def test_what_is_set_by_one_that_rings_comes_in_another_turn(alarms, loop):
    """However soon it is due: the connections have one in between."""
    turns = []

    def ring():
        turns.append(loop.iteration)
        if len(turns) < 3:
            alarms.set(0, ring, ())

    ring()
    until(lambda: len(turns) == 3)
    assert len(set(turns)) == 3


def test_a_late_hub_does_not_make_a_new_one_early(rung):
    """It counts from when it is set, not from when the hub last ran."""
    sleep(0.03)
    rung.at(0.02, "a")
    gevent.sleep(0.001)
    assert rung == []
    until(lambda: rung)


def test_the_timer_is_set_when_all_that_are_due_were_served(alarms, rung):
    """Not by each that sets another."""
    timers = []

    def ring():
        rung.at(0.001, "later")
        timers.append(alarms._timer)

    alarms.set(0, ring, ()), alarms.set(0, ring, ())
    until(lambda: len(rung) == 2)
    assert timers == [None, None]


def test_a_forked_child_has_alarms_of_its_own(alarms, rung):
    """Also if it forked while some waited for their turn."""
    alarms._turn.put_off(print)
    rung.at(LONG, "the parent's")
    alarms._ring()
    alarms._turn.forsake(), alarms.finish()
    rung.at(0, "its own")
    until(lambda: rung)
    assert rung == ["its own"]


def test_after_the_end_none_rings(alarms, rung, loop):
    """And cancelling them later does no harm to others."""
    made = rung.at(0, "dropped")
    alarms.finish()
    assert loop.running == 0
    rung.at(0.001, "set afterwards")
    alarms.cancel(made)
    until(lambda: rung)
    assert rung == ["set afterwards"]
