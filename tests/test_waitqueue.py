"""Claims of gzmq.waitqueue."""

import time

import gevent
import pytest
from gevent import get_hub
from gevent.event import Event

from gzmq.home import here
from gzmq.transport.clock import Clock
from gzmq.waitqueue import WaitQueue


@pytest.fixture
def queue():
    return WaitQueue(get_hub())


def parked(queue, count, **kwargs):
    """Greenlets that wait, in order, and then note their number."""
    order = []

    def wait(number):
        if queue.wait(**kwargs):
            order.append(number)

    greenlets = [gevent.spawn(wait, number) for number in range(count)]
    gevent.sleep(0)
    assert len(queue) == count
    return greenlets, order


def test_greenlets_wake_in_order_of_arrival(queue):
    """FIFO."""
    greenlets, order = parked(queue, 3)
    for _ in range(3):
        queue.wake()
    gevent.joinall(greenlets, timeout=5)
    assert order == [0, 1, 2]


def test_wake_wakes_one(queue):
    """The others stay parked."""
    greenlets, order = parked(queue, 3)
    queue.wake()
    gevent.sleep(0.01)
    assert order == [0] and len(queue) == 2
    gevent.killall(greenlets)


def test_wake_without_waiters_is_nothing(queue):
    """No wake-up is stored."""
    queue.wake()
    assert queue.wait(timeout=0.001) is False


def test_a_timed_out_greenlet_leaves_the_line(queue):
    """No place is kept for it."""
    assert queue.wait(timeout=0.001) is False
    assert len(queue) == 0


def test_a_killed_greenlet_leaves_the_line(queue):
    """No place is kept for it either."""
    greenlets, _ = parked(queue, 2)
    greenlets[0].kill()
    assert len(queue) == 1
    gevent.killall(greenlets)


def test_the_wake_up_of_a_killed_greenlet_passes_on(queue):
    """Woken and killed in one turn of the hub: the next in line gets it."""
    greenlets, order = parked(queue, 2)
    queue.wake()
    greenlets[0].kill(block=False)
    gevent.joinall(greenlets, timeout=5)
    assert order in ([1], [0])  # whichever of wake-up and kill came first, one greenlet went on


def test_a_foreign_timeout_keeps_its_identity(queue):
    """gevent.Timeout comes out as the very object that was started."""
    timeout = gevent.Timeout(0.001)
    with pytest.raises(gevent.Timeout) as caught, timeout:
        queue.wait()
    assert caught.value is timeout


def test_a_greenlet_woken_for_nothing_keeps_its_place(queue):
    """``again`` puts it ahead of those who came later."""
    order = []

    def first():
        queue.wait()
        queue.wait(again=True)
        order.append("first")

    greenlets = [gevent.spawn(first), gevent.spawn(lambda: queue.wait() and order.append("second"))]
    gevent.sleep(0)
    queue.wake()
    gevent.sleep(0.01)
    queue.wake_all()
    gevent.joinall(greenlets, timeout=5)
    assert order == ["first", "second"]


@pytest.mark.parametrize("kind", ["wait", "clock"])
def test_time_counts_from_now(queue, kind):
    """Not from when the loop last looked at the clock: it may not have run for a while."""
    rung = Event()
    gevent.sleep(0.001)
    time.sleep(0.1)
    begin = time.monotonic()
    if kind == "wait":
        assert not queue.wait(0.05)
    else:
        Clock(here()).start(50, rung.set)
        assert rung.wait(5)
    assert time.monotonic() - begin > 0.045
