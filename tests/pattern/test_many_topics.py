"""Claims of publishers and subscribers with more topics than go in one turn: what happens in the midst of them."""

from hypothesis import given
from hypothesis import strategies as st

from gzmq.pattern.pubsub import XPub, XSub
from tests.fakes import Bench

ASK, CANCEL = b"\x01", b"\x00"


def subscriber(topics, at_once):
    """A bench whose pattern asks for so many topics, of which it tells some at once; and a publisher."""
    bench = Bench(XSub)
    for topic in topics:
        bench.pattern.subscribe(topic)
    bench.socket.slice = at_once
    return bench, bench.peer()


def heard(far):
    """What the publisher hears of now."""
    found = []
    while far.inbox:
        found += far.recv()
    return found


def test_a_publisher_hears_of_many_topics_little_by_little():
    """In the order of asking, each once; what is asked for meanwhile it hears at once."""
    bench, far = subscriber([b"a", b"b", b"c"], 2)
    bench.pattern.subscribe(b"d")
    assert heard(far) == [b"\1a", b"\1b", b"\1d"]
    bench.socket.go_on()
    assert heard(far) == [b"\1c"]


def test_what_a_publisher_has_not_heard_of_is_not_cancelled():
    """It hears neither; a topic that is asked for again before its turn comes once."""
    bench, far = subscriber([b"a", b"b", b"c"], 1)
    for topic in (b"a", b"b", b"c"):
        bench.pattern.unsubscribe(topic)
    bench.pattern.subscribe(b"c")
    bench.socket.slice = 9
    bench.socket.go_on()
    assert heard(far) == [b"\1a", b"\0a", b"\1c"]


def test_a_publisher_that_comes_back_hears_all_once():
    """Nothing is left of what it was being told before."""
    bench, far = subscriber([b"a", b"b", b"c"], 1)
    bench.pattern.lost(far.peer)
    bench.socket.go_on()
    assert heard(far) == [b"\1a"]
    bench.pattern.ready(far.peer)
    for _ in range(3):
        bench.socket.go_on()
    assert heard(far) == [b"\1a", b"\1b", b"\1c"]


@given(
    st.lists(st.tuples(st.sampled_from(["ask", "cancel", "go on", "come back"]), st.sampled_from([b"a", b"b", b"c"])))
)
def test_a_publisher_ends_up_with_what_is_wanted(steps):
    """Whatever happens in between; and it never hears of a topic twice, nor a cancel of what it does not know."""
    bench, far = subscriber([b"a", b"b"], 1)
    known = set()
    for step, topic in [*steps, *[("go on", b"")] * (4 * len(steps) + 4)]:
        if step == "ask" and topic not in bench.pattern._topics:
            bench.pattern.subscribe(topic)
        elif step == "cancel":
            bench.pattern.unsubscribe(topic)
        elif step == "go on":
            bench.socket.go_on()
        elif step == "come back":
            known.clear()
            bench.pattern.ready(far.peer)
        for frame in heard(far):
            assert (frame[1:] in known) == (frame[:1] == CANCEL)
            (known.add if frame[:1] == ASK else known.discard)(frame[1:])
    assert known == set(bench.pattern._topics.counts)


def leaving(**options):
    """A publisher, one who stays, and one who has left it; of the three topics of that, one is forgotten."""
    bench = Bench(XPub, **options)
    stays, goes = bench.peer(), bench.peer()
    stays.send([b"\1a"])
    for topic in (b"\1a", b"\1b", b"\1c"):
        goes.send([topic])
    while bench.pattern.recv():
        pass
    bench.socket.slice = 1
    gone = goes.peer
    goes.close()
    return bench, stays, gone


def test_who_has_left_gets_nothing_though_its_topics_are_still_there():
    """Those who stay do, and no message counts as dropped, nor does it wait for room."""
    bench, stays, gone = leaving(xpub_nodrop=1)
    assert bench.pattern.topics_count == 3
    for topic in (b"a", b"b", b"c"):
        assert bench.pattern.send([topic])
    assert stays.recv() == [b"a"] and not stays.inbox and not gone.drops()


def test_the_user_hears_of_what_nobody_wants_any_more():
    """Little by little, in their order."""
    bench, *_ = leaving()
    assert bench.pattern.recv() is None
    bench.socket.go_on()
    bench.socket.go_on()
    assert [bench.pattern.recv() for _ in range(3)] == [[b"\0b"], [b"\0c"], None]
    assert bench.pattern.topics_count == 1 and not bench.pattern._subscriptions._parting
