"""Claims of programs that gevent has patched, and of those in which `import zmq` gives gzmq.

Each runs in a process of its own, as patching is for good.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gzmq import version

ROOT = Path(__file__).parents[1]


def run(*arguments, cwd):
    """What `python *arguments` returned, printed and complained."""
    command = [sys.executable, *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=cwd, env=env)
    return ran.returncode, ran.stdout, ran.stderr


def python(*arguments, cwd=ROOT):
    """What it printed and complained, having ended well."""
    code, output, complaints = run(*arguments, cwd=cwd)
    assert code == 0, output + complaints
    return output, complaints


PROGRAM = """
from gevent import monkey; monkey.patch_all()
import threading, time
import gzmq as zmq

context = zmq.Context()
server, turns = context.socket(zmq.REP), []
server.bind("tcp://127.0.0.1:*")

def serve():
    for request in server:
        server.send(request.upper())

def ask(number):
    with context.socket(zmq.REQ) as client:
        client.connect(server.last_endpoint)
        client.send_string(f"q{number}")
        turns.append(client.recv_string())

threads = [threading.Thread(target=serve, daemon=True), *(threading.Thread(target=ask, args=(n,)) for n in range(20))]
for thread in threads:
    thread.start()
for thread in threads[1:]:
    thread.join(10)
time.sleep(0.01)
print(sorted(turns) == sorted(f"Q{n}" for n in range(20)))
context.destroy()
"""


@pytest.mark.parametrize("mode", [[], ["-X", "dev"]], ids=["plain", "dev"])
def test_patched_threads_share_sockets(mode):
    """Threads are greenlets then; nothing is printed, not even by Python's development mode."""
    assert python(*mode, "-c", PROGRAM) == ("True\n", "")


# -- import zmq -------------------------------------------------------------------------------------------------------

PATCH = "from gzmq.monkey import patch_zmq, is_patched; patch_zmq()\n"
WITHOUT_PYZMQ = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "zmq":
            raise ModuleNotFoundError("as if it were not installed", name=name)
sys.meta_path.insert(0, Hidden())
"""
SAME = r"""
import gzmq, gzmq.error, importlib, pickle, sys
import zmq
import zmq.error as errors
from zmq import constants
from zmq import Socket, ZMQError
assert zmq is gzmq and Socket is gzmq.Socket and errors is gzmq.error and constants is gzmq.constants
assert importlib.import_module("zmq.zmtp.command") is sys.modules["gzmq.zmtp.command"]
assert gzmq.error.__spec__.name == "gzmq.error"
assert type(pickle.loads(pickle.dumps(ZMQError(11)))) is gzmq.ZMQError
assert pickle.loads(b"czmq.error\nAgain\n.") is gzmq.Again
assert isinstance(zmq.Context.instance(), gzmq.Context)
print(is_patched())
"""
GEVENT = "from gevent import monkey; monkey.patch_all()\n"


@pytest.mark.parametrize("before", ["", WITHOUT_PYZMQ], ids=["pyzmq", "no pyzmq"])
@pytest.mark.parametrize("patches", [PATCH, PATCH * 2, PATCH + GEVENT, GEVENT + PATCH], ids=["p", "pp", "pg", "gp"])
def test_zmq_is_gzmq(before, patches):
    """The same modules and classes under both names, in any order of patching, with pyzmq installed or not."""
    assert python("-X", "dev", "-c", before + patches + SAME) == ("True\n", "")


def test_not_patched_by_import():
    """Importing gzmq.monkey changes nothing."""
    assert python("-c", "import gzmq.monkey, zmq; print(zmq.__name__, gzmq.monkey.is_patched())") == ("zmq False\n", "")


def test_the_version_is_that_of_the_api():
    """Programs compare zmq.__version__ with pyzmq's history; gzmq's own is where it was."""
    program = "import zmq, gzmq.version as v; print(zmq.__version__ == v.pyzmq_version(), v.__version__)"
    assert python("-c", PATCH + program)[0] == f"True {version.__version__}\n"


def test_star_brings_no_modules():
    """A program's own `socket` stays what it was."""
    program = "import socket; from zmq import *; print(socket.AF_INET6.name, PUSH.name, Context.__name__)"
    assert python("-c", PATCH + program) == ("AF_INET6 PUSH Context\n", "")


@pytest.mark.parametrize("wanted", ["import zmq.asyncio", "from zmq import asyncio"])
def test_what_is_missing_says_what_there_is_instead(wanted):
    """One sentence, as the ModuleNotFoundError that programs look out for."""
    program = f"try:\n    {wanted}\nexcept ModuleNotFoundError as error:\n    print(error)"
    output, _ = python("-c", PATCH + program)
    assert output.startswith("gzmq has no zmq.asyncio: ") and "use zmq.Context in greenlets" in output


@pytest.mark.parametrize("module", ["log", "curve_keygen"])
def test_modules_that_are_programs_run(module):
    """``python -m gzmq.monkey -m zmq.log``."""
    output, _ = python("-m", "gzmq.monkey", "-m", f"zmq.{module}", "--help")
    assert output.startswith(f"usage: python -m gzmq.{module}")


@pytest.mark.parametrize("module", ["zmq.eventloop.zmqstream", "zmq.ssh.tunnel", "zmq.backend.cython", "zmq.nothing"])
def test_other_modules_are_refused(module):
    """By the name of what is not there, and never with pyzmq's own."""
    program = f"try:\n    import {module}\nexcept ModuleNotFoundError as error:\n    print(error.name, '|', error)"
    name, _, sentence = python("-c", PATCH + program)[0].partition(" | ")
    assert module.startswith(name) and sentence.startswith(f"gzmq has no {name}: ")


