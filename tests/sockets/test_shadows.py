"""Claims of shadows: other handles to the same context or socket, as pyzmq has them."""

import copy
import errno
import gc
import pickle
import weakref

import pytest

import gzmq as zmq

from .claims import refuses

SHADOWS = {
    "shadow": lambda made: type(made).shadow(made),
    "argument": lambda made: type(made)(made),
    "keyword": lambda made: type(made)(shadow=made),
    "number": lambda made: type(made).shadow(made.underlying),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "shadow of a shadow": lambda made: copy.copy(copy.copy(made)),
}


@pytest.mark.parametrize("how", SHADOWS)
def test_a_shadow_of_a_context_is_the_same_context(context, how):
    """Its sockets meet those of the other over inproc; its defaults are its own."""
    context.linger = 7
    shadow = SHADOWS[how](context)
    assert shadow is not context and shadow.underlying == context.underlying
    with context.socket(zmq.PULL) as pull, shadow.socket(zmq.PUSH) as push:
        pull.bind("inproc://same"), push.connect("inproc://same")
        push.send(b"x")
        assert pull.recv() == b"x"
        assert (pull.linger, push.linger) == (7, -1)


@pytest.mark.parametrize("how", SHADOWS)
def test_forgetting_a_shadow_ends_nothing(context, how, recwarn):
    """Neither the context nor the socket, and nobody is warned."""
    socket = context.socket(zmq.PUSH)
    for made in (context, socket):
        SHADOWS[how](made)
    gc.collect()
    assert not context.closed and not socket.closed
    assert not recwarn.list


def test_a_shadow_that_is_destroyed_closes_what_it_made():
    """And ends the context then, as in pyzmq, for which it waits until the rest is closed."""
    context = zmq.Context()
    shadow = zmq.Context.shadow(context)
    socket = shadow.socket(zmq.PULL)
    shadow.destroy()
    assert socket.closed and shadow.closed and context.closed
    assert context.underlying == 0


@pytest.mark.parametrize("how", SHADOWS)
def test_a_shadow_of_a_socket_is_the_same_socket(context, how):
    """A multipart begun on one handle goes on on the other; closing one closes both."""
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    pull.bind("inproc://same"), push.connect("inproc://same")
    shadow = SHADOWS[how](push)
    assert (shadow.context, shadow.underlying, shadow.type) == (context, push.underlying, zmq.PUSH)
    push.send(b"a", zmq.SNDMORE)
    shadow.send(b"b")
    assert pull.recv_multipart() == [b"a", b"b"]
    shadow.close()
    assert push.closed and refuses(zmq.ENOTSOCK, push.send, b"")


@pytest.mark.parametrize("kind", [zmq.Context, zmq.Socket])
def test_a_number_of_nothing_is_refused(kind):
    """EFAULT, and the error says what would be right; nothing else is a number."""
    with pytest.raises(zmq.ZMQError, match="underlying") as caught:
        kind.shadow(12345)
    assert caught.value.errno == errno.EFAULT
    with pytest.raises(ValueError, match="'x' is no"):
        kind.shadow("x")


def test_the_number_of_what_has_gone_is_refused(context):
    """It keeps nobody alive."""
    number = context.socket(zmq.PUSH).underlying
    gc.collect()
    assert refuses(errno.EFAULT, zmq.Socket.shadow, number)


def test_a_shadow_of_pyzmqs_context_is_refused():
    """It is libzmq's."""
    real = pytest.importorskip("zmq")
    with real.Context() as other:
        assert refuses(errno.EFAULT, zmq.Context.shadow, other)
    assert refuses(errno.ENOTSUP, zmq.Context.shadow_pyczmq, object())


def test_no_context_is_a_type_error():
    """A socket needs one."""
    with pytest.raises(TypeError, match="context must be specified"):
        zmq.Socket()


def test_neither_is_pickled(context):
    """TypeError, as in pyzmq."""
    for made in (context, context.socket(zmq.PUSH)):
        with pytest.raises(TypeError, match="cannot pickle"):
            pickle.dumps(made)


def test_both_can_be_known_weakly_and_in_sets(context):
    """By identity: a shadow is another one."""
    socket = context.socket(zmq.PUSH)
    for made in (context, socket):
        assert weakref.ref(made)() is made
        assert len({made, made, copy.copy(made)}) == 2


def test_both_take_a_type_in_brackets(context):
    """As annotations for pyzmq have it, and at run time."""
    assert isinstance(zmq.Socket[bytes](context, zmq.PUSH), zmq.Socket)
    with zmq.Context[zmq.Socket]() as made:
        assert isinstance(made, zmq.Context)


class Labelled(zmq.Socket[bytes]):
    """A socket with more to it."""

    label: str
    number = 0

    def __init__(self, *args, label="", **kwargs):
        super().__init__(*args, **kwargs)
        self.label = label


class Labeller(zmq.Context[Labelled]):
    """Makes those."""

    _socket_class = Labelled
    name = ""


def test_subclasses_have_attributes_of_their_own():
    """Those that the class declares; arguments of `socket` are the class's."""
    with Labeller() as context, context.socket(zmq.PUSH, label="a", copy_threshold=3) as socket:
        socket.number, context.name = 1, "b"
        assert (type(socket), socket.label, socket.number, context.name, socket.copy_threshold) == (
            Labelled,
            "a",
            1,
            "b",
            3,
        )
        assert "Labelled PUSH" in repr(socket) and "Labeller open" in repr(context)
        with pytest.raises(AttributeError, match="no attribute or option 'other'"):
            socket.other = 1


def test_a_class_for_one_socket(context):
    """``socket_class`` is called with the context and the type."""
    with context.socket(zmq.PUSH, Labelled) as one, context.socket(zmq.PUSH, socket_class=Labelled, label="x") as other:
        assert (type(one), type(other), other.label) == (Labelled, Labelled, "x")
