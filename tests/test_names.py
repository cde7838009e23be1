"""gzmq has pyzmq's public names and their arguments, or a reason."""

import inspect

import pytest

import gzmq
from docs import names
from docs.reasons import REASONS

zmq = pytest.importorskip("zmq")


def test_every_name_is_there_or_has_a_reason():
    """Each module too; see docs/reasons.py."""
    assert [name.full for place in names.places() for name in place.names if name.reason == ""] == []
    assert [name for name in names.modules() if names.reason(name) == ""] == []


@pytest.mark.parametrize("key", sorted(REASONS))
def test_a_reason_stands_for_what_is_in_pyzmq_only(key):
    """No reason outlives its need."""
    full = {key for place in names.places() for key in (place.full, *(name.full for name in place.names))}
    assert key in full
    assert not names.exists(key)


@pytest.mark.parametrize("sentence", sorted(REASONS.values()))
def test_a_reason_is_a_sentence(sentence):
    """It begins and ends like one."""
    assert sentence[-1] == "." and len(sentence.split()) > 4


@pytest.mark.skipif(zmq.pyzmq_version() != gzmq.pyzmq_version(), reason="it is written of the pyzmq that gzmq follows")
def test_what_is_written_down_is_true():
    """Otherwise: `make names`."""
    assert names.TABLE.read_text() == names.table()
    assert names.README.read_text() == names.readme()


def parameters(call):
    """What a callable takes: {name: (kind, position)}; None when Python does not know."""
    try:
        found = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return None
    return {each.name: (each.kind, position) for position, each in enumerate(found)}


def callables():
    """(name, pyzmq's, gzmq's) of all that can be called and that both have, once each."""
    seen = set()
    for place in names.places():
        if place.full.startswith("zmq.green") and place.full != "zmq.green.device":
            continue  # these pass their arguments on to the others
        module, _, cls = place.full.rpartition(".")
        owner = names.load(place.full) or getattr(names.load(module), cls, None)
        for name in place.names:
            call = getattr(owner, name.last, None)
            if name.reason is None and name.last[0] != "_" and callable(call) and call not in seen:
                seen.add(call)
                yield name.full, call, names.ours(name.full)


def refused(theirs, ours):
    """The arguments that pyzmq's takes and gzmq's does not, by name or by position."""
    theirs, ours = parameters(theirs), parameters(ours)
    if theirs is None or ours is None:
        return []
    kinds = {kind for kind, _ in ours.values()}
    missing = []
    for name, (kind, position) in theirs.items():
        if kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            fits = True
        elif name not in ours:
            fits = inspect.Parameter.VAR_KEYWORD in kinds
        else:
            fits = kind == inspect.Parameter.KEYWORD_ONLY or ours[name][1] == position
        if not fits:
            missing.append(name)
    return missing


@pytest.mark.parametrize("name, theirs, ours", [pytest.param(*each, id=each[0]) for each in callables()])
def test_a_callable_takes_what_pyzmqs_takes(name, theirs, ours):
    """Its arguments have the same names and places."""
    assert refused(theirs, ours) == []
