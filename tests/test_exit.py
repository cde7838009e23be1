"""Claims of signals and of the end of programs: each a script in a process of its own, whose errors are read."""

import os
import subprocess
import sys
from pathlib import Path

import gevent
import pytest

import gzmq as zmq

ROOT = Path(__file__).resolve().parent.parent

#: Sockets of one context, and every call of theirs that blocks.
CALLS = """
import gevent, os, signal, sys, threading, gzmq
signal.signal(signal.SIGINT, signal.default_int_handler)
gevent.get_hub().print_exception = lambda *_: None  # gevent prints a KeyboardInterrupt, and raises it
context, other = gzmq.Context(), gzmq.Context()
pair, peer, full, open_socket = context.socket(gzmq.PAIR), context.socket(gzmq.PAIR), context.socket(gzmq.PUSH), other.socket(gzmq.PULL)
pair.bind("tcp://127.0.0.1:*")
monitor, poller = pair.get_monitor_socket(), gzmq.Poller()
poller.register(pair, gzmq.POLLIN)
ways = context.socket(gzmq.ROUTER), context.socket(gzmq.DEALER)
call = {
    "recv": pair.recv, "recv_multipart": pair.recv_multipart, "send": lambda: full.send(b"x"), "poll": pair.poll,
    "poller": poller.poll, "events": lambda: next(pair.events()), "monitor": monitor.recv, "term": other.term,
    "proxy": lambda: gzmq.proxy(*ways), "select": lambda: gzmq.select([pair], [], []),
}[sys.argv[1]]
"""  # noqa: E501
NAMES = ["recv", "recv_multipart", "send", "poll", "poller", "events", "monitor", "term", "proxy", "select"]


def run(program, *words, status=0):
    """Run a program to its end, which comes soon and without a word among the errors; what it printed."""
    done = gevent.get_hub().threadpool.apply(
        subprocess.run,
        ([sys.executable, "-c", program, *map(str, words)],),
        {"capture_output": True, "text": True, "timeout": 50, "env": {**os.environ, "PYTHONPATH": str(ROOT)}},
    )
    assert (done.stderr, done.returncode) == ("", status)
    return done.stdout


@pytest.mark.parametrize("call", NAMES)
def test_ctrl_c_is_raised_once_and_the_socket_goes_on(call):
    """KeyboardInterrupt out of every call that blocks."""
    interrupted = """
gevent.spawn_later(0.1, os.kill, os.getpid(), signal.SIGINT)
count = 0
try:
    call()
except KeyboardInterrupt:
    count += 1
gevent.sleep(0.01)
peer.connect(pair.last_endpoint.decode())
for _ in range(3):
    peer.send(b"x")
    assert pair.recv() == b"x"
print(count)
open_socket.close()
"""
    assert run(CALLS + interrupted, call) == "1\n"


@pytest.mark.parametrize("call", ["recv", "poller", "term"])
def test_handlers_of_sigterm_run_while_a_socket_waits(call):
    """Python's own and gevent's; the call goes on waiting until it is told."""
    handled = """
def end(*_):
    print("handled", flush=True)
    count.append(1)
    if len(count) == 2:
        os._exit(3)
count = []
signal.signal(signal.SIGTERM, end)
gevent.signal_handler(signal.SIGUSR1, end)
gevent.spawn_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
gevent.spawn_later(0.2, os.kill, os.getpid(), signal.SIGUSR1)
call()
"""
    assert run(CALLS + handled, call, status=3) == "handled\nhandled\n"


#: Sends a number of messages, with every kind of socket open, and ends.
SENDS = """
import gc, gevent, os, sys, gzmq
context = gzmq.Context()
push, pull, sub = context.socket(gzmq.PUSH), context.socket(gzmq.PULL), context.socket(gzmq.SUB)
push.connect(sys.argv[1])
pull.bind("ipc://" + sys.argv[2])
sub.connect("tcp://127.0.0.1:1")
waiting = gevent.spawn(list, pull)
monitor = pull.get_monitor_socket()
gevent.sleep(0)
for number in range(100):
    push.send(b"%d" % number)
"""
ENDS = {
    "falls off its end": "",
    "sys.exit": "sys.exit(0)",
    "sys.exit in a greenlet": "gevent.spawn(sys.exit, 0).join()",
    "everything in cycles": """
circle = [push, pull, sub, context, monitor, waiting]
circle.append(circle)
del push, pull, sub, context, monitor, waiting, circle
gc.collect()
""",
    "sockets closed": "push.close(); pull.close(); sub.close(); monitor.close()",
    "terminated": "push.close(); pull.close(); sub.close(); monitor.close(); context.term()",
    "destroyed": "context.destroy()",
    "another thread ends later": """
import threading, time
threading.Thread(target=time.sleep, args=(0.3,)).start()
""",
    "a thread with sockets of its own": """
import threading
def work():
    own = context.socket(gzmq.PULL)
    own.bind("inproc://x")
    own.poll(50)
thread = threading.Thread(target=work)
thread.start()
gevent.get_hub().threadpool.apply(thread.join)
""",
    "a thread that is a greenlet": """
from gevent import monkey
monkey.patch_all()
import itertools, threading
threading.Thread(target=lambda: [pull.poll(1) for _ in itertools.count()], daemon=True).start()
gevent.sleep(0.01)
""",
    "os._exit after term": "push.close(); pull.close(); sub.close(); monitor.close(); context.term(); os._exit(0)",
    "a child by os._exit": """
if os.fork() == 0:
    os._exit(0)
os.wait()
""",
    "an atexit handler that still uses gzmq": """
import atexit
atexit.register(lambda: gzmq.Context().destroy())
""",
}


@pytest.fixture
def pull():
    with gevent.Timeout(60), zmq.Context() as context, context.socket(zmq.PULL) as made:
        made.rcvtimeo = 20000
        made.bind("tcp://127.0.0.1:*")
        yield made


@pytest.mark.parametrize("end", ENDS)
def test_a_program_ends_and_its_messages_leave(pull, tmp_path, end):
    """However it ends: no hang, no traceback, nothing lost."""
    running = gevent.spawn(run, SENDS + ENDS[end], pull.last_endpoint.decode(), tmp_path / "s")
    assert [int(pull.recv()) for _ in range(100)] == list(range(100))
    running.get(timeout=50)
    assert not (tmp_path / "s").exists() or "_exit" in end


def test_an_exception_nobody_catches_ends_the_program_as_any(pull, tmp_path):
    """Its traceback alone, and what was sent before leaves."""
    program = [sys.executable, "-c", SENDS + "1 / 0", pull.last_endpoint.decode(), str(tmp_path / "s")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert [int(pull.recv()) for _ in range(100)] == list(range(100))
        errors = gevent.get_hub().threadpool.apply(process.communicate, kwds={"timeout": 30})[1].splitlines()
    assert process.returncode == 1
    assert (errors[0], errors[-1]) == ("Traceback (most recent call last):", "ZeroDivisionError: division by zero")
    assert sum("Traceback" in line for line in errors) == 1


@pytest.mark.parametrize("linger", [0, 100])
def test_linger_bounds_the_end_of_a_program(tmp_path, linger):
    """Messages for a peer that never comes are given up in time."""
    program = """
import sys, gzmq
push = gzmq.Context.instance().socket(gzmq.PUSH)
push.linger = int(sys.argv[1])
push.connect("ipc://" + sys.argv[2])
push.send(b"x")
"""
    run(program, linger, tmp_path / "nobody")
