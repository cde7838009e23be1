"""Claims of work done in slices."""

from gevent.event import Event

from gzmq.home import here
from gzmq.slices import SLICE, Slices


class Work:
    """Takes note of what is done, and in how many turns of the loop."""

    def __init__(self, count, home=None):
        self.home = home or here()
        self.turns = []
        self.over = Event()
        self.slices = Slices(self.home, [self.step] * count, self.over.set)

    def step(self):
        self.turns.append(self.home.hub.loop.iteration)


def test_few_steps_are_done_at_once():
    """And so is what follows them."""
    for count in (0, 1, SLICE):
        work = Work(count)
        work.slices.go_on()
        assert len(work.turns) == count and work.over.is_set()


def test_many_steps_take_several_turns():
    """A slice in each, and nothing is left out."""
    work = Work(3 * SLICE + 1)
    work.slices.go_on()
    assert len(work.turns) == SLICE and not work.over.is_set()
    assert work.over.wait(5)
    assert [work.turns.count(turn) for turn in sorted(set(work.turns))] == [SLICE, SLICE, SLICE, 1]


def test_all_is_done_when_the_thread_ends():
    """As its loop turns no more."""

    class Ending:
        ending = True
        hub = here().hub

    work = Work(3 * SLICE, Ending())
    work.slices.go_on()
    assert len(work.turns) == 3 * SLICE and work.over.is_set()
