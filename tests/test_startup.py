"""What a program loads that imports gzmq, and what it does without until it needs it."""

import subprocess
import sys

import pytest

MESSAGE = """
with gzmq.Context() as context, context.socket(gzmq.PULL) as pull, context.socket(gzmq.PUSH) as push:
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    push.send(b"first")
    assert pull.recv() == b"first"
"""
#: Each takes a millisecond or more. gevent's hub loads some of them too, for messages.
OF_THE_LIBRARY = {
    "dataclasses", "difflib", "inspect", "ipaddress", "json", "logging", "pickle", "random", "socket", "threading",
    "_pickle", "select", "gevent.monkey", "gzmq.eventfd", "gzmq.forwarding", "gzmq.keys", "gzmq.monitor", "gzmq.peers",
    "gzmq.sugar", "gzmq.utils.jsonapi", "gzmq.version",
}  # fmt: skip
#: gevent's resolver has a thread pool, which numeric addresses do without, and its hub prints errors by pprint.
OF_LOOKING_UP = {
    "dataclasses", "inspect", "pprint",
    "difflib", "ipaddress", "json", "logging", "pickle", "random", "socket", "threading",
    "_pickle", "select", "gevent.monkey", "gevent.threadpool", "encodings.idna", "gzmq.transport.inproc",
    "gzmq.transport.zap", "gzmq.zmtp.repeats", "gzmq.zmtp.shapes", "gzmq.zmtp.zap",
}  # fmt: skip


def loaded(program):
    """The modules that a program has loaded at its end."""
    print_them = "import sys; print(*sys.modules)"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{program}\n{print_them}"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("program, absent", [("", OF_THE_LIBRARY), (MESSAGE, OF_LOOKING_UP)], ids=["import", "message"])
def test_what_is_not_needed_is_not_loaded(program, absent):
    """On the way to the first message over tcp."""
    assert loaded(f"import gzmq\n{program}") & absent == set()


def test_errors_are_printed_as_gevent_prints_them():
    """Though what does that is loaded when there is one."""
    program = """
import gevent, gzmq
gevent.get_hub().exception_stream = sys.stdout
gevent.spawn(gevent.get_hub().handle_error, {"b": 1, "a": 2}, ValueError, ValueError("wrong"), None).join()
"""
    assert {"{'a':", "2,", "'b':", "1}", "failed", "ValueError", "pprint"} <= loaded(f"import gzmq\n{program}")


@pytest.mark.parametrize(
    "how", ["gevent.config.format_context = [len]", "os.environ['GEVENT_FORMAT_CONTEXT'] = 'builtins.len'"]
)
def test_who_has_chosen_what_prints_errors_keeps_that(how):
    """By a setting of gevent's, or in the environment."""
    loaded(f"import os, gevent\n{how}\nimport gzmq\nassert gevent.get_hub().format_context is len")


@pytest.mark.parametrize("order", ["import gzmq.home\nPATCH", "PATCH\nimport gzmq.home"], ids=["after", "before"])
def test_threads_are_real_whenever_gevent_patches(order):
    """Before gzmq is imported or after, its locks and thread numbers are Python's own."""
    program = order.replace("PATCH", "from gevent import monkey; monkey.patch_all()")
    check = """
own = monkey.get_original
assert gzmq.home.get_ident is own("_thread", "get_ident") and gzmq.home.Lock is own("_thread", "RLock")
assert isinstance(gzmq.home._lives, own("_thread", "_local"))
assert gzmq.originals.original("select", "poll") is own("select", "poll")
import _thread, select
assert _thread.get_ident is not gzmq.home.get_ident
"""
    assert "gzmq.home" in loaded(f"{program}\n{check}")
