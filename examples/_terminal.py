"""What the demo shows on the terminal: a progress bar with a rate, and a table."""

import shutil
import sys
from collections.abc import Sequence
from time import monotonic

WIDTH = 28


class Progress:
    """A bar that grows on one line of a terminal; elsewhere, a plain line now and then and one at the end."""

    def __init__(self, total: int, unit: str) -> None:
        self.total = total
        self.unit = unit
        self.done = 0
        self.seconds = 0.0
        self._start = self._drawn_at = monotonic()
        self._on_terminal = sys.stdout.isatty()

    @property
    def rate(self) -> float:
        """How much was done per second."""
        return self.done / self.seconds if self.seconds else 0.0

    def update(self, done: int) -> None:
        """So much is done now."""
        self.done = done
        now = monotonic()
        self.seconds = now - self._start
        if now - self._drawn_at > (0.05 if self._on_terminal else 2.0) or done == self.total:
            self._drawn_at = now
            self._draw("" if self._on_terminal and done < self.total else "\n")

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if self._on_terminal:
            print("\r\x1b[K", end="")
        print(f"   {text}", flush=True)
        if self._on_terminal and self.done < self.total:
            self._draw("")

    def _draw(self, end: str) -> None:
        filled = WIDTH * self.done // self.total
        bar = "#" * filled + "-" * (WIDTH - filled)
        line = f"   [{bar}] {self.done}/{self.total} {self.unit}, {self.rate:,.0f}/s"
        if self._on_terminal:
            line = "\r\x1b[K" + line[: shutil.get_terminal_size().columns - 1]
        print(line, end=end, flush=True)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns as wide as they need to be, the first row underlined."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
