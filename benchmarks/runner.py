"""Plays rows: sizes the rounds for each library, then lets the libraries take turns, round by round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from . import begin, curve, fanin, idle, inproc, jitter, pool, pubsub, queued, roundtrip, throughput
from .libs import Library
from .row import Play, Row
from .stage import RoundFailed, Stage

_MODULES = (throughput, roundtrip, inproc, pubsub, fanin, pool, curve, queued, idle, jitter, begin)
ROWS: list[Row] = [row for module in _MODULES for row in module.ROWS]

Tell = Callable[[str], None]


@dataclass
class Played:
    """What became of one row: for each library its rounds in order, or why there are none."""

    row: Row
    rounds: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def play(row: Row, player: Play, library: Library, count: int) -> dict[str, float]:
    """One round in processes of its own. Raises RoundFailed."""
    with Stage(library, row.limit) as stage:
        return player(stage, count)


def fitting_count(row: Row, player: Play, library: Library, budget: float) -> int:
    """How many operations take `library` about `budget` seconds. Raises RoundFailed."""
    count = row.start
    for _ in range(4):
        factor = budget / play(row, player, library, count)["seconds"]
        if factor < 3:  # this try was long enough to tell
            return max(1, int(count * factor))
        count = int(count * min(factor, 20))
    return count


def steps(row: Row, libraries: Sequence[Library], rounds: int, budget: float | None) -> int:
    """How often `measure` tells what it does, when nothing fails."""
    return len(_turns(row, rounds, budget)) * sum(row.player(library) is not None for library in libraries)


def _turns(row: Row, rounds: int, budget: float | None) -> range:
    """The rounds that each library plays; 0 is to find out how long one is."""
    return range(0 if budget and row.sized else 1, min(rounds, row.most or rounds) + 1)


class _Playing:
    """A row that is being played."""

    def __init__(self, row: Row, libraries: Sequence[Library]):
        self.row = row
        self.played = Played(row)
        self._players = {library: player for library in libraries if (player := row.player(library))}
        self._counts = dict.fromkeys(self._players, row.start)

    def round(self, number: int, last: int, budget: float, tell: Tell) -> None:
        """One of each library; the round 0 is to find out how long one is."""
        for library in self._players:
            if library.name not in self.played.failures:
                tell(f"{self.row.name}: {f'round {number}/{last}' if number else 'sizing'}, {library.name}")
                self._attempt(library, budget, sizing=number == 0)

    def _attempt(self, library: Library, budget: float, sizing: bool) -> None:
        row, player = self.row, self._players[library]
        try:
            if sizing:
                self._counts[library] = fitting_count(row, player, library, budget)
            else:
                figures = play(row, player, library, self._counts[library])
                self.played.rounds.setdefault(library.name, []).append(figures)
        except RoundFailed as error:
            self.played.failures[library.name] = str(error)
            self.played.rounds.pop(library.name, None)


def _measure_group(group: list[_Playing], rounds: int, budget: float | None, tell: Tell) -> list[Played]:
    turns = {playing: _turns(playing.row, rounds, budget) for playing in group}
    for round_ in range(rounds + 1):
        for playing in group:
            if round_ in turns[playing]:
                playing.round(round_, turns[playing][-1], budget or 0, tell)
    return [playing.played for playing in group]


def measure(
    rows: Sequence[Row], libraries: Sequence[Library], rounds: int, budget: float | None, tell: Tell
) -> list[Played]:
    """Play `rounds` rounds of about `budget` seconds of each row; None plays a row's starting count, unsized.

    Rows of a group take turns. `tell` is called before each round of a library, and before it is sized. A library that
    fails is left out of the rest of its row, and its reason is kept.
    """
    return [
        played
        for _, group in groupby(rows, key=lambda row: row.group or row.name)
        for played in _measure_group([_Playing(row, libraries) for row in group], rounds, budget, tell)
    ]
