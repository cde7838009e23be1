"""One process of a row: `python -m benchmarks.role LIBRARY MODULE.FUNCTION PARAMETERS`.

It talks to the stage that started it: a JSON object a line on standard output, the result last; a byte on standard
input is a cue.
"""

import gc
import importlib
import json
import os
import resource
import sys
from typing import Any

from .libs import LIBRARIES, Library


def say(**facts: Any) -> None:
    """Tell the stage `facts`."""
    print(json.dumps(facts), flush=True)


def bind(socket: Any, lib: Library, endpoint: str) -> str:
    """Bind `socket` and return the endpoint that others connect to, its port known."""
    socket.bind(endpoint)
    return socket.getsockopt(lib.zmq.LAST_ENDPOINT).rstrip(b"\0").decode()


def cued(lib: Library, timeout: float | None = None) -> bool:
    """Wait up to `timeout` seconds (None: for ever) for the stage's cue, and say whether it came."""
    return lib.readable(0, timeout) and bool(os.read(0, 1))


def cpu_seconds() -> float:
    """CPU time of this process so far, of all its threads, in user and system mode (getrusage)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident() -> int:
    """Bytes of memory that this process has, once all garbage is collected."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))


def allow_descriptors() -> None:
    """As many as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main(library: str, role: str, parameters: str) -> None:
    """Run one role; its result gains `cpu`, the CPU seconds that it took, imports not counted."""
    lib = LIBRARIES[library]
    lib.zmq  # noqa: B018  imported before the clock starts
    module, function = role.split(".")
    play = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    before = cpu_seconds()
    result = play(lib, **json.loads(parameters))
    say(**(result or {}), cpu=cpu_seconds() - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
