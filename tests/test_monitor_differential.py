"""A monitor tells of the same events as pyzmq's, in the same order and with the same values, but for what is listed.

Both libraries play the scenes of `monitor_answers` in processes of their own, at the same time.
"""

import errno
import fnmatch
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import gzmq as zmq

from .monitor_answers import scenes

pytest.importorskip("zmq")

ROOT = Path(__file__).parents[1]


def gives_the_reason(code, event="HANDSHAKE_FAILED_PROTOCOL"):
    """What libzmq closes without a word, or with another."""

    def rule(theirs):
        kept = [told for told in theirs if not told[0].startswith("HANDSHAKE")]
        at = [told[0] for told in kept].index("DISCONNECTED")
        return [*kept[:at], (event, int(code), "here"), *kept[at:]]

    return rule


def tries_again(theirs):
    """CONNECT_RETRIED at the end."""
    return [*theirs, ("CONNECT_RETRIED", "milliseconds", "here")]


def names_the_endpoint(name):
    """BIND_FAILED with the endpoint as it was given, alone."""
    return lambda theirs: [("BIND_FAILED", errno.EADDRINUSE, name), errno.EADDRINUSE]


#: (pattern of scenes, what to make of pyzmq's answer, why), applied one after another.
DIFFERENCES = [
    ("address_in_use", names_the_endpoint("here"), "libzmq leaves the scheme out, and tells of its own descriptor too"),
    ("ipc_in_use", names_the_endpoint("ipc://folder"), "the same"),
    (
        "ipc_filtered",
        lambda theirs: [theirs[0], ("ACCEPT_FAILED", errno.EACCES, "here")],
        "libzmq gives whatever errno was last",
    ),
    (
        "a * is silent",
        lambda theirs: [(name, errno.ETIMEDOUT if value == errno.EAGAIN else value, at) for name, value, at in theirs],
        "libzmq gives whatever errno was last",
    ),
    (
        "incompatible_*",
        gives_the_reason(zmq.PROTOCOL_ERROR_ZMTP_INVALID_METADATA),
        "libzmq hangs up without a word",
    ),
    (
        "a * sends ready of *",
        gives_the_reason(zmq.PROTOCOL_ERROR_ZMTP_INVALID_METADATA),
        "the same; no type is no peer",
    ),
    (
        "a * sends ready with *",
        gives_the_reason(zmq.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY),
        "the same",
    ),
    ("a * sends zeros", gives_the_reason(zmq.PROTOCOL_ERROR_ZMTP_UNSPECIFIED), "the same"),
    ("a * sends an error", gives_the_reason(zmq.PROTOCOL_ERROR_ZMTP_UNSPECIFIED), "the same"),
    (
        "a * sends http",
        gives_the_reason(zmq.PROTOCOL_ERROR_ZMTP_UNSPECIFIED),
        "libzmq takes it for ZMTP 1.0, and waits",
    ),
    *(
        (scene, tries_again, "libzmq gives an endpoint up for good after a protocol error")
        for scene in (
            *("incompatible_connected", "a server sends zeros", "a server sends plain", "a server sends curve"),
            *("a server sends no mechanism", "a server sends ready of a type*", "a server sends ready with *"),
            *("a server sends a message first", "a server sends an unknown command first", "a server sends *error"),
            *("a server sends *status", "a server sends too large"),
        )
    ),
]


@pytest.fixture(scope="module")
def answers():
    """(ours, pyzmq's), by scene."""
    command = [sys.executable, "-m", "tests.monitor_answers"]
    played = [subprocess.Popen([*command, library], cwd=ROOT, stdout=subprocess.PIPE) for library in ("gzmq", "zmq")]
    return [pickle.loads(process.communicate(timeout=100)[0]) for process in played]


def test_monitors_tell_the_same(answers):
    """Of peers that come, go, cannot be reached, or talk nonsense; all that differs is in the table."""
    ours, expected = answers
    for pattern, rule, why in DIFFERENCES:
        for scene in fnmatch.filter(expected, pattern):
            changed = rule(expected[scene])
            assert changed != expected[scene], f"{scene} does not differ: {why}"
            expected[scene] = changed
    assert ours.keys() == expected.keys() == scenes().keys()
    assert {scene: (ours[scene], expected[scene]) for scene in ours if ours[scene] != expected[scene]} == {}
