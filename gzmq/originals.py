"""What gevent's monkey-patching may have put something else in the place of, or will."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def original(module: str, name: str) -> Any:
    """Python's own, whether gevent patches before or after this is asked.

    gevent.monkey knows what it has replaced. Where nobody has loaded that, nothing is replaced, and there is no need to
    load it, and logging with it.
    """
    monkey = sys.modules.get("gevent.monkey")
    return getattr(import_module(module), name) if monkey is None else monkey.get_original(module, name)
