"""Every option of every socket type, and of contexts, answers every call as pyzmq's does, but for what is listed here.

pyzmq's answers come from a process of its own, as libzmq may end that.
"""

import errno
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gzmq
from gzmq.options import ROWS
from gzmq.pattern import PATTERNS

from .option_answers import of_context, of_socket

pytest.importorskip("zmq")

ROOT = Path(__file__).parents[1]
#: The types that are no drafts: those of the wheel.
KINDS = [kind.name for kind in PATTERNS if kind <= gzmq.STREAM]

_MISSING = {row.name for row in ROWS.values() if row.missing}
_DRAFTS = {row.name for row in ROWS.values() if row.draft and not row.missing}
_OF_ROUTER = {"CONNECT_ROUTING_ID", "PROBE_ROUTER", "ROUTER_HANDOVER", "ROUTER_MANDATORY", "ROUTER_RAW"}
_ALL = {*KINDS}
#: What differs on purpose: (names of options, pattern of calls, where, why).
DIFFERENCES = [
    (_DRAFTS, ".*", _ALL, "they are drafts, which libzmq is commonly built without: there they are EINVAL"),
    (
        _OF_ROUTER,
        "(set|attribute|latin1).*",
        {"REP"},
        "libzmq's REP is made of its ROUTER; their man page names no REP",
    ),
    (
        _MISSING,
        "(?i)[a-z_]+ (= .*|after .*)|del .*",
        {"Context"},
        "a default for an option that is not there is refused",
    ),
    (
        {"PLAIN_USERNAME", "PLAIN_PASSWORD", "ZAP_DOMAIN", "SOCKS_PROXY", "SOCKS_USERNAME", "SOCKS_PASSWORD"},
        ".*x{255,256}.*",
        _ALL,
        "pyzmq has no room to read 255 bytes, the most that can be set",
    ),
    ({"SOCKS_PROXY", "TCP_ACCEPT_FILTER"}, "set b''", _ALL, "it clears them; libzmq wants a NULL, which pyzmq has not"),
    ({"TCP_ACCEPT_FILTER"}, "set b'::1'", _ALL, "libzmq takes IPv6 networks only once IPV6 is set"),
    (
        {"THREAD_NAME_PREFIX", "THREAD_SCHED_POLICY"},
        ".*",
        {"Context"},
        "to pyzmq the value -1 looks like an error, and raises whatever errno was last",
    ),
]


@pytest.fixture(scope="module")
def theirs():
    """pyzmq's answers: ``theirs("PUSH")``."""

    def theirs(kind):
        command = [sys.executable, "-m", "tests.option_answers", "zmq", kind]
        return pickle.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=60).stdout)

    return theirs


def explained(where, option, call):
    """The differences listed that this one is among."""
    return [
        why
        for names, calls, places, why in DIFFERENCES
        if option in names and where in places and re.fullmatch(calls, call)
    ]


@pytest.mark.parametrize("where", [*KINDS, "Context"])
def test_every_option_answers_as_pyzmqs(theirs, where):
    """Defaults, values of all kinds, texts, attributes: the same results or exceptions, with the same errno."""
    ours = of_context(gzmq) if where == "Context" else of_socket(gzmq, where)
    expected = theirs(where)
    assert ours.keys() == expected.keys()
    differing = {key: (ours[key], expected[key]) for key in ours if ours[key] != expected[key]}
    assert {key: both for key, both in differing.items() if not explained(where, *key)} == {}
    found = {why for key in differing for why in explained(where, *key)}
    assert found == {why for names, _, places, why in DIFFERENCES if where in places}


def test_drafts_are_what_the_wheel_refuses(theirs):
    """Each row that says so: it is EINVAL there, and works here."""
    answers = theirs("XSUB")
    for name in _DRAFTS:
        assert answers[name, "get"] == ("raises", "ZMQError", errno.EINVAL), name
