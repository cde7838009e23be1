"""Claims of forked children: what they inherit is dead there, and the parent notices nothing."""

import errno
import gc
import os
import signal
import socket as net
import threading
from pathlib import Path

import gevent
import pytest
from gevent.os import tp_read

import gzmq as zmq
from gzmq.devices import GreenletDevice, ProcessDevice

from .forks import FORKS, in_child, socket_descriptors
from .scripts import scripts
from .sockets.claims import refuses, until

PROGRAMS = Path(__file__).parent / "fork_programs"


@pytest.fixture
def context():
    with gevent.Timeout(60), zmq.Context() as made:
        yield made
        made.destroy(linger=0)


@pytest.fixture
def start():
    with scripts() as start:
        yield start


def joined(context, one=zmq.PUSH, other=zmq.PULL, address="tcp://127.0.0.1:*", hwm=1000):
    """A bound and a connected socket, whose connection stands."""
    bound, connected = context.socket(one), context.socket(other)
    connected.rcvhwm = hwm
    bound.rcvtimeo = bound.sndtimeo = connected.rcvtimeo = connected.sndtimeo = 20000
    bound.bind(address)
    connected.connect(bound.last_endpoint.decode())
    until(lambda: bound.peers() and bound.peers()[0].connected)
    return bound, connected


# -- what was inherited is dead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("fork", FORKS)
def test_an_inherited_socket_is_no_socket(context, fork):
    """ENOTSOCK, which says what to do; nothing hangs."""
    push, pull = joined(context)

    def look():
        for call in (lambda: push.send(b"x"), pull.recv, pull.poll, pull.fileno, lambda: push.bind("inproc://x")):
            assert refuses(errno.ENOTSOCK, call)
        with pytest.raises(zmq.ZMQError, match=f"of process {os.getppid()}, which forked: make a new context"):
            pull.recv()
        return push.closed and pull.closed

    assert in_child(look, fork)
    push.send(b"x")
    assert pull.recv() == b"x"


def test_an_inherited_context_has_ended(context):
    """ETERM, which says what to do; ending it again is nothing."""

    def look():
        assert context.closed
        with pytest.raises(zmq.ContextTerminated, match=f"of process {os.getppid()}, which forked"):
            context.socket(zmq.PUSH)
        context.term()
        context.destroy()
        return True

    assert in_child(look)
    assert not context.closed


def test_instance_is_a_processs_own():
    """py#1307: `Context.instance()` in the child is another, also under a lock that a thread held."""
    here = zmq.Context.instance()

    def look():
        made = zmq.Context.instance()
        return made is not here and made is zmq.Context.instance() and not made.closed

    holding, done = threading.Event(), threading.Event()

    def hold():
        with zmq.Context._instance_lock, here._core.lock:
            holding.set()
            done.wait()

    threading.Thread(target=hold).start()
    holding.wait()
    assert in_child(look)
    done.set()
    assert zmq.Context.instance() is here
    here.term()


def sockets_of_every_kind(context, folder):
    """Whatever holds a descriptor: listeners, connections at every stage, datagrams, a socket that lingers."""
    made = [*joined(context), *joined(context, address=f"ipc://{folder}/s")]
    for kind, address in [
        (zmq.RADIO, "udp://127.0.0.1:9"),
        (zmq.PUB, "epgm://127.0.0.1;239.192.1.1:5999"),
        (zmq.PULL, "tcp://192.0.2.1:9"),  # never answers
    ]:
        made.append(context.socket(kind))
        made[-1].connect(address)
    made.append(context.socket(zmq.DISH))
    made[-1].bind("udp://127.0.0.1:*")
    lingering, peer = joined(context, hwm=1)  # which reads no more than that of the 20 MB
    for _ in range(200):
        lingering.send(bytes(100_000))
    lingering.close()
    return [*made, peer]


def test_a_child_holds_no_descriptor_of_its_parents(context, tmp_path):
    """And the parent keeps all of them."""
    before = socket_descriptors()
    made = sockets_of_every_kind(context, tmp_path)
    device = ProcessDevice(zmq.QUEUE, zmq.PULL, zmq.PUSH)
    device.start()
    ours = socket_descriptors() - before
    assert len(ours) == 12
    event_fd = made[0].fileno()
    assert in_child(lambda: (socket_descriptors() & ours, refuses_fd(event_fd))) == (set(), True)
    assert ours <= socket_descriptors() and not refuses_fd(event_fd)
    device.launcher.kill()
    device.join()


def refuses_fd(number):
    """Whether it is no descriptor."""
    try:
        os.fstat(number)
    except OSError as error:
        return error.errno == errno.EBADF
    return False


def test_a_listener_is_not_served_twice(context, tmp_path):
    """With the parent's socket closed nobody listens, though the child lives; what it closes frees no path."""
    path = tmp_path / "s"
    tcp, ipc = context.socket(zmq.PULL), context.socket(zmq.PULL)
    port = tcp.bind_to_random_port("tcp://127.0.0.1")
    ipc.bind(f"ipc://{path}")
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        ipc.close()
        os.write(writing, b"%d" % path.exists())
        gevent.sleep(60)
        os._exit(0)
    assert tp_read(reading, 1) == b"1"
    tcp.close()
    with net.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(reading), os.close(writing)


def test_inproc_names_are_free_in_the_child(context):
    """A new context has a directory of its own, and its sockets work."""
    bound, _ = joined(context, address="inproc://name")
    bound.get_monitor_socket(addr="inproc://monitor")

    def look():
        with zmq.Context() as own:
            for name in ("inproc://name", "inproc://monitor"):
                one, other = joined(own, zmq.PAIR, zmq.PAIR, name)
                one.send(b"x")
                assert other.recv() == b"x"
        return True

    assert in_child(look)


