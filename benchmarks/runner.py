"""Plays rows: sizes the rounds for each library, then lets the libraries take turns, round by round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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


def measure(row: Row, libraries: Sequence[Library], rounds: int, budget: float | None, tell: Tell) -> Played:
    """Play `rounds` rounds of about `budget` seconds; None plays the row's starting count, unsized.

    `tell` is called before each round of a library, and before it is sized. A library that fails is left out of the
    rest of the row, and its reason is kept.
    """
    played = Played(row)
    players = {library: player for library in libraries if (player := row.player(library))}
    counts = dict.fromkeys(players, row.start)

    def attempt(library: Library, sizing: bool) -> None:
        try:
            if sizing:
                counts[library] = fitting_count(row, players[library], library, budget or 0)
            else:
                figures = play(row, players[library], library, counts[library])
                played.rounds.setdefault(library.name, []).append(figures)
        except RoundFailed as error:
            played.failures[library.name] = str(error)
            played.rounds.pop(library.name, None)

    turns = _turns(row, rounds, budget)
    for round_ in turns:
        for library in players:
            if library.name not in played.failures:
                tell(f"{row.name}: {f'round {round_}/{turns[-1]}' if round_ else 'sizing'}, {library.name}")
                attempt(library, sizing=round_ == 0)
    return played
