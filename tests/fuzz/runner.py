"""Feeds targets with mutated seeds, and keeps what they fail on."""

import time
from pathlib import Path
from typing import NamedTuple

from .corpus import seeds
from .mutate import Mutator
from .targets import TARGETS

#: No input of at most 32 KiB may take longer, on a machine that does other things as well.
SLOWEST = 5.0


class Failure(NamedTuple):
    """An input on which a target failed."""

    target: str
    data: bytes
    error: BaseException


def fuzz(name, count, number=0, target=None):
    """Give a target so many inputs; the first failure, or None."""
    target = target or TARGETS[name]
    mutator = Mutator(seeds(name), f"{name} {number}")
    for _ in range(count):
        data = next(mutator)
        began = time.monotonic()
        try:
            target(data)
        except Exception as error:
            return Failure(name, data, error)
        if time.monotonic() - began > SLOWEST:
            return Failure(name, data, TimeoutError(f"more than {SLOWEST} s"))
    return None


def keep(failure, folder=Path(".")):
    """Write the input down; the path."""
    path = folder / f"fuzz-{failure.target}.bin"
    path.write_bytes(failure.data)
    return path