@pytest.mark.parametrize("fork", FORKS)
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:*", "tcp://localhost:*"])
def test_a_child_talks_to_its_parent(context, fork, address):
    """By sockets of its own; also when a name has to be looked up, in the hub's thread pool."""
    pull = context.socket(zmq.PULL)
    gevent.get_hub().threadpool.apply(int)  # has threads, which the child has not
    port = pull.bind_to_random_port("tcp://127.0.0.1")

    def talk():
        with gevent.Timeout(20), zmq.Context() as own, own.socket(zmq.PUSH) as push:
            push.connect(address.replace("*", str(port)))
            push.send(b"from the child")

    receiving = gevent.spawn(pull.recv)
    gevent.sleep(0)
    in_child(talk, fork)
    assert receiving.get(timeout=20) == b"from the child"


def test_a_child_of_a_thread_is_as_good(context):
    """Whatever the other threads, which it does not have, were about."""
    push, pull = joined(context)

    def fork_there():
        own = context.socket(zmq.PULL)
        own.bind("inproc://in-the-thread")
        return in_child(lambda: [socket.closed for socket in (push, pull, own)] + [len(socket_descriptors() & ours)])

    ours = {os.readlink(f"/proc/self/fd/{peer.engine.fd}") for peer in sessions(push, pull)}
    found = []
    thread = threading.Thread(target=lambda: found.extend(fork_there()))
    thread.start()
    gevent.get_hub().threadpool.apply(thread.join, (30,))
    assert found == [True, True, True, 0] and len(ours) == 2
    push.send(b"x")
    assert pull.recv() == b"x"


def sessions(*sockets):
    """The far ends of their pipes."""
    return [pipe.peer.sink for socket in sockets for pipe in socket._core.pipes]


# -- no copy of a greenlet goes on ------------------------------------------------------------------------------------


def wait_everywhere(context, told):
    """Greenlets that wait in every call that blocks; what comes after that is told."""
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    one, other = joined(context, zmq.PAIR, zmq.PAIR)
    pull.rcvtimeo = push.sndtimeo = 50
    reading, writing = os.pipe()
    poller = zmq.Poller()
    poller.register(reading, zmq.POLLIN)
    steered = context.socket(zmq.DEALER), context.socket(zmq.ROUTER)
    ending = zmq.Context()
    unclosed = ending.socket(zmq.PULL)
    calls = [pull.recv, push.wait_writable, lambda: push.send(b"x"), lambda: pull.poll(50), poller.poll]
    calls += [lambda: next(other.events()), lambda: zmq.proxy(*steered), ending.term, lambda: flood(one)]

    def call_and_tell(call):
        try:
            call()
        except BaseException as error:
            told.append((os.getpid(), error))
        told.append((os.getpid(), call))

    waiting = [gevent.spawn(call_and_tell, call) for call in calls]
    return waiting, (push, pull, one, other, steered, unclosed, ending, reading, writing)


def flood(socket):
    """Send for ever, and give way."""
    while True:
        socket.send(b"x")


@pytest.mark.parametrize("fork", FORKS)
@pytest.mark.parametrize("woken", [False, True])
def test_no_greenlet_of_the_parents_goes_on_in_the_child(context, fork, woken):
    """Whatever it waited for, its time-out included, and whether it was about to go on; and the loop rests."""
    told = []
    waiting, kept = wait_everywhere(context, told)
    gevent.sleep(0.01)
    if woken:  # and the fork comes before anybody goes on
        for socket in kept[2:4]:
            socket.close()
    os.write(kept[-1], b"x")
    mine = os.getpid()

    def look():
        gevent.sleep(0.2)
        turn = gevent.get_hub().loop.iteration
        gevent.sleep(0.1)
        gc.collect()
        return [what for pid, what in told if pid != mine], gevent.get_hub().loop.iteration - turn < 20

    found, rests = in_child(look, fork)
    assert [str(what) for what in found] == []
    assert rests
    gevent.killall(waiting)
    kept[5].close()
    os.close(kept[-1]), os.close(kept[-2])


def test_a_device_that_has_not_begun_is_not_begun_in_the_child(context):
    """It would bind what the parent's has bound."""
    device = GreenletDevice(zmq.QUEUE, zmq.PULL, zmq.PUSH)
    device.context_factory = lambda: context
    device.start()

    def look():
        device.join(10)
        return device.done, len(context._core.cores)

    assert in_child(look) == (False, 0)
    device.launcher.kill()


# -- the end of a child -----------------------------------------------------------------------------------------------


def test_a_child_waits_for_nothing_of_its_parents(start):
    """Neither messages that linger without a bound, nor devices that are no daemons; it prints nothing."""
    program = start(PROGRAMS / "inherited.py")
    program.expect("the child has ended with 0")
    program.kill()
    assert "Traceback" not in program.output and "Exception" not in program.output


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(start, method):
    """Its children have contexts of their own, and what they sent leaves before they end, by os._exit."""
    program = start(PROGRAMS / "processes.py", method)
    assert sorted(program.ends().split()) == ["child-0", "child-1", "child-2", "parent"]


def test_prefork_server(start):
    """A listening socket before the fork, in each child a server by gevent with sockets of its own."""
    assert start(PROGRAMS / "prefork.py").ends().splitlines()[-1] == "every worker has answered: True"


def test_streams_are_the_same_after_many_forks(start):
    """To and from real libzmq, and by gzmq's own sockets: every byte, in order."""
    assert start(PROGRAMS / "streams.py", 50).ends().splitlines()[-1] == "50 forks, the same: True"
