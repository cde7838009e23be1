"""Table of the libraries that are compared: how each is imported, and how it runs two things at once."""

import importlib
import importlib.util
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

HOME = Path(__file__).parent.parent
"""Where this package was imported from: the roles run there. Links are not followed, so that `make bench` can have the
benchmarks beside an installed gzmq rather than beside its source, which would be imported instead."""
_LOOK = """
import json, gzmq
print(json.dumps([gzmq.__version__, bool(getattr(gzmq, "compiled", False)), gzmq.__file__]))
"""


@dataclass(frozen=True)
class Sockets:
    """A context whose sockets deliver what they were given before they end: not every library's do by default."""

    context: Any
    linger: int

    def socket(self, kind: int) -> Any:
        """A new socket of this type."""
        socket = self.context.socket(kind)
        socket.setsockopt(self.linger, -1)
        return socket


@dataclass(frozen=True)
class Library:
    """One column of the table; a role is handed it and asks it for everything that differs between libraries."""

    name: str
    module: str
    """What the role imports; it offers pyzmq's names, unless the library is `bare`."""
    title: str
    green: bool = False
    """True: blocks one greenlet, so the role runs greenlets; False: blocks the thread, so it runs threads."""
    bare: bool = False
    """Not ZeroMQ, but what it could be no faster than: plays the rows that say how."""
    pure: bool | None = None
    """Of gzmq: whether it is asked to leave its compiled modules alone."""

    @property
    def absence(self) -> str:
        """Why it cannot be measured; empty when it can."""
        if self.pure is not None and (build := look(self.pure)):
            if build.compiled == self.pure:
                return (
                    "GZMQ_PURE=1 is not heeded" if self.pure else "the gzmq that is installed has no compiled modules"
                )
            return ""
        try:
            found = importlib.util.find_spec(self.module) is not None
        except ImportError:
            found = False
        return "" if found else f"no module {self.module} is installed"

    @property
    def environment(self) -> dict[str, str]:
        """What the processes that use it have for an environment."""
        others = {name: value for name, value in os.environ.items() if name != "GZMQ_PURE"}
        return others | {"GZMQ_PURE": "1"} if self.pure else others

    @cached_property
    def zmq(self) -> ModuleType:
        """The library itself."""
        return importlib.import_module(self.module)

    @contextmanager
    def context(self) -> Iterator["Sockets"]:
        """A context, terminated on leaving: what was sent is written by then.

        After an error it is left alone: `term` would wait for the sockets that the error left open.
        """
        context = self.zmq.Context()
        yield Sockets(context, self.zmq.LINGER)
        context.term()

    def spawn(self, function: Callable[..., Any], *args: Any) -> Callable[[], Any]:
        """Start `function(*args)` beside the caller; the answer waits for its result, or raises its error."""
        if self.green:
            return importlib.import_module("gevent").spawn(function, *args).get
        return _threads().submit(function, *args).result

    def readable(self, descriptor: int, timeout: float | None) -> bool:
        """Wait up to `timeout` seconds (None: for ever) for a byte to read, while the library's own work goes on."""
        wait = importlib.import_module("gevent.select").select if self.green else select.select
        return bool(wait([descriptor], [], [], timeout)[0])


@dataclass(frozen=True)
class Build:
    """The gzmq that a role gets."""

    version: str
    compiled: bool
    installed: bool
    """Whether it is in site-packages, as a user has it; otherwise it is a source tree."""
    file: str


@cache
def look(pure: bool) -> Build | None:
    """The gzmq that a process gets which asks for the pure one, or does not; None when there is no gzmq."""
    environment = LIBRARIES["pure" if pure else "gzmq"].environment
    ran = subprocess.run([sys.executable, "-c", _LOOK], cwd=HOME, env=environment, capture_output=True, text=True)
    if ran.returncode:
        return None
    version, compiled, file = json.loads(ran.stdout)
    return Build(version, compiled, "site-packages" in Path(file).parts, file)


@cache
def _threads() -> Any:
    futures = importlib.import_module("concurrent.futures")
    return futures.ThreadPoolExecutor(max_workers=256)  # starts a thread only when none is idle


LIBRARIES = {
    library.name: library
    for library in (
        Library("gzmq", "gzmq", "gzmq with its compiled modules", green=True, pure=False),
        Library("pure", "gzmq", "gzmq in Python alone (GZMQ_PURE=1)", green=True, pure=True),
        Library("pyzmq", "zmq", "pyzmq, blocking: libzmq and its I/O threads"),
        Library("omq", "pyomq", "pyomq, blocking: omq.rs and its I/O threads"),
        Library("green", "zmq.green", "pyzmq's zmq.green: libzmq under gevent", green=True),
        Library("rawg", "gevent.socket", "bare gevent sockets that move the same frames", green=True, bare=True),
        Library("gqueue", "gevent.queue", "bare gevent queues that move the same bodies", green=True, bare=True),
    )
}
SUBJECTS = tuple(library.name for library in LIBRARIES.values() if library.pure is not None)
