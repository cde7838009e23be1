"""Claims of prefix matching."""

from hypothesis import given
from hypothesis import strategies as st

from gzmq.pattern.subscriptions import Groups, Names, Prefixes, Subscriptions

TOPICS = st.binary(max_size=4)


@given(st.lists(TOPICS), TOPICS)
def test_prefixes_match_as_startswith_does(prefixes, topic):
    """The table is a quick way to say: any(topic.startswith(p))."""
    table = Prefixes()
    for prefix in prefixes:
        table.add(prefix)
    assert table.match(topic) == any(topic.startswith(prefix) for prefix in prefixes)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), TOPICS)), TOPICS)
def test_subscriptions_match_as_a_plain_list_does(changes, topic):
    """Whatever was subscribed and cancelled, each pipe that wants a topic is found, once."""
    table, plain = Subscriptions(), set()
    for adds, pipe, prefix in changes:
        if adds:
            table.add(prefix, pipe)
            plain.add((prefix, pipe))
        else:
            table.discard(prefix, pipe)
            plain.discard((prefix, pipe))
    assert sorted(table.match(topic)) == sorted({pipe for prefix, pipe in plain if topic.startswith(prefix)})


@given(st.lists(st.tuples(st.integers(0, 3), TOPICS)))
def test_a_removed_pipe_is_forgotten(subscriptions):
    """It gets nothing from the moment it parts; then nothing of it stays, and what nobody else wants is named."""
    table = Subscriptions()
    for pipe, prefix in subscriptions:
        table.add(prefix, pipe)
    others = {prefix for pipe, prefix in subscriptions if pipe != 0}
    topics = list(table.part(0))
    assert all(0 not in table.match(prefix) for _, prefix in subscriptions)
    gone = [topic for topic in topics if table.discard(topic, 0)]
    assert set(gone) == {prefix for pipe, prefix in subscriptions if pipe == 0} - others
    assert len(table) == len(others) and not table._parting


def test_prefixes_count():
    """A topic asked for twice must be cancelled twice."""
    table = Prefixes()
    assert table.add(b"a") is True and table.add(b"a") is False
    assert table.discard(b"a") is False and table.match(b"abc")
    assert table.discard(b"a") is True and not table.match(b"abc")
    assert table.discard(b"a") is None


def test_a_cancel_of_what_was_never_asked_is_told_apart():
    """None: not this pipe's; False: others still want it; True: nobody does."""
    table = Subscriptions()
    table.add(b"a", 1)
    table.add(b"a", 2)
    assert table.discard(b"a", 3) is None
    assert table.discard(b"a", 1) is False
    assert table.discard(b"a", 2) is True


def test_a_group_is_matched_by_its_very_name():
    """Neither a prefix nor a longer name will do; who wants all gets each message once."""
    groups, names = Groups(), Names()
    groups.add(b"ab", 1)
    groups.add(b"ab", 2)
    names.add(b"ab")
    assert [list(groups.match(name)) for name in (b"a", b"ab", b"abc")] == [[], [1, 2], []]
    assert [names.match(name) for name in (b"a", b"ab", b"abc")] == [False, True, False]
    groups.all[2] = groups.all[3] = None
    assert list(groups.match(b"ab")) == [1, 2, 3] and list(groups.match(b"x")) == [2, 3]
