"""Table of the libraries that are compared: how each is imported, and how it runs two things at once."""

import importlib
import importlib.util
import select
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

_threads = ThreadPoolExecutor(max_workers=256)  # starts a thread only when none is idle


@dataclass(frozen=True)
class Library:
    """One column of the table; a role is handed it and asks it for everything that differs between libraries."""

    name: str
    module: str
    """What the role imports; it offers pyzmq's names."""
    title: str
    green: bool = False
    """True: blocks one greenlet, so the role runs greenlets; False: blocks the thread, so it runs threads."""

    @property
    def installed(self) -> bool:
        """Whether the module can be found; it is not imported, except for its parent package."""
        try:
            return importlib.util.find_spec(self.module) is not None
        except ImportError:
            return False

    @cached_property
    def zmq(self) -> ModuleType:
        """The library itself."""
        return importlib.import_module(self.module)

    @contextmanager
    def context(self) -> Iterator[Any]:
        """A context, terminated on leaving: what was sent is written by then.

        After an error it is left alone: `term` would wait for the sockets that the error left open.
        """
        context = self.zmq.Context()
        yield context
        context.term()

    def spawn(self, function: Callable[..., Any], *args: Any) -> Callable[[], Any]:
        """Start `function(*args)` beside the caller; the answer waits for its result, or raises its error."""
        if self.green:
            return importlib.import_module("gevent").spawn(function, *args).get
        return _threads.submit(function, *args).result

    def readable(self, descriptor: int, timeout: float | None) -> bool:
        """Wait up to `timeout` seconds (None: for ever) for a byte to read, while the library's own work goes on."""
        wait = importlib.import_module("gevent.select").select if self.green else select.select
        return bool(wait([descriptor], [], [], timeout)[0])


LIBRARIES = {
    library.name: library
    for library in (
        Library("gzmq", "gzmq", "gzmq, from this tree", green=True),
        Library("pyzmq", "zmq", "pyzmq, blocking: libzmq and its I/O threads"),
        Library("green", "zmq.green", "pyzmq's zmq.green: libzmq under gevent", green=True),
        Library("pyomq", "pyomq", "pyomq, blocking: omq.rs and its I/O threads"),
    )
}
