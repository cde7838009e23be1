"""Claims of where a socket is bound and connected."""

import pytest

from gzmq.ends import _SHOWN, Ends


class End:
    def __init__(self, endpoint, verb="connect"):
        self.endpoint, self.verb = endpoint, verb


@pytest.fixture
def ends():
    return Ends()


def test_an_end_has_two_names_and_is_forgotten_by_both(ends):
    """As it was asked for, and as it came out."""
    end = End("tcp://127.0.0.1:5555", "bind")
    ends.add(end, "tcp://127.0.0.1:*")
    assert ends.find("tcp://127.0.0.1:*", "bind") is ends.find(end.endpoint, "bind") is end
    assert ends.listeners() == [end] and list(ends.each()) == [end, end]
    ends.remove(end), ends.remove(end)
    assert not ends and ends.listeners() == [] and not ends.holds(end.endpoint, "bind")


def test_the_verb_matters_only_where_there_are_both(ends):
    """Else what is there is found by either."""
    first, bound = End("inproc://a"), End("inproc://a", "bind")
    ends.add(first, "inproc://a")
    assert ends.find("inproc://a", "bind") is first and not ends.holds("inproc://a", "bind")
    ends.add(bound, "inproc://a")
    assert ends.find("inproc://a", "bind") is bound and ends.find("inproc://a", "connect") is first
    assert ends.find("inproc://b", "connect") is None


def test_messages_name_a_few_of_many(ends):
    """And count the others."""
    for number in range(_SHOWN + 1):
        assert " more" not in str(ends)
        ends.add(End(f"a{number}"), f"a{number}")
    assert str(ends) == ", ".join(f"a{number}" for number in range(_SHOWN)) + " and 1 more"
