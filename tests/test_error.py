"""Claims of the error tree."""

import errno

import gevent
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
    assert str(zmq.ZMQVersionError("5.0", "radio")) == "radio requires libzmq >= 5.0, have 4.3.5"


def test_zmq_errno_is_that_of_the_last_error():
    """Of the same greenlet; ZMQError() takes it up."""
    assert zmq_errno_in_greenlet(lambda: zmq_error(zmq.EFSM, "why")) == zmq.EFSM
    assert zmq_errno_in_greenlet(lambda: None) == 0


def zmq_errno_in_greenlet(call):
    """What a new greenlet has after a call, by the function and by an error made without a number."""

    def run():
        call()
        return zmq.zmq_errno(), zmq.ZMQError().errno

    by_function, by_error = gevent.spawn(run).get()
    assert by_function == by_error
    return by_function


def test_an_error_may_say_something_else_than_a_number():
    """As pyzmq's; it has no number then."""
    assert (str(zmq.ZMQError("no number")), zmq.ZMQError("no number").errno) == ("no number", None)
