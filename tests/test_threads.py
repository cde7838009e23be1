"""Claims of sockets and threads: a socket belongs to one, and says so to the others."""

import errno
import gc
import subprocess
import sys
import threading
from pathlib import Path

import gevent
import pytest

import gzmq as zmq


def in_thread(call, *args):
    """What a call gives in a thread of its own: (result, error)."""
    outcome = []

    def run():
        try:
            outcome.append((call(*args), None))
        except Exception as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    gevent.get_hub().threadpool.apply(thread.join, (10,))
    return outcome[0]


@pytest.fixture
def context():
    with gevent.Timeout(20), zmq.Context() as made:
        yield made


@pytest.mark.parametrize(
    "call, args",
    [("recv", []), ("poll", [10]), ("bind", ["tcp://127.0.0.1:*"]), ("getsockopt", [zmq.LINGER]), ("peers", [])],
)
def test_another_threads_socket_is_refused(context, call, args):
    """A clear error instead of a hang or worse."""
    socket = context.socket(zmq.DEALER)
    _, error = in_thread(getattr(socket, call), *args)
    assert error.errno == errno.ENOTSUP
    assert "thread" in str(error)


def test_each_thread_with_sockets_of_its_own(context):
    """tcp between them, each with its own hub, and a context whose end waits for what is under way."""
    pull = context.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")

    def push(endpoint):
        with zmq.Context() as own:
            socket = own.socket(zmq.PUSH)
            socket.connect(endpoint)
            for number in range(1000):
                socket.send(b"%d" % number)

    pushing = gevent.get_hub().threadpool.spawn(push, pull.last_endpoint)
    assert [int(pull.recv()) for _ in range(1000)] == list(range(1000))
    pushing.get()


def test_inproc_between_threads_says_what_to_use(context):
    """EPROTO, and a sentence."""
    bound = context.socket(zmq.PULL)
    bound.bind("inproc://here")

    def connect():
        with context.socket(zmq.PUSH) as socket:
            socket.connect("inproc://here")

    _, error = in_thread(connect)
    assert error.errno == errno.EPROTO
    assert "ipc" in str(error)


def test_closing_from_another_thread_is_done_by_the_owner(context):
    """The port is free as soon as the owner's hub has run."""
    socket = context.socket(zmq.PULL)
    socket.bind("tcp://127.0.0.1:*")
    in_thread(socket.close)
    while not socket.closed:
        gevent.sleep(0.001)


def test_a_socket_of_a_thread_that_has_ended(context):
    """Closing it, or forgetting it, does no harm."""

    def make():
        socket = zmq.Context().socket(zmq.PULL)
        socket.bind("tcp://127.0.0.1:*")
        return socket

    socket, error = in_thread(make)
    assert error is None
    socket.close()
    del socket
    gc.collect()
    gevent.sleep(0.01)


def test_term_does_not_wait_for_a_thread_that_has_ended():
    """Its socket is open, and what it sent will never leave."""
    context = zmq.Context()

    def leave_behind():
        socket = context.socket(zmq.PUSH)
        socket.connect("tcp://127.0.0.1:9")
        socket.send(b"x")
        return socket

    thread_socket, error = in_thread(leave_behind)
    assert error is None
    with gevent.Timeout(5):
        context.term()
    assert context.closed
    del thread_socket


PROGRAM = """
import threading
import gzmq as zmq
context = zmq.Context()
kept = []
def run():
    socket = context.socket(zmq.PUSH)
    socket.connect("tcp://127.0.0.1:9")
    socket.send(b"x")
    kept.append(socket)
thread = threading.Thread(target=run)
thread.start()
thread.join()
print("end")
"""


def test_a_program_ends_though_a_threads_socket_is_open():
    """Its hub will never run again, so nobody waits for it."""
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=Path(__file__).parents[1])
    assert (ran.stdout, ran.stderr, ran.returncode) == ("end\n", "", 0)
