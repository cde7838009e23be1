"""Claims of work done in slices, by a clock of which each look takes a millisecond."""

import pytest
from gevent.event import Event

import gzmq.turn
from gzmq.home import Home
from gzmq.slices import FEW, Slices

from .sockets.claims import until


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """It goes on with each look, and with each second that is added: ``clock.append(0.1)``."""
    looks = [0.0]

    def look():
        looks.append(0.001)
        return sum(looks)

    monkeypatch.setattr(gzmq.turn, "monotonic", look)
    monkeypatch.setattr(gzmq.turn, "thread_time", look)
    return looks


@pytest.fixture
def home():
    """One whose turns begin now."""
    return Home()


class Work:
    """Takes note of what is done, and in how many turns of the loop."""

    def __init__(self, home, count):
        self.home = home
        self.turns = []
        self.over = Event()
        self.done = []
        self.slices = Slices(home)
        self.slices.add(range(count), self.step, self.over.set)

    def step(self, thing):
        self.done.append(thing)
        self.turns.append(self.home.hub.loop.iteration)

    @property
    def sizes(self):
        """How many were done in each turn."""
        return [self.turns.count(turn) for turn in sorted(set(self.turns))]


def test_few_steps_are_done_at_once(home):
    """And so is what follows them."""
    for count in (0, 1, FEW):
        work = Work(home, count)
        assert work.done == list(range(count)) and work.over.is_set()


def test_many_steps_take_several_turns(home):
    """As many as there is time for, and nothing is left out."""
    work = Work(home, FEW + 20)
    assert FEW < len(work.turns) < FEW + 6 and not work.over.is_set()
    assert work.over.wait(5)
    assert max(work.sizes[1:]) < 6 and work.done == list(range(FEW + 20))


def test_all_slices_of_a_turn_share_its_time(home):
    """Of what comes when it is over, only few are done at once."""
    Work(home, FEW + 20)
    works = [Work(home, FEW + 20) for _ in range(9)]
    assert [len(work.done) for work in works] == [FEW] * 9
    for work in works:
        assert work.over.wait(5) and work.done == list(range(FEW + 20))


def test_who_waits_has_its_turn(home):
    """However much another has to do."""
    large, small = Work(home, 1000), Work(home, FEW + 10)
    assert small.over.wait(5)
    assert not large.over.is_set()
    large.slices.finish()


def test_a_thread_that_others_kept_from_running_does_no_less(home, monkeypatch):
    """Its own time counts, not that on the wall."""
    monkeypatch.setattr(gzmq.turn, "thread_time", lambda: 0.0)
    assert Work(home, FEW + 20).over.is_set()


def test_all_is_done_when_the_thread_ends(home):
    """As its loop turns no more: what waits, and what is added."""
    before = Work(home, FEW + 20)
    home.end()
    assert before.over.is_set() and Work(home, FEW + 20).over.is_set()


def test_what_a_step_adds_comes_after_the_rest(home):
    """It is not done within that step."""
    slices, done = Slices(home), []
    slices.add([1, 2], lambda thing: slices.add([-thing], done.append) or done.append(thing))
    assert done == [1, 2, -1, -2]


def test_the_rest_can_be_done_now(home):
    """All of it."""
    work = Work(home, FEW + 20)
    work.slices.finish()
    assert len(work.done) == FEW + 20 and work.over.is_set()


def test_an_error_stops_nothing(home):
    """It is raised where the step was made, and the others follow."""
    slices, done = Slices(home), []
    with pytest.raises(ZeroDivisionError):
        slices.add([0, 1, 2], lambda thing: done.append(1 / thing))
    until(lambda: done == [1, 0.5])
