"""Claims of contexts."""

import errno

import gevent
import pytest

import gzmq as zmq

from .claims import refuses


def test_instance_is_shared_until_it_ends():
    """One per process; a new one after that was terminated."""
    first = zmq.Context.instance()
    assert zmq.Context.instance() is first
    first.term()
    assert zmq.Context.instance() is not first
    zmq.Context.instance().term()


def test_options_have_libzmqs_defaults(context):
    """And can be set."""
    assert (context.io_threads, context.max_sockets, context.get(zmq.SOCKET_LIMIT)) == (1, 1023, 65535)
    context.set(zmq.MAX_SOCKETS, 5)
    assert context.max_sockets == 5


@pytest.mark.parametrize(
    "option, value", [(zmq.MAX_SOCKETS, 0), (zmq.IO_THREADS, -1), (zmq.SOCKET_LIMIT, -1), (999, 1)]
)
def test_bad_options_are_einval(context, option, value):
    """As libzmq has it."""
    assert refuses(errno.EINVAL, context.set, option, value)


@pytest.mark.parametrize("frames", [[b"12345"], [b"1", b"12345"]])
def test_max_msgsz_bounds_what_is_sent(context, frames):
    """EMSGSIZE for a larger frame; zmq_ctx_set(3). What fits is sent."""
    context.set(zmq.MAX_MSGSZ, 4)
    one, other = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    one.bind("inproc://limited"), other.connect("inproc://limited")
    assert refuses(errno.EMSGSIZE, one.send_multipart, frames)
    one.send_multipart([b"1234", b"5678"])
    assert other.recv_multipart() == [b"1234", b"5678"]


def test_max_sockets_is_a_limit(context):
    """EMFILE beyond it; closing one makes room."""
    context.max_sockets = 2
    first, _second = context.socket(zmq.PUSH), context.socket(zmq.PUSH)
    assert refuses(errno.EMFILE, context.socket, zmq.PUSH)
    first.close()
    assert context.socket(zmq.PUSH)


def test_attributes_are_defaults_for_sockets(context):
    """For those made later, of types that have the option."""
    context.linger = 7
    context.setsockopt(zmq.SUBSCRIBE, b"topic")
    assert context.socket(zmq.PUSH).linger == 7
    assert context.linger == 7
    assert context.socket(zmq.SUB).topics_count == 1


@pytest.mark.parametrize("option, attribute, value", [(zmq.IPV6, "ipv6", 1), (zmq.BLOCKY, "linger", 0)])
def test_options_of_the_context_that_its_sockets_take_over(context, option, attribute, value):
    """IPV6, and BLOCKY off for LINGER 0."""
    context.set(option, 1 - context.get(option))
    assert getattr(context.socket(zmq.PUSH), attribute) == value


def test_a_terminated_context_makes_no_socket(context):
    """ETERM."""
    context.term()
    assert context.closed
    assert refuses(zmq.ETERM, context.socket, zmq.PUSH)


def test_destroy_closes_all_sockets(context):
    """Its linger is theirs."""
    socket = context.socket(zmq.PUSH)
    socket.connect("tcp://127.0.0.1:9")
    socket.send(b"never")
    context.destroy(linger=0)
    assert socket.closed
    assert context.closed


def test_term_waits_for_sockets_to_be_closed(context):
    """By somebody else; meanwhile they raise ETERM."""
    socket = context.socket(zmq.PULL)
    ending = gevent.spawn(context.term)
    gevent.sleep(0.01)
    assert not ending.ready()
    assert refuses(zmq.ETERM, socket.recv)
    socket.close()
    ending.get(timeout=5)


def test_term_ends_though_sockets_are_monitored(context):
    """Nobody can be told any more, and no call fails for that."""
    socket = context.socket(zmq.PULL)
    with socket.get_monitor_socket():
        socket.bind("tcp://127.0.0.1:*")
        ending = gevent.spawn(context.term)
        gevent.sleep(0.01)
    socket.close()
    ending.get(timeout=5)


def test_a_forgotten_socket_is_closed(context):
    """As pyzmq does when it is collected."""
    socket = context.socket(zmq.PULL)
    socket.bind("inproc://forgotten")
    del socket
    assert context.socket(zmq.PULL).bind("inproc://forgotten")


def test_an_unknown_type_is_einval(context):
    """And the error names those that there are."""
    with pytest.raises(zmq.ZMQError, match="PUSH") as caught:
        context.socket(99)
    assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize("call", ["send", "recv", "poll", "bind", "getsockopt", "setsockopt"])
def test_a_closed_socket_is_no_socket(context, call):
    """ENOTSOCK from every call; closing again is nothing."""
    socket = context.socket(zmq.PAIR)
    socket.close()
    socket.close()
    arguments = {"send": [b""], "bind": ["inproc://x"], "getsockopt": [zmq.LINGER], "setsockopt": [zmq.LINGER, 1]}
    assert refuses(zmq.ENOTSOCK, getattr(socket, call), *arguments.get(call, []))


def test_dir_lists_the_options_of_a_context():
    """What an interactive session completes, as pyzmq has it."""
    with zmq.Context() as context:
        assert set(zmq.ContextOption.__members__) | {"socket", "term"} <= set(dir(context))
