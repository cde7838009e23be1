"""What a row of the table is: a name, how one round of it is played, and which figures it yields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .libs import Library
from .stage import Stage

Play = Callable[[Stage, int], dict[str, float]]


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
    play: Play
    """Plays one round of `count` operations; yields a figure for each metric, and `seconds`, which sizes the rounds."""
    start: int = 1
    """The count of the first try: a few hundredths of a second for most libraries."""
    sized: bool = True
    """Whether other counts make longer rounds; otherwise every round is one of `start`."""
    most: int | None = None
    """No more rounds than that are needed, where a round is long or its figures do not vary."""
    group: str = ""
    """Rows of a group, which stand together, take turns round by round: they are compared with each other."""
    limit: float = 30
    """Seconds after which a round has failed."""
    bare: Mapping[str, Play] = field(default_factory=dict)
    """How the libraries play it that are not ZeroMQ."""
    cannot: Mapping[str, str] = field(default_factory=dict)
    """The libraries that cannot play it, and why."""

    def player(self, library: Library) -> Play | None:
        """How this library plays the row; None when it does not."""
        if library.name in self.cannot:
            return None
        return self.bare.get(library.name) if library.bare else self.play


MESSAGES = {"rate": Metric("messages/s")}
