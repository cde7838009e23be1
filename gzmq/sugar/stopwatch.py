"""pyzmq's deprecated Stopwatch: microseconds between two calls."""

from __future__ import annotations

import warnings
from time import monotonic


class Stopwatch:
    """Measures time; `time.monotonic` does it better, and a DeprecationWarning says so."""

    def __init__(self) -> None:
        warnings.warn("zmq.Stopwatch is deprecated: use time.monotonic", DeprecationWarning, stacklevel=2)
        self._start = 0.0

    def start(self) -> None:
        """Begin to measure."""
        self._start = monotonic()

    def stop(self) -> int:
        """The microseconds since `start`."""
        return int((monotonic() - self._start) * 1_000_000)
