"""Claims about time: gzmq knows the monotonic clock alone, and jumps of the wall clock do nothing to it."""

import ast
import time

import gevent
import pytest

import gzmq as zmq
from gzmq.testing import Wire

from .sockets.claims import until
from .sockets.conftest import context, hub_errors, make
from .test_layers import MODULES, module_name

__all__ = ["context", "hub_errors", "make"]

#: What tells the time of day.
WALL = {"time", "time_ns", "ctime", "gmtime", "localtime", "asctime", "now", "utcnow", "today", "clock_gettime"}
MODULES_OF_TIME = {"time", "datetime", "date", "datetime.datetime", "datetime.date"}
#: Who writes the time of day down for people, and waits for nothing by it.
WRITES_IT_DOWN = {"auth.certs", "log.__main__"}


def reads_wall_time(tree):
    """The places where a module asks for the time of day, or names it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (alias.name for alias in node.names if alias.name in WALL)
        elif isinstance(node, ast.Attribute) and node.attr in WALL and ast.unparse(node.value) in MODULES_OF_TIME:
            yield ast.unparse(node)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_the_monotonic_clock_is_read(path):
    """By any module; but a certificate has the date in it, and a line of a log the time."""
    found = list(reads_wall_time(ast.parse(path.read_text())))
    assert bool(found) == (module_name(path) in WRITES_IT_DOWN), found


@pytest.fixture(params=[1e9, -1e9], ids=["forward", "back"])
def jumps(request, monkeypatch):
    """The wall clock jumps at every look, by 30 years."""
    jumped = [time.time()]

    def now():
        jumped[0] += request.param
        return jumped[0]

    monkeypatch.setattr(time, "time", now)
    monkeypatch.setattr(time, "time_ns", lambda: int(now() * 1e9))
    return now


def test_time_outs_last_as_long(make, jumps):
    """No more and no less than was said, sending and receiving and polling."""
    pull, push = make(zmq.PULL, bind="tcp://127.0.0.1:*"), make(zmq.PUSH)
    pull.rcvtimeo = push.sndtimeo = 50
    for wait in (pull.recv, lambda: push.send(b""), lambda: pull.poll(50) or pull.recv(zmq.DONTWAIT)):
        begin = time.monotonic()
        with pytest.raises(zmq.Again):
            wait()
        assert 0.04 <= time.monotonic() - begin < 5


def test_heartbeats_and_reconnection_go_on(make, jumps):
    """A peer that answers is kept, one that is stalled is noticed, and the next connection carries on."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    with Wire(pull.last_endpoint) as wire:
        push = make(zmq.PUSH, connect=wire.endpoint, heartbeat_ivl=50, reconnect_ivl=10)
        until(lambda: wire.back.bytes > 400)  # a few PONGs
        assert wire.connections == 1
        wire.back.stall()
        until(lambda: wire.connections > 1)
        wire.back.resume()
        push.send(b"back")
        assert pull.recv() == b"back"


def test_linger_ends_in_time(make, context, jumps):
    """Of a socket that can deliver nothing."""
    push = make(zmq.PUSH, connect="tcp://127.0.0.1:9", linger=50)
    push.send(b"nobody gets this")
    push.close()
    with gevent.Timeout(5):
        context.term()
