"""Claims of pyzmq's other doors: what is behind them, and what those say that stay shut."""

import json
import subprocess
import sys
from pathlib import Path

import gevent
import pytest

import gzmq
from gzmq.transport import TRANSPORTS

ROOT = Path(__file__).parents[1]


def run(program, *options):
    """The output of a program of its own."""
    command = [sys.executable, *options, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert (ran.stderr, ran.returncode) == ("", 0)
    return ran.stdout


@pytest.mark.parametrize(
    "door",
    [
        "asyncio",
        "auth.ioloop",
        "backend",
        "backend.cython",
        "eventloop",
        "eventloop.ioloop",
        "green.eventloop",
        "ssh.tunnel",
    ],
)
def test_a_door_that_stays_shut_says_what_to_do(door):
    """ImportError of the kind that programs look out for, and a sentence that leads somewhere."""
    with pytest.raises(ModuleNotFoundError, match="gzmq has no zmq.*: .*"):
        __import__(f"gzmq.{door}")


@pytest.mark.parametrize("door", ["asyncio", "backend", "eventloop", "ssh"])
def test_it_says_so_to_from_import_too(door):
    """``from gzmq import ssh`` does not end in "cannot import name"."""
    with pytest.raises(ModuleNotFoundError, match="gzmq has no zmq.*: .*"):
        exec(f"from gzmq import {door}")


def test_star_gives_what_pyzmqs_star_gives():
    """No module is among it, in particular not gzmq.socket."""
    zmq = pytest.importorskip("zmq")
    absent = {"Enum", "IntEnum", "IntFlag", "_FINISHED_TRACKER", "get_includes"}  # see docs/names.md
    given = set(run("from gzmq import *; print(*dir())").split())
    assert set(zmq.__all__) - absent <= given
    assert given.isdisjoint({"socket", "error", "context", "sugar", "annotations"})


def test_importing_gzmq_imports_no_door():
    """They say at their import why they stay shut, so nothing of ours goes through one."""
    loaded = run("import gzmq, sys; print(*(name[5:] for name in sys.modules if name.startswith('gzmq.')))").split()
    doors = {"asyncio", "auth", "backend", "decorators", "devices", "eventloop", "green", "log", "monkey", "ssh"}
    assert doors.isdisjoint(name.split(".")[0] for name in loaded)


@pytest.mark.parametrize(
    "name", ["constants", "error", "sugar.socket", "sugar.version", "utils.jsonapi", "utils.interop"]
)
def test_what_pyzmq_imports_at_once_is_there_at_once(name):
    """As attributes, without another import, whether it is loaded by then or not."""
    assert run(f"import gzmq; print(gzmq.{name}.__name__)") == f"gzmq.{name}\n"


def test_green_is_the_same():
    """Context, sockets and poller are gzmq's own, as are the names."""
    import gzmq.green as green

    assert green.Context is gzmq.Context is green.core._Context
    assert green.Socket is gzmq.Socket is green.core._Socket
    assert green.Poller is gzmq.Poller is green.poll._Poller
    assert set(green.__all__) == set(gzmq.__all__)


def test_greens_device_takes_one_socket_for_both():
    """-1 for the second; what the only DEALER sends comes back to it."""
    import gzmq.green as green

    with gevent.Timeout(20), green.Context() as context:
        router, dealer = context.socket(green.ROUTER), context.socket(green.DEALER)
        router.bind("inproc://echo"), dealer.connect("inproc://echo")
        running = gevent.spawn(green.device, green.QUEUE, router, -1)
        dealer.send(b"x")
        assert dealer.recv() == b"x"
        running.kill()


def test_sugar_has_the_classes_themselves():
    """Where pyzmq defines them, as annotations name them."""
    from gzmq.sugar import context, frame, poll, socket, tracker, version

    assert (context.Context, socket.Socket, poll.Poller) == (gzmq.Context, gzmq.Socket, gzmq.Poller)
    assert (frame.Frame, tracker.MessageTracker) == (gzmq.Frame, gzmq.MessageTracker)
    assert version.pyzmq_version() == gzmq.pyzmq_version()


@pytest.mark.parametrize("name, argument", [("Context", "Socket"), ("Socket", "bytes"), ("SyncContext", "Socket")])
def test_an_annotation_may_say_of_what(name, argument):
    """It is a class all the same."""
    cls = getattr(gzmq, name)
    assert cls[argument].__origin__ is cls and len(cls[argument].__args__) == 1


def test_the_versions_are_those_of_the_libraries_it_follows():
    """Programs compare them before they use what is newer."""
    zmq = pytest.importorskip("zmq", minversion="27")
    assert gzmq.zmq_version_info() == zmq.zmq_version_info()
    assert gzmq.pyzmq_version_info()[:2] == zmq.pyzmq_version_info()[:2]
    assert gzmq.pyzmq_version() == ".".join(map(str, gzmq.pyzmq_version_info()))


@pytest.mark.parametrize("name", ["ipc", "norm", "pgm", "tipc", "vmci", "WS", "WSS"])
def test_has_tells_which_transports_are_there(name):
    """The names are zmq_has(3)'s."""
    assert gzmq.has(name) == (name.lower() in TRANSPORTS)


def test_has_knows_the_drafts():
    """As do DRAFT_API and its twin."""
    assert gzmq.has("draft") == gzmq.DRAFT_API == gzmq.PYZMQ_DRAFT_API


def test_has_knows_nothing_else():
    """False, as libzmq's."""
    assert not gzmq.has("gssapi") and not gzmq.has("nonsense") and not gzmq.has("tcp")


def test_a_path_may_be_as_long_as_ipc_path_max_len(tmp_path):
    """One byte more is refused."""
    path = f"{tmp_path}/".ljust(gzmq.IPC_PATH_MAX_LEN, "x")
    with gzmq.Context() as context, context.socket(gzmq.PULL) as socket:
        socket.bind(f"ipc://{path}")
        with pytest.raises(gzmq.ZMQError, match="ENAMETOOLONG|107"):
            socket.bind(f"ipc://{path}y")


def test_a_stopwatch_counts_microseconds():
    """And says that it is deprecated."""
    with pytest.warns(DeprecationWarning, match="monotonic"):
        watch = gzmq.Stopwatch()
    watch.start()
    gevent.sleep(0.01)
    assert 9_000 < watch.stop() < 10_000_000


def keys(*options):
    """What ``python -m gzmq.curve_keygen --json`` says."""
    command = [sys.executable, "-m", "gzmq.curve_keygen", "--json", *options]
    return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, cwd=ROOT).stdout)


def test_curve_keygen_makes_a_pair():
    """As libzmq understands it; the secret gives the same public key again."""
    pytest.importorskip("nacl")
    pair = keys()
    assert pytest.importorskip("zmq").curve_public(pair["secret"].encode()) == pair["public"].encode()
    assert keys("--secret", pair["secret"]) == pair


def test_curve_keygen_takes_any_secret():
    """Also one that looks like an option."""
    pytest.importorskip("nacl")
    secret = "-" + 39 * "0"
    assert keys("--secret", secret) == {"public": gzmq.curve_public(secret).decode(), "secret": secret}


def test_curve_keygen_says_what_is_wrong_with_a_secret():
    """As a command's error, without a traceback."""
    command = [sys.executable, "-m", "gzmq.curve_keygen", "--secret", "short"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert ran.returncode == 2 and "40 byte" in ran.stderr and "Traceback" not in ran.stderr


def test_the_parts_of_the_version():
    """Those of the pyzmq whose API this is."""
    from gzmq.sugar import version

    parts = (version.VERSION_MAJOR, version.VERSION_MINOR, version.VERSION_PATCH)
    assert parts == version.version_info == gzmq.pyzmq_version_info()
    assert version.VERSION_EXTRA == ""
