"""Values of named fields."""

import pytest

from gzmq.record import Record


class Point(Record):
    x: int
    y: int = 0


class Named(Point):
    _hidden = frozenset({"secret"})

    name: str = ""
    secret: str = ""


@pytest.mark.parametrize("made", [Named(1, 2, "p"), Named(1, name="p", y=2), Named(y=2, name="p", x=1)])
def test_fields_by_position_and_name(made):
    """In any order, the parent's first; with defaults; equal and hashed by their values."""
    assert (made.x, made.y, made.name, made.secret) == (1, 2, "p", "")
    assert made == Named(1, 2, "p") and hash(made) == hash(Named(1, 2, "p"))


@pytest.mark.parametrize(
    "values, named", [((), {}), ((1, 2, 3), {}), ((1,), {"x": 2}), ((1,), {"z": 2}), ((), {"y": 1})]
)
def test_fields_that_are_not_its_own(values, named):
    """Too few, too many, one twice, an unknown one."""
    with pytest.raises(TypeError, match="Point takes x, y"):
        Point(*values, **named)


def test_records_of_different_classes_differ():
    """Also with the same values."""
    assert Point(1) != Named(1)
    assert Point(1) != Point(2)


def test_a_record_keeps_its_values():
    """What is to change is made anew."""
    point = Point(1, 2)
    with pytest.raises(AttributeError, match="cannot set 'x'"):
        point.x = 5
    with pytest.raises(AttributeError, match="cannot delete 'x'"):
        del point.x
    assert point.changed(y=3) == Point(1, 3)
    assert point == Point(1, 2)


def test_a_record_shows_no_secret():
    """All else, by name."""
    assert repr(Named(1, 2, "p", "hush")) == "Named(x=1, y=2, name='p')"
