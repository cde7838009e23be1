"""Which build of the hot modules runs: the compiled one if it is there, or with GZMQ_PURE=1 their Python sources.

Rules: comes before every other module of ours, as it says where those come from. Both behave alike.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from typing import Any

#: What setup.py compiles: the modules that every message or every batch passes through. All are in one file, as to find
#: and open one for each takes longer than to import them as Python.
HOT = (
    "core",
    "datapath",
    "messaging",
    "pattern.base",
    "pattern.pair",
    "pattern.pipeline",
    "pattern.pubsub",
    "pattern.reqrep",
    "pattern.router",
    "pattern.routing",
    "pattern.subscriptions",
    "pipe",
    "resident",
    "transport.broadcast",
    "transport.engine",
    "transport.reading",
    "transport.session",
    "turn",
    "waitqueue",
    "zmtp.connection",
    "zmtp.curvebox",
    "zmtp.framing",
    "zmtp.repeats",
    "zmtp.room",
    "zmtp.sodium",
)


class _Compiled:
    """A finder for `sys.meta_path` that knows the modules of that file, which comes before their `.py` files."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._names = {f"{__package__}.{name}" for name in HOT}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self._names:
            return None
        spec = ModuleSpec(name, ExtensionFileLoader(name, self._file), origin=self._file)
        spec.has_location = True
        return spec


def _use_compiled() -> bool:
    """If it is there and shall be."""
    if os.environ.get("GZMQ_PURE", "0") not in ("", "0"):
        return False
    for suffix in EXTENSION_SUFFIXES:
        file = os.path.join(os.path.dirname(__file__), f"hot{suffix}")
        if os.path.exists(file):
            sys.meta_path.insert(0, _Compiled(file))
            return True
    return False


#: Whether the hot modules run compiled.
compiled: bool = _use_compiled()
