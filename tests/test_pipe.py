"""Claims of gzmq.pipe."""

import pytest

from gzmq.pipe import FULL, TURN, TURN_OVER, pipe_pair, quiet_pair

from . import fakes
from .fakes import contents, joined


@pytest.fixture(autouse=True, params=["of any threads", "of one thread"])
def kind(request, monkeypatch):
    """Both kinds of pipes."""
    if request.param == "of one thread":
        make = lambda *hwms, **conflate: pipe_pair(*hwms, **conflate) if conflate else quiet_pair(*hwms)  # noqa: E731
        monkeypatch.setattr(fakes, "pipe_pair", make)


def test_a_queue_of_one_thread_is_made_for_the_first_message():
    """Whichever way that goes; for the reader it is the same from the moment on in which he has looked for it."""
    a, b = quiet_pair(10, 10)
    inbox = b.opened()
    assert a.send([b"x"]) and [*inbox] == [[b"x"]] and inbox is b.inbox is a.outbox
    assert not a.inbox and a.inbox is b.outbox is not inbox


@pytest.mark.parametrize("goes", [0, 1])
def test_a_queue_can_be_asked_for_when_an_end_has_gone(goes):
    """It stays empty."""
    ends = quiet_pair(10, 10)
    ends[goes].sink = ends[1 - goes].sink = fakes.FakeSink()
    ends[goes].close()
    assert [len(end.opened()) for end in ends] == [0, 0]


@pytest.mark.parametrize("way", ["send_first", "hear"])
def test_what_comes_out_of_turn_comes_first_as_well(way):
    """Also if nothing has gone before."""
    a, b = joined(10)
    a.send_first([b"x"]) if way == "send_first" else b.hear([b"x"])
    assert contents(b) == [b"x"]


def test_messages_come_out_in_order():
    """First in, first out, and the very objects."""
    a, b = joined()
    sent = [[b"%d" % i] for i in range(10)]
    assert all(a.send(message) for message in sent)
    assert all(b.recv() is message for message in sent)


def test_an_empty_pipe_gives_none():
    """Nothing there is no error."""
    _, b = joined()
    assert b.recv() is None


def test_only_the_first_message_activates_the_reader():
    """The edge from empty to non-empty is told once."""
    a, b = joined()
    for _ in range(3):
        a.send([b"x"])
    assert b.sink.heard == ["read"]


def test_a_drained_pipe_activates_its_reader_anew():
    """Every edge is told."""
    a, b = joined()
    a.send([b"x"])
    b.recv()
    a.send([b"y"])
    assert b.sink.heard == ["read", "read"]


@pytest.mark.parametrize("hwm", [1, 2, 7, 1000])
def test_a_pipe_takes_exactly_hwm_messages(hwm):
    """HWM is the number of messages that wait."""
    a, b = joined(hwm)
    while (sent := a.send([b"x"])) is not FULL:
        pass
    assert sent is FULL and len(b.inbox) == hwm


def test_the_writer_of_a_full_pipe_is_activated_at_the_low_water_mark():
    """One wake-up for half a queue, not one for each free slot."""
    a, b = joined(10)
    while a.send([b"x"]) is not FULL:
        pass
    for _ in range(4):
        b.recv()
    assert a.sink.heard == []
    b.recv()
    assert a.sink.heard == ["write"]


def test_a_writer_that_did_not_meet_a_full_pipe_is_left_alone():
    """No wake-up that nobody waits for."""
    a, b = joined(10)
    a.send([b"x"])
    b.recv()
    assert a.sink.heard == []


def test_a_sender_without_bound_gives_way_after_its_turn():
    """HWM 0 never fills, so the turn ends by count."""
    a, _ = joined(0)
    assert all(a.send([b"x"]) for _ in range(TURN))
    assert a.send([b"x"]) is TURN_OVER
    assert a.send([b"x"]) is True


def test_what_was_sent_before_close_can_be_read():
    """The closing end gives up its own inbox only."""
    a, b = joined()
    a.send([b"last"])
    a.close()
    assert b.sink.heard == ["read", "terminated"]
    assert contents(b) == [b"last"]


def test_a_closed_pipe_takes_no_message():
    """Neither end can send once one has closed."""
    a, b = joined()
    a.close()
    assert a.send([b"x"]) is FULL
    assert b.send([b"x"]) is FULL


def test_a_conflating_way_keeps_the_newest_message():
    """CONFLATE: what nobody read is replaced."""
    a, b = joined(conflate_ab=True)
    for i in range(5):
        a.send([b"%d" % i])
    assert contents(b) == [b"4"]


def test_send_all_is_exempt_from_the_bound_and_says_when_it_is_passed():
    """An engine hands over whole chunks, then stops reading."""
    a, b = joined(2)
    assert a.send_all([[b"1"]]) is True
    assert a.send_all([[b"2"], [b"3"]]) is False
    assert contents(b) == [b"1", b"2", b"3"]
    assert a.sink.heard == ["write"]


def test_send_first_goes_ahead():
    """A probe precedes what is queued."""
    a, b = joined()
    a.send([b"later"])
    a.send_first([b"first"])
    assert contents(b) == [b"first", b"later"]


def test_forget_unsent_takes_back_what_fits():
    """And leaves the rest in order."""
    a, b = joined()
    for body in (b"\1a", b"x", b"\0a", b"y"):
        a.send([body])
    a.forget_unsent(lambda message: message[0][:1] in (b"\0", b"\1"))
    assert contents(b) == [b"x", b"y"]
