"""Claims of what nobody closed: warnings where pyzmq gives them, and an end without hanging or leaking."""

import gc
import subprocess
import sys
import textwrap
import warnings
import weakref
from pathlib import Path

import gevent
import pytest

import gzmq as zmq

real = pytest.importorskip("zmq")


def forget_both(lib):
    context = lib.Context()
    socket = context.socket(lib.PUSH)
    socket.linger = 0


def close_socket_only(lib):
    context = lib.Context()
    context.socket(lib.PUSH).close()


def leave_socket_open(lib):
    with lib.Context() as context:
        socket = context.socket(lib.PUSH)
    assert socket.closed


def destroy(lib):
    context = lib.Context()
    socket = context.socket(lib.PUSH)
    context.destroy()
    assert socket.closed


def forget_a_shadow(lib):
    with lib.Context() as context, context.socket(lib.PUSH) as socket:
        lib.Context.shadow(context)
        lib.Socket.shadow(socket)


def close_all(lib):
    with lib.Context() as context, context.socket(lib.PUSH):
        pass


def failed_socket(lib):
    with lib.Context() as context, pytest.raises(lib.ZMQError):
        context.socket(99)


def heard(scenario, lib):
    """The first two words of every warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scenario(lib)
        gc.collect()
    return sorted((warning.category, *str(warning.message).split()[:2]) for warning in caught)


@pytest.mark.parametrize(
    "scenario", [forget_both, close_socket_only, leave_socket_open, destroy, forget_a_shadow, close_all, failed_socket]
)
def test_warnings_are_pyzmqs(scenario):
    """ResourceWarning, for the same things."""
    assert heard(scenario, zmq) == heard(scenario, real)


PROGRAM = """
    import {lib} as zmq
    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    other = zmq.Context()
"""


@pytest.mark.parametrize("lib", ["gzmq", "zmq"])
def test_a_program_that_ends_is_told_of_its_open_sockets(lib):
    """Not of its contexts."""
    program = textwrap.dedent(PROGRAM.format(lib=lib))
    command = [sys.executable, "-W", "always::ResourceWarning", "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=Path(__file__).parents[2])
    assert "Unclosed socket" in ran.stderr and "ontext" not in ran.stderr


def test_a_forgotten_context_still_sends_what_its_sockets_had(context):
    """It does not wait for that: the hub goes on with it."""
    pull = context.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    other = zmq.Context()
    push = other.socket(zmq.PUSH)
    push.connect(pull.last_endpoint)
    push.send(b"x")
    with gevent.Timeout(0.5), pytest.warns(ResourceWarning):
        del push, other
        gc.collect()
    assert pull.recv() == b"x"


def test_a_forgotten_context_leaves_nothing(context):
    """Neither itself nor its sockets are kept by anything."""
    other = zmq.Context()
    push, pull = other.socket(zmq.PUSH), other.socket(zmq.PULL)
    pull.bind("inproc://here"), push.connect("inproc://here")
    push.send(b"x")
    cores = [weakref.ref(made._core) for made in (other, push, pull)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        del push, pull, other
        gc.collect()
    assert [core() for core in cores] == [None] * 3
