"""Shows how far a run has come: a bar when rich is installed, else a line; on a terminal only."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .runner import Tell


@contextmanager
def shown(steps: int) -> Iterator[Tell]:
    """The function to call at the beginning of each of so many steps, with what it is."""
    if not sys.stderr.isatty():
        yield lambda text: None
    elif importlib.util.find_spec("rich"):
        with _bar(steps) as tell:
            yield tell
    else:
        yield from _line(steps)


@contextmanager
def _bar(steps: int) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    text = TextColumn("{task.description}")
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(), text)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=steps)

        def tell(text: str) -> None:
            progress.update(task, description=text)
            progress.advance(task)

        yield tell


def _line(steps: int) -> Iterator[Tell]:
    done = 0

    def tell(text: str) -> None:
        nonlocal done
        done += 1
        sys.stderr.write(f"\r\x1b[K[{done}/{steps}] {text}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r\x1b[K")
