"""Plays rows: sizes the rounds for each library, then lets the libraries take turns, round by round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from . import begin, curve, fanin, idle, inproc, jitter, pool, pubsub, roundtrip, throughput
from .libs import Library
from .row import Row
from .stage import RoundFailed, Stage

_MODULES = (throughput, roundtrip, inproc, pubsub, fanin, pool, curve, begin, idle, jitter)
ROWS: list[Row] = [row for module in _MODULES for row in module.ROWS]

Tell = Callable[[str], None]


@dataclass
class Played:
    """What became of one row: for each library its rounds in order, or why there are none."""

    row: Row
    rounds: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def play(row: Row, library: Library, count: int) -> dict[str, float]:
    """One round in processes of its own. Raises RoundFailed."""
    with Stage(library.name) as stage:
        return row.play(stage, count)


def fitting_count(row: Row, library: Library, budget: float) -> int:
    """How many operations take `library` about `budget` seconds. Raises RoundFailed."""
    count = row.start
    for _ in range(4):
        factor = budget / play(row, library, count)["seconds"]
        if factor < 3:  # this try was long enough to tell
            return max(1, int(count * factor))
        count = int(count * min(factor, 20))
    return count


def measure(row: Row, libraries: Sequence[Library], rounds: int, budget: float | None, tell: Tell) -> Played:
    """Play `rounds` rounds of about `budget` seconds; None plays the row's starting count, unsized.

    A library that fails is left out of the rest of the row, and its reason is kept.
    """
    played = Played(row)
    counts: dict[str, int] = {}

    def attempt(library: Library, round_: int) -> None:
        try:
            if round_ == 0:
                played.rounds[library.name] = []
                counts[library.name] = fitting_count(row, library, budget) if budget else row.start
            else:
                played.rounds[library.name].append(play(row, library, counts[library.name]))
        except RoundFailed as error:
            played.failures[library.name] = str(error)
            played.rounds.pop(library.name, None)

    for round_ in range(rounds + 1):
        for library in libraries:
            if library.name not in played.failures:
                tell(f"{row.name}: {f'round {round_}/{rounds}' if round_ else 'sizing'}, {library.name}")
                attempt(library, round_)
    return played
