"""Claims of the error tree."""

import errno

import pytest

import gzmq as zmq
from gzmq.error import zmq_error


@pytest.mark.parametrize(
    "code, kind",
    [
        (errno.EAGAIN, zmq.Again),
        (zmq.ETERM, zmq.ContextTerminated),
        (errno.EINTR, zmq.InterruptedSystemCall),
        (errno.EINVAL, zmq.ZMQError),
    ],
)
def test_a_number_has_its_class(code, kind):
    """What a program catches depends on the number alone."""
    made = zmq_error(code, "why")
    assert type(made) is kind
    assert (made.errno, str(made), made.strerror) == (code, "why", "why")


@pytest.mark.parametrize("kind", [zmq.Again, zmq.ContextTerminated, zmq.ZMQError, zmq.InterruptedSystemCall])
def test_an_error_can_be_made_without_arguments(kind):
    """As programs' own tests do."""
    assert isinstance(kind(), zmq.ZMQBaseError)


def test_the_number_alone_gives_the_sentence():
    """ZMQError(errno) says what strerror says."""
    assert str(zmq.ZMQError(zmq.EFSM)) == zmq.strerror(zmq.EFSM) == "Operation cannot be accomplished in current state"


@pytest.mark.parametrize("code", [zmq.EFSM, zmq.ETERM, zmq.ENOCOMPATPROTO, zmq.EMTHREAD, errno.EINVAL, errno.EAGAIN])
def test_strerror_says_what_libzmq_says(code):
    """For ZeroMQ's own numbers and the system's."""
    assert zmq.strerror(code) == pytest.importorskip("zmq").strerror(code)


def test_an_interrupted_call_is_an_interrupted_error():
    """``except InterruptedError`` catches it, as with pyzmq."""
    assert issubclass(zmq.InterruptedSystemCall, InterruptedError)


def test_a_version_error_names_both_versions():
    """What is needed and what is there."""
    assert str(zmq.ZMQVersionError("5.0", "4.3.5", "radio")) == "radio requires libzmq >= 5.0, have 4.3.5"
