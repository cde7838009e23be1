"""Claims of programs whose hub does not run: what leaves all the same, what sits still, and who says so.

Each is a program in a process of its own, whose errors are read; what it sends is received here.
"""

import os
import re
import signal
import subprocess
import sys

import gevent
import pytest

from .interop.claims import address
from .interop.conftest import context, make
from .test_exit import ROOT

__all__ = ["context", "make"]

START = """
import gevent, os, sys, threading, time, gzmq
def compute(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
def send_slowly(flags=0):
    for number in range(10):
        push.send(b"%d" % number, flags)
        pause(0.05)
context = gzmq.Context()
push = context.socket(gzmq.PUSH)
push.connect(sys.argv[1])
pause = compute if sys.argv[2:] == ["computes"] else time.sleep
"""
WARNING = "RuntimeWarning: "
SOONER = "import gzmq.standstill\ngzmq.standstill.LONG = 0.5\n"
SOON = SOONER.replace("0.5", "1")


class Program:
    """Runs until it ends, or ``until_told`` in a read that lets nothing run; ``ends`` gives its errors."""

    def __init__(self, text, pull, *words, until_told=False):
        text = START + text + ("\nos.read(0, 1)\nos._exit(0)" if until_told else "")
        self.process = subprocess.Popen(
            [sys.executable, "-c", text, address(pull), *words],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def ends(self):
        pool = gevent.get_hub().threadpool
        _, errors = pool.apply(self.process.communicate, kwds={"timeout": 30})
        assert self.process.returncode == 0, errors
        return errors


@pytest.fixture
def pull(make):
    """What the programs send to."""
    return make("PULL", bind="tcp://127.0.0.1:*", rcvtimeo=20000)


@pytest.fixture(params=["sleeps", "computes"])
def pausing(request):
    """How a program keeps its hub from running."""
    return request.param


# -- what leaves -------------------------------------------------------------------------------------------------------


def test_a_program_that_sends_now_and_then_is_heard(pull, pausing):
    """Its hub has never run by itself: each send lets it, when it has not for long, and then does not wait for it."""
    program = Program("send_slowly()", pull, pausing, until_told=True)
    assert [pull.recv() for _ in range(10)] == [b"%d" % number for number in range(10)]
    program.ends()


@pytest.mark.parametrize("flags", ["0", "gzmq.NOBLOCK"])
def test_a_library_that_never_yields_is_heard_at_once(pull, pausing, flags):
    """Over a connection that is there, with NOBLOCK too: that never lets the hub run."""
    connected = "push.send(b'here')\ngevent.sleep(0.3)\n"
    program = Program(f"{connected}send_slowly({flags})", pull, pausing, until_told=True)
    assert [pull.recv() for _ in range(11)] == [b"here"] + [b"%d" % number for number in range(10)]
    program.ends()


def test_a_busy_time_after_a_thousand_messages_is_noticed_too(pull):
    """Nobody looks at each send of a program that runs well; the first flush that comes late changes that."""
    ran_well = "for _ in range(3000):\n    push.send(b'')\ngevent.sleep(0.1)\nsend_slowly()\ngevent.sleep(0)\n"
    program = Program(ran_well + "send_slowly()", pull, until_told=True)
    for _ in range(3000):
        assert pull.recv() == b""
    assert [pull.recv() for _ in range(20)] == 2 * [b"%d" % number for number in range(10)]
    program.ends()


def test_a_socket_in_a_program_that_runs_well_is_soon_not_looked_at(make, pull):
    """After a thousand sends they cost what they would without all this; or after more, if that is a busy time."""
    push = make("PUSH", connect=address(pull), sndhwm=0)
    sent = 0
    while push._core.send is not push._core._unwatched and sent < 100_000:
        push.send(b"")
        sent += 1
    assert 1000 <= sent < 100_000


def test_what_is_sent_alone_over_a_connection_leaves_at_once(pull, pausing):
    """The hub need not run at all: requests and replies are written where they are sent."""
    alone = "push.send(b'here')\ngevent.sleep(0.3)\npush.send(b'alone')\npause(5)"
    program = Program(alone, pull, pausing)
    pull.rcvtimeo = 4000
    try:
        assert [pull.recv(), pull.recv()] == [b"here", b"alone"]
    finally:
        program.process.kill()
        program.process.communicate()


# -- what sits still ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["push.send(b'x')\npause(0.6)", "push.send(b'x')\npause(0.6)\npush.close()\ncontext.term()",
     "push.send(b'x')\ngevent.sleep(0.2)\npush.send(b'')\npush.send(b'y')\npause(0.6)\ngevent.sleep(0)\npush.send(b'z')"],
    ids=["to its end", "to a close", "connected"],
)  # fmt: skip
def test_what_sat_still_is_told_once(pull, pausing, text):
    """With the endpoint, for how long, and the remedy; and it leaves at the end."""
    program = Program(SOONER + text, pull, pausing)
    assert pull.recv() == b"x"
    errors = program.ends()
    assert errors.count(WARNING) == 1
    assert re.search(rf"a message to {address(pull)} has waited [0-9.]+ s.*gevent\.sleep.*patch_all", errors)