def test_who_imported_the_real_zmq_before_is_named(tmp_path):
    """They keep it; whoever imports from now on gets gzmq."""
    pytest.importorskip("zmq")
    (tmp_path / "early.py").write_text("from zmq import Socket")
    (tmp_path / "late.py").write_text("import zmq.error\nprint(zmq.__name__, zmq.error.__name__)")
    output, warning = python("-c", "import early, zmq.utils.jsonapi\n" + PATCH + "import late", cwd=tmp_path)
    assert output == "gzmq gzmq.error\n"
    assert "RuntimeWarning: imported the real zmq before" in warning and ": __main__, early; patch first" in warning


@pytest.mark.parametrize("make", ["zmq.Context()", "zmq.green.Context.instance().socket(zmq.PUB)"])
def test_real_sockets_cannot_become_ours(make):
    """RuntimeError says what to do, and nothing has changed."""
    pytest.importorskip("zmq")
    program = f"import zmq.green; made = {make}; made.linger = 0\nimport gzmq.monkey as m\n"
    end = "try:\n    m.patch_zmq()\nexcept RuntimeError as e:\n    print(e, m.is_patched())"
    output, _ = python("-c", program + end)
    assert "Context" in output and output.endswith("run the program by python -m gzmq.monkey False\n")


def test_closed_ones_do_not_matter():
    """A terminated context is nothing to keep."""
    pytest.importorskip("zmq")
    program = "import zmq; c = zmq.Context(); c.socket(zmq.PUB).close(); c.term(); del zmq\n"
    assert python("-c", program + PATCH + "import zmq; print(zmq.__name__)") == ("gzmq\n", "")


# -- python -m gzmq.monkey --------------------------------------------------------------------------------------------

ABOUT = """
import pickle, sys, threading, time
class Mine: pass
print(__name__, __file__, __package__, __spec__ and __spec__.name, type(__loader__), __cached__, sys.argv, sys.path)
print([name for name in globals() if not name.startswith("__")], type(__builtins__), sys.modules["__main__"].Mine)
def outlive():
    time.sleep(0.05)
    print(type(pickle.loads(pickle.dumps(Mine()))), sys.argv)
threading.Thread(target=outlive).start()
"""
ENDS = {
    "falls off": "print('end')",
    "exits": "import sys; sys.exit(3)",
    "says goodbye": "import sys; sys.exit('goodbye')",
    "raises": "def f():\n    1 / 0\nf()",
    "raises from": "try:\n    1 / 0\nexcept Exception as error:\n    raise ValueError(2) from error",
    "is interrupted": "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(9)",
    "does not compile": "x = = 1",
    "has its own hook": "import sys; sys.excepthook = lambda *a: print(a[2].tb_frame.f_code.co_name)\n1 / 0",
    "leaves at exit": "import atexit; atexit.register(print, 'left')",
}


def monkey(*arguments, cwd):
    return run("-m", "gzmq.monkey", *arguments, cwd=cwd)


@pytest.mark.parametrize("way", ["script.py", "there/script.py", "-m package", "-m package.part", "package", "app.zip"])
def test_a_program_is_itself(way, tmp_path):
    """What it sees of itself is what it sees when python runs it: names, path, arguments, even after its last line."""
    for name in ("script.py", "there/script.py", "package/__init__.py", "package/__main__.py", "package/part.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("" if "__init__" in name else ABOUT)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", ABOUT)
    command = [*way.split(), "-m", "an argument"]
    assert monkey(*command, cwd=tmp_path) == run(*command, cwd=tmp_path)
    assert not (tmp_path / "__pycache__").exists()


@pytest.mark.parametrize("program", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("gevent", [(), ("--gevent",)], ids=["", "gevent"])
def test_it_ends_as_without_us(program, gevent, tmp_path):
    """Exit code, output and traceback."""
    (tmp_path / "script.py").write_text(program)
    assert monkey(*gevent, "script.py", cwd=tmp_path) == run("script.py", cwd=tmp_path)


def test_its_zmq_is_gzmq(tmp_path):
    """Also where threads are greenlets before anything else happens."""
    (tmp_path / "script.py").write_text("import zmq, time\nprint(zmq.__name__, time.sleep.__module__)")
    assert monkey("script.py", cwd=tmp_path) == (0, "gzmq time\n", "")
    assert monkey("--gevent", "-m", "script", cwd=tmp_path) == (0, "gzmq gevent.hub\n", "")


def test_gzmq_monkey_is_there_once(tmp_path):
    """A program that patches as well finds it done."""
    (tmp_path / "script.py").write_text(
        "from gzmq.monkey import is_patched, patch_zmq; patch_zmq(); print(is_patched())"
    )
    assert monkey("script.py", cwd=tmp_path) == (0, "True\n", "")


@pytest.mark.parametrize(
    "command, code, sentence",
    [
        (["nobody.py"], 2, "can't open file "),
        (["-m", "no.body"], 1, "No module named no.body"),
        (["-m", "json"], 1, "No module named json.__main__"),
        (["--quick"], 2, "unknown option --quick"),
        ([], 2, "which program?"),
    ],
)
def test_mistakes_are_told(command, code, sentence, tmp_path):
    """With python's own exit codes, and without a traceback."""
    returned, output, complaints = monkey(*command, cwd=tmp_path)
    assert (returned, output) == (code, "") and sentence in complaints and "Traceback" not in complaints


def test_help(tmp_path):
    """--help is an answer, not a mistake."""
    code, output, complaints = monkey("--help", cwd=tmp_path)
    assert (code, complaints) == (0, "") and output.startswith("usage: python -m gzmq.monkey ")
