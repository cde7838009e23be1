"""Well-known programs on gzmq, beside themselves on pyzmq, from an environment that has both."""

import sys
from pathlib import Path

import pytest

from ..scripts import scripts

HERE = Path(__file__).parent
#: Made by the Makefile for the Python that runs these tests; the last file says why, where it cannot be.
ENVIRONMENT = Path(f"{sys.prefix}-programs")
PYTHON = ENVIRONMENT / "bin" / "python"
MISSING = ENVIRONMENT / ".missing"
#: What only zmq.green complains about.
QUIET = ("-W", "ignore:TIMEO socket options have no effect")


@pytest.fixture
def start():
    """Starts a program on "gzmq" or on "zmq", and leaves none behind.

    It is a script of this directory or "-m module". gevent: its threads are greenlets on gzmq. before: who runs it.
    """
    if not (ENVIRONMENT / ".programs").exists():
        why = MISSING.read_text().strip().rpartition("\n")[2] if MISSING.exists() else "`make programs` does it"
        pytest.skip(f"the programs are not installed: {why}")
    with scripts() as start_script:

        def start(library, *words, gevent=False, before=(), **kwargs):
            on = {"gzmq": ["-m", "gzmq.monkey", *(["--gevent"] if gevent else [])], "zmq": [*QUIET]}[library]
            name, *rest = words
            program, *first = *before, PYTHON
            script = [name] if name == "-m" else [HERE / name]
            return start_script(*first, "-u", *on, *script, *rest, python=program, **kwargs)

        yield start


@pytest.fixture(params=["gzmq-zmq", "zmq-gzmq", "gzmq-gzmq", "zmq-zmq"])
def sides(request):
    """On which library each of two programs runs; the last is what the others are measured by."""
    return request.param.split("-")
