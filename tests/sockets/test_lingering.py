"""Claims of what happens to unsent messages at the end."""

import gc
import subprocess
import sys
import time

import gevent
import pytest

import gzmq as zmq

from .claims import drain, until


@pytest.mark.parametrize("size", [1, 1 << 16, 100_000_000])
def test_send_then_close_loses_nothing(make, size):
    """Field note A21: LINGER -1, whatever the size."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode())
    push.send(bytes(size))
    push.close()
    assert len(pull.recv()) == size


def test_a_slow_reader_still_gets_all(make):
    """A queue that does not fit into the kernel's buffers is delivered after close."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*", rcvhwm=1, rcvbuf=4096)
    push = make(zmq.PUSH, connect=pull.last_endpoint.decode(), sndbuf=4096)
    for _ in range(100):
        push.send(bytes(100_000))
    push.close()
    for _ in range(100):
        gevent.sleep(0.001)
        assert len(pull.recv()) == 100_000


def test_linger_zero_drops_at_once(context, make):
    """term does not wait."""
    push = make(zmq.PUSH, connect="tcp://127.0.0.1:9", linger=0)
    push.send(b"x")
    context.destroy()
    assert context.closed


def test_linger_bounds_the_wait_of_term(context, make):
    """LINGER N: N milliseconds, then the messages are dropped."""
    push = make(zmq.PUSH, connect="tcp://127.0.0.1:9", linger=50)
    push.send(b"x")
    push.close()
    start = time.monotonic()
    context.term()
    assert time.monotonic() - start > 0.04


def test_term_blocks_only_its_caller(context, make):
    """Field note A6: other greenlets go on."""
    push = make(zmq.PUSH, connect="tcp://127.0.0.1:9", linger=50)
    push.send(b"x")
    push.close()
    ending = gevent.spawn(context.term)
    turns = 0
    while not ending.ready():
        gevent.sleep(0.001)
        turns += 1
    assert turns > 5


def test_inproc_messages_outlive_their_sender(make, inproc):
    """They are in the pipe, and the pipe is the receiver's too."""
    pull = make(zmq.PULL, bind=inproc)
    push = make(zmq.PUSH, connect=inproc)
    push.send(b"last")
    push.close()
    assert pull.recv() == b"last"


def test_inproc_sent_before_bind_outlives_its_sender(make, inproc):
    """LINGER keeps it for whoever binds."""
    push = make(zmq.PUSH, connect=inproc, linger=-1)
    push.send(b"early")
    push.close()
    assert drain(make(zmq.PULL, bind=inproc)) == [[b"early"]]


SCRIPT = """
import sys
import gzmq as zmq
socket = zmq.Context().socket(zmq.PUSH)
socket.linger = int(sys.argv[2])
socket.connect(sys.argv[1])
socket.send(b"from a plain script")
"""


def run(address, linger):
    return subprocess.Popen([sys.executable, "-c", SCRIPT, address, str(linger)])


def test_a_script_that_falls_off_its_end_delivers(make):
    """As with pyzmq."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*", rcvtimeo=10_000)
    script = run(pull.last_endpoint.decode(), -1)
    assert pull.recv() == b"from a plain script"
    while script.poll() is None:
        gevent.sleep(0.01)
    assert script.returncode == 0


@pytest.mark.parametrize("linger", [-1, 0, 100])
def test_a_script_whose_peer_never_comes_ends(linger):
    """Nobody is there: not even LINGER -1 keeps a finished program alive."""
    assert run("tcp://127.0.0.1:9", linger).wait(timeout=20) == 0


GREENLETS = """
import sys, gevent
import gzmq as zmq
context = zmq.Context()
push = context.socket(zmq.PUSH)
push.connect(sys.argv[1])
pulls = [context.socket(zmq.PULL) for _ in range(3)]

def ask_again_and_again(pull):
    while True:
        try:
            pull.recv(zmq.NOBLOCK)
        except zmq.Again:
            gevent.sleep(0)
        except zmq.ZMQError:
            print("closed")

gevent.spawn(pulls[0].recv), gevent.spawn(zmq.select, pulls, [], []), gevent.spawn(ask_again_and_again, pulls[2])
gevent.sleep(0.01)
push.send(bytes(10_000_000))
"""


def test_a_scripts_greenlets_end_with_it(make):
    """While its last message is delivered none of them goes on, and nothing is printed."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*", rcvtimeo=10_000)
    command = [sys.executable, "-c", GREENLETS, pull.last_endpoint.decode()]
    script = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert len(pull.recv()) == 10_000_000
    assert (script.communicate(timeout=20)[0], script.returncode) == (b"", 0)


def test_a_closed_socket_needs_no_collector(make, anywhere):
    """Nothing of a client that came and went stays behind in cycles, at either side."""
    server = make(zmq.REP, bind=anywhere)

    def come_and_go():
        client = zmq.Socket(server.context, zmq.REQ)
        client.connect(server.last_endpoint)
        client.send(b"x")
        server.send(server.recv())
        client.recv()
        client.close()
        until(lambda: not server._core.pipes)

    come_and_go()
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(20):
            come_and_go()
        assert len(gc.get_objects()) - before < 100
    finally:
        gc.enable()
