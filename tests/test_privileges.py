"""Claims of programs that can load nothing any more: they have dropped their privileges, or changed their root."""

import subprocess
import sys

import pytest

#: From `refuse()` on every import of what is not loaded yet fails, and is printed.
BEGIN = """
import sys, gevent, gzmq as zmq
from gzmq.auth import Authenticator
class Refusal:
    def find_spec(self, name, path=None, target=None):
        print("import", name)
        raise ImportError(name)
def refuse():
    sys.meta_path.insert(0, Refusal())
def ask(req, rep):
    with gevent.Timeout(20):
        req.send(b"question")
        rep.send(rep.recv())
        assert req.recv() == b"question"
    print("answered")
context = zmq.Context()
rep, req = context.socket(zmq.REP), context.socket(zmq.REQ)
"""
NAME = """
rep.bind("tcp://127.0.0.1:*")
req.connect(rep.last_endpoint.replace(b"127.0.0.1", b"localhost"))
"""
PLAIN = """
auth = Authenticator(context)
auth.configure_plain(passwords={"anna": ""}), auth.start()
rep.plain_server, req.plain_username = 1, b"anna"
rep.bind("ipc://*"), req.connect(rep.last_endpoint)
"""
CURVE = """
public, rep.curve_secretkey = zmq.curve_keypair()
rep.curve_server, req.curve_serverkey = 1, public
req.curve_publickey, req.curve_secretkey = zmq.curve_keypair()
rep.bind("tcp://127.0.0.1:*"), req.connect(rep.last_endpoint)
"""
PATTERNS = """
kinds = [kind for kind in zmq.SocketType if kind >= 0]
for kind in kinds:
    context.socket(kind)
assert req.get_monitor_socket()
"""
CALLS = """
rep.bind("inproc://name"), req.connect("inproc://name")
req.send_json([1]), rep.send_pyobj(rep.recv_json())
assert req.recv_pyobj() == [1]
context.socket(zmq.PULL).bind_to_random_port("tcp://127.0.0.1", 20000, 30000)
with gevent.Timeout(0.01, False):
    zmq.proxy(rep, req)
zmq.SyncContext, zmq.Stopwatch, zmq.sugar.socket, zmq.utils.interop
"""
TRANSPORTS = """
pub = context.socket(zmq.PUB)
pub.connect("epgm://lo;239.255.1.1:5555"), context.socket(zmq.DISH).bind("udp://127.0.0.1:*")
pub.bind("inproc://name")
via = context.socket(zmq.PUB)
via.socks_proxy = b"localhost:1"
via.connect("tcp://127.0.0.1:1")
via.tcp_accept_filter = b"127.0.0.1"
try: via.no_such_option = 1
except AttributeError: print("refused")
"""


def printed(program):
    """What a program says; it may fail in no greenlet."""
    done = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize("endpoints", [NAME, PLAIN, CURVE], ids=["name", "plain", "curve"])
def test_an_endpoint_needs_nothing_any_more(endpoints):
    """Once `bind` and `connect` have returned, nor does the end."""
    assert printed(f"{endpoints}\nrefuse()\nask(req, rep)\ncontext.destroy()") == ["answered"]


@pytest.mark.parametrize(
    "later",
    [NAME, PLAIN, CURVE, PATTERNS, CALLS, TRANSPORTS],
    ids=["name", "plain", "curve", "patterns", "calls", "transports"],
)
def test_what_comes_later_can_be_preloaded(later):
    """Socket types, transports, mechanisms, names and calls that are used for the first time."""
    asks = "" if later in (PATTERNS, CALLS, TRANSPORTS) else "ask(req, rep)"
    said = printed(f"import gzmq.preload\nrefuse()\n{later}\n{asks}\ncontext.destroy(0)")
    assert said == (["answered"] if asks else ["refused"] * (later == TRANSPORTS))
