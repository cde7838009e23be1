"""What the process holds: more than resident memory says, which grows as malloc's heap gets holes."""

import ctypes
import gc
import os
import resource
import sys
from collections import Counter
from pathlib import Path

import gevent


class _Mallinfo(ctypes.Structure):
    """struct mallinfo2 of glibc 2.33, mallinfo(3)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks")
        + ("keepcost",)
    )


def _give_way():
    """Each of these steps takes long, and messages wait meanwhile."""
    gevent.sleep(0.01)


def _resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def census():
    """Type -> how many of it the collector knows."""
    gc.collect()
    _give_way()
    return Counter(f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in gc.get_objects())


def measure():
    """{what: how much there is}; "malloc MB" is what malloc has given out, without Python's small objects."""
    gc.collect()
    _give_way()
    found = {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "greenlets": sum(isinstance(thing, gevent.Greenlet) for thing in gc.get_objects()),
        "objects": len(gc.get_objects()),
        "blocks": sys.getallocatedblocks(),
        "resident MB": _resident(),
    }
    _give_way()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallinfo2"):
        libc.mallinfo2.restype = _Mallinfo
        info = libc.mallinfo2()
        found["malloc MB"] = (info.uordblks + info.hblkhd) / 1e6
        libc.malloc_trim(0)
        _give_way()
        found["resident MB, trimmed"] = _resident()
    return found
