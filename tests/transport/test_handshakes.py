"""Claims of gzmq.transport.handshakes: each may take as long, of the time in which the hub runs."""

import time

import gevent
import pytest

from gzmq.home import here
from gzmq.transport.handshakes import Handshakes

from ..sockets.claims import until

SPAN = 60


@pytest.fixture
def handshakes():
    """Those of a listener, and what became of them: (who, after how many seconds by the clock)."""
    began, over = {}, []

    class Timed(Handshakes):
        def begin(self, session):
            began[session] = time.monotonic()
            super().begin(session)

    made = Timed(here(), SPAN, lambda session: over.append((session, time.monotonic() - began[session])))
    yield made, over
    for session in list(made):
        made.end(session)


def test_each_has_as_long(handshakes):
    """From its own beginning on, in their order, though one timer serves all."""
    made, over = handshakes
    for number in range(4):
        made.begin(number)
        gevent.sleep(0.02)
    until(lambda: len(over) == 4)
    assert [session for session, _ in over] == [0, 1, 2, 3] and not len(made)
    assert min(took for _, took in over) >= SPAN / 1000


def test_who_is_done_is_not_judged(handshakes):
    """Nor do those before and behind him have more time."""
    made, over = handshakes
    for session in "abc":
        made.begin(session)
    made.end("b")
    until(lambda: len(over) == 2)
    assert [session for session, _ in over] == ["a", "c"]


def test_no_timer_runs_when_none_is_under_way(handshakes):
    """Nothing wakes an idle program."""
    made, over = handshakes
    made.begin("a")
    assert made._clock.running
    made.end("a")
    made.end("a")
    assert not made._clock.running and "a" not in made


def test_nobody_is_judged_by_time_in_which_the_hub_stood_still(handshakes):
    """Who began before it, at any time, has most of his time left."""
    made, over = handshakes
    made.begin("early")
    gevent.sleep(SPAN / 2000)
    made.begin("late")
    time.sleep(SPAN * 3 / 1000)
    gevent.sleep(0.001)
    assert not over
    until(lambda: len(over) == 2)
    assert over[1][1] >= SPAN * 3 / 1000 + SPAN / 2000


def test_the_end_of_one_may_be_the_end_of_another():
    """Whoever is told of the one ends the other, which is then not told of."""
    over = []
    made = Handshakes(here(), 1, lambda session: (over.append(session), made.end("b")))
    for session in "abc":
        made.begin(session)
    until(lambda: len(over) == 2)
    assert over == ["a", "c"]


def test_zero_is_no_bound():
    """As HANDSHAKE_IVL has it."""
    made = Handshakes(here(), 0, None)
    made.begin("a")
    assert list(made) == ["a"] and not made._clock.running