def test_the_next_send_tells_where_it_is(pull):
    """The line of the program that the warning is about."""
    program = Program(SOONER + "push.send(b'x')\ntime.sleep(0.6)\npush.send(b'y')", pull)
    assert [pull.recv(), pull.recv()] == [b"x", b"y"]
    line = (START + SOONER).count("\n") + 3
    assert program.ends().startswith(f"<string>:{line}: {WARNING}")


def test_a_job_of_a_threadpool_loses_nothing_in_silence(pull):
    """Its thread lives on, and its hub does not run."""
    job = """
def job(then):
    own = context.socket(gzmq.PUSH)
    own.connect(sys.argv[1])
    own.send(b"job")
    own.close()
    then()
pool = gevent.get_hub().threadpool
"""
    assert "a message to" in Program(job + "pool.apply(job, (int,))", pull).ends()
    assert not pull.poll(50)
    assert Program(job + "pool.apply(job, (lambda: gevent.get_hub().join(),))", pull).ends() == ""
    assert pull.recv() == b"job"


WELL = [
    "push.send(b'x')\ngevent.sleep(1.2)\npush.send(b'y')",
    "gevent.monkey.patch_all()\npush.send(b'x')\ntime.sleep(1.2)\npush.send(b'y')",
    "push.send(b'x')\ngevent.sleep(0.3)\ntime.sleep(1.2)\npush.send(b'y')",
    "push.send(b'x')\npush.poll(1200, gzmq.POLLIN)\npush.send(b'y')",
    # It goes round, and has much to do.
    "push.send(b'x')\ngevent.sleep(0.3)\n"
    "for _ in range(1500): gevent.get_hub().loop.run_callback(time.sleep, 0.001)\n"
    "push.send(b'y')",
]
INPROC = """
push.send(b"x")
gevent.sleep(0.3)
pull, own = context.socket(gzmq.PULL), context.socket(gzmq.PUSH)
pull.bind("inproc://x")
own.connect("inproc://x")
own.send(b"x")
time.sleep(1.2)
own.send(b"y")
push.send(pull.recv())
"""


def test_nothing_is_told_where_nothing_sits_still(pull):
    """The hub runs, or had nothing to do, or too much; or there is no wire."""
    programs = [Program(SOON + "import gevent.monkey\n" + text, pull) for text in [*WELL, INPROC]]
    assert sorted(pull.recv() for _ in range(12)) == [b"x"] * 7 + [b"y"] * 5
    assert [program.ends() for program in programs] == [""] * 6


def test_a_process_that_was_stopped_is_not_blamed(pull):
    """As by Ctrl-Z, a debugger or a laptop that sleeps: its hub was at work, with nothing left to send."""
    program = Program(SOON + "for _ in range(100):\n    push.send(b'x')\n    gevent.sleep(0.01)", pull)
    assert pull.recv() == b"x"
    program.process.send_signal(signal.SIGSTOP)
    gevent.sleep(1.2)
    program.process.send_signal(signal.SIGCONT)
    assert [pull.recv() for _ in range(99)] and program.ends() == ""
