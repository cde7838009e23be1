"""Claims of work done in slices."""

from gevent.event import Event

from gzmq.home import here
from gzmq.slices import SLICE, Slices

from .sockets.claims import until


class Work:
    """Takes note of what is done, and in how many turns of the loop."""

    def __init__(self, count, home=None):
        self.home = home or here()
        self.turns = []
        self.over = Event()
        self.done = []
        self.slices = Slices(self.home)
        self.slices.add(range(count), self.step, self.over.set)

    def step(self, thing):
        self.done.append(thing)
        self.turns.append(self.home.hub.loop.iteration)


def test_few_steps_are_done_at_once():
    """And so is what follows them."""
    for count in (0, 1, SLICE):
        work = Work(count)
        assert work.done == list(range(count)) and work.over.is_set()


def test_many_steps_take_several_turns():
    """A slice in each, and nothing is left out."""
    work = Work(3 * SLICE + 1)
    assert len(work.turns) == SLICE and not work.over.is_set()
    assert work.over.wait(5)
    assert [work.turns.count(turn) for turn in sorted(set(work.turns))] == [SLICE, SLICE, SLICE, 1]
    assert work.done == list(range(3 * SLICE + 1))


def test_all_is_done_when_the_thread_ends():
    """As its loop turns no more."""

    class Ending:
        ending = True
        hub = here().hub

    work = Work(3 * SLICE, Ending())
    assert len(work.turns) == 3 * SLICE and work.over.is_set()


def test_what_is_added_in_a_turn_shares_its_slice():
    """However many ask, in their order."""
    work = Work(SLICE - 1)
    for _ in range(3):
        work.slices.add(range(SLICE), work.step)
    assert len(work.done) == SLICE
    work.slices.add([], work.step, work.turns.clear)
    assert work.turns  # not yet
    until(lambda: not work.turns)
    assert len(work.done) == 4 * SLICE - 1


def test_what_a_step_adds_comes_after_the_rest():
    """It is not done within that step."""
    slices, done = Slices(here()), []
    slices.add([1, 2], lambda thing: slices.add([-thing], done.append) or done.append(thing))
    assert done == [1, 2, -1, -2]


def test_the_rest_can_be_done_now():
    """All of it."""
    work = Work(3 * SLICE)
    work.slices.finish()
    assert len(work.done) == 3 * SLICE and work.over.is_set()
