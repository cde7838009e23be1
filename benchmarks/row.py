"""What a row of the table is: a name, how one round of it is played, and which figures it yields."""

from collections.abc import Callable
from dataclasses import dataclass

from .stage import Stage


@dataclass(frozen=True)
class Metric:
    """One figure of a row, with its unit."""

    unit: str
    higher: bool = True
    """Whether more is better."""


@dataclass(frozen=True)
class Row:
    """One measurement, the same for every library."""

    name: str
    metrics: dict[str, Metric]
    play: Callable[[Stage, int], dict[str, float]]
    """Plays one round of `count` operations; yields a figure for each metric, and `seconds`, which sizes the rounds."""
    start: int
    """The count of the first try: a few hundredths of a second for most libraries."""


MESSAGES = {"rate": Metric("messages/s")}
