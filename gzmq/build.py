"""Which build of the hot modules runs: the compiled one if it is there, or with GZMQ_PURE=1 their Python sources.

Rules: comes before every other module of ours, as it says where those come from. Both behave alike.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from typing import Any


class _Sources:
    """A finder for `sys.meta_path` that knows modules of ours by their `.py` files alone."""

    def __init__(self) -> None:
        self._finders: dict[str, FileFinder] = {}  # of each folder, as each remembers what is there

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.startswith(f"{__package__}."):
            for folder in path:
                finder = self._finders.get(folder)
                if finder is None:
                    finder = self._finders[folder] = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))
                spec = finder.find_spec(name)
                if spec is not None:
                    return spec
        return None


if os.environ.get("GZMQ_PURE", "0") not in ("", "0"):
    sys.meta_path.insert(0, _Sources())

from . import pipe  # noqa: E402  it stands for all, which are compiled together or not at all

#: Whether the hot modules run compiled.
compiled: bool = not pipe.__file__.endswith(".py")
