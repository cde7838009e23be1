"""Claims of FD and EVENTS: sockets work with pollers that know only descriptors."""

import errno
import os
import select
import subprocess
import sys
from pathlib import Path

import gevent
import pytest
from gevent.socket import wait_read

import gzmq as zmq

from .claims import refuses, until

ROOT = Path(__file__).parents[2]


def fires(fd):
    """Whether a descriptor is readable at this moment."""
    return bool(select.select([fd], [], [], 0)[0])


def quiet(socket):
    """The descriptor of a socket, whose events somebody has looked at."""
    fd = socket.get(zmq.FD)
    until(lambda: socket.get(zmq.EVENTS) is not None and not fires(fd))
    return fd


@pytest.mark.parametrize("scheme", ["tcp", "inproc"])
def test_it_fires_when_a_message_comes(make, inproc, scheme):
    """And not before."""
    pull = make(zmq.PULL, bind=inproc if scheme == "inproc" else "tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint)
    fd = quiet(pull)
    push.send(b"x")
    wait_read(fd, timeout=5)
    until(lambda: pull.get(zmq.EVENTS) == zmq.POLLIN)
    assert pull.recv(zmq.NOBLOCK) == b"x"


def test_it_fires_when_there_is_room(make, inproc):
    """POLLOUT is an event too."""
    pull = make(zmq.PULL, rcvhwm=1, bind=inproc)
    push = make(zmq.PUSH, sndhwm=1, connect=inproc)
    push.send(b"1"), push.send(b"2")
    fd = quiet(push)
    assert push.get(zmq.EVENTS) == 0
    pull.recv(), pull.recv()
    assert fires(fd) and push.get(zmq.EVENTS) == zmq.POLLOUT


def test_it_fires_once_per_change(make, inproc):
    """Reading EVENTS makes it quiet, whatever is left to receive: as libzmq's, it tells of changes."""
    pull, push = make(zmq.PULL, bind=inproc), make(zmq.PUSH, connect=inproc)
    fd = quiet(pull)
    push.send(b"1"), push.send(b"2")
    assert fires(fd) and fires(fd)
    assert pull.get(zmq.EVENTS) == zmq.POLLIN and not fires(fd)
    assert pull.recv() == b"1" and not fires(fd)
    assert pull.get(zmq.EVENTS) == zmq.POLLIN


def test_it_is_made_when_first_asked_for(make):
    """Idle sockets cost none; then it stays the same, and children do not inherit it."""
    before = set(os.listdir("/proc/self/fd"))
    pull = make(zmq.PULL)
    assert set(os.listdir("/proc/self/fd")) <= before
    fd = pull.fd
    assert pull.fileno() == pull.FD == fd and not os.get_inheritable(fd)


def test_it_closes_with_its_socket(make):
    """At once."""
    pull = make(zmq.PULL)
    fd = pull.fd
    pull.close()
    with pytest.raises(OSError) as caught:
        os.fstat(fd)
    assert caught.value.errno == errno.EBADF
    assert refuses(zmq.ENOTSOCK, pull.get, zmq.FD)


def test_the_end_of_the_context_fires(make, context):
    """EVENTS then says ETERM."""
    pull = make(zmq.PULL)
    fd = quiet(pull)
    ending = gevent.spawn(context.term)
    wait_read(fd, timeout=5)
    assert refuses(zmq.ETERM, pull.get, zmq.EVENTS)
    pull.close()
    ending.get(timeout=5)


def test_an_epoll_in_a_thread(make):
    """It blocks that thread; the hub runs on."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint)
    with select.epoll() as epoll:
        epoll.register(quiet(pull), select.EPOLLIN)
        waiting = gevent.get_hub().threadpool.spawn(epoll.poll, 5)
        push.send(b"x")
        assert waiting.get(timeout=5) == [(pull.fd, select.EPOLLIN)]
    assert pull.poll(5000) and pull.recv() == b"x"


@pytest.mark.parametrize("lets_go", [True, False], ids=["gives way", "asks for EVENTS only"])
def test_a_loop_of_its_own(make, lets_go):
    """A program that is no friend of gevent's: it lets the hub run by gevent.sleep(0), or by asking for EVENTS."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect=pull.last_endpoint)
    push.send(b"x")
    with select.epoll() as epoll, gevent.Timeout(5):
        epoll.register(pull.fd, select.EPOLLIN | select.EPOLLET)
        got = None
        while got is None:
            if (epoll.poll(0) or not lets_go) and pull.get(zmq.EVENTS) & zmq.POLLIN:
                got = pull.recv(zmq.NOBLOCK)
            if lets_go:
                gevent.sleep(0)
    assert got == b"x"


ASYNCIO = """
from gevent import monkey; monkey.patch_all()
import asyncio
import gevent
import gzmq as zmq

context = zmq.Context()
pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
pull.bind("tcp://127.0.0.1:*"), push.connect(pull.last_endpoint)

async def receive(count):
    loop, changed, got = asyncio.get_running_loop(), asyncio.Event(), []
    loop.add_reader(pull.fileno(), changed.set)
    while len(got) < count:
        await changed.wait()
        changed.clear()
        while pull.get(zmq.EVENTS) & zmq.POLLIN:
            got.append(pull.recv(zmq.NOBLOCK))
    loop.remove_reader(pull.fileno())
    return got

def send():
    for number in range(100):
        push.send(b"%d" % number)
        gevent.sleep(0.001)

gevent.spawn(send)
got = asyncio.run(asyncio.wait_for(receive(100), 20))
assert got == [b"%d" % number for number in range(100)]
context.destroy()
"""


def test_asyncio_where_gevent_has_patched(tmp_path):
    """Its selector is gevent's then, so add_reader works and blocks no greenlet."""
    ran = subprocess.run([sys.executable, "-c", ASYNCIO], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (ran.returncode, ran.stderr) == (0, "")
