"""What each row has to reach, with the compiled gzmq and with the pure one, and why a known miss is one."""

from dataclasses import dataclass
from statistics import median
from typing import Any

from .idle import CONNECTIONS, SECONDS, SOCKETS


@dataclass(frozen=True)
class Mark:
    """A bound of one figure: at least so much where more is better, at most so much where less is.

    The bound is a factor of what the library `of` does in the same row, or of what the same gzmq does in `row`; without
    both it is the figure itself.
    """

    metric: str
    bound: float
    of: str = ""
    row: str = ""


@dataclass(frozen=True)
class Verdict:
    """A mark, and how it was met."""

    mark: Mark
    value: float
    reached: bool
    text: str
    """The mark in words, such as ">= 1.5 x pyzmq"."""


def _each(names: list[str], compiled: list[Mark], pure: list[Mark]) -> dict[str, dict[str, list[Mark]]]:
    return {name: {"gzmq": compiled, "pure": pure} for name in names}


def _rate(compiled: dict[str, float], pure: dict[str, float], metric: str = "rate") -> tuple[list[Mark], list[Mark]]:
    made = [[Mark(metric, bound, of) for of, bound in bounds.items()] for bounds in (compiled, pure)]
    return made[0], made[1]


def _matching(what: str) -> dict[str, dict[str, list[Mark]]]:
    names = [f"publish, {what} of {count} matches" for count in ("1", "1,000", "100,000")]
    bounds = _rate({"pyzmq": 1.0}, {"pyzmq": 1 / 3}, "published")
    flat = [[Mark("published", bound, row=names[0])] for bound in (1 / 1.5, 1 / 2)]
    return _each(names[:1], *bounds) | _each(names[1:], bounds[0] + flat[0], bounds[1] + flat[1])


def _p(metric: str, bounds: dict[str, float]) -> list[Mark]:
    return [Mark(metric, bound, of) for of, bound in bounds.items()]


_SHARE = [Mark("slowest", 90)]
_QUEUED = [Mark("beyond", 1.0, "pyzmq")]
_BEGIN = [Mark("took", 1.0, "green")]
_CONNECTIONS = [
    Mark("memory", 0.5, "pyzmq"),
    Mark("descriptors", 1.0),
    Mark("connecting", 1.0, "pyzmq"),
    Mark("broadcast", 1.0, "pyzmq"),
]
_IDLE = [Mark("woken", 0), Mark("busy", 1.0)]
_FAN_OUT = _rate({"omq": 1.2}, {"pyzmq": 0.5}, "delivered")
_SMALL = _rate({"pyzmq": 1.5, "omq": 1.2}, {"pyzmq": 0.5, "green": 6.0})
_ECHO = _p("rate", {"omq": 1.2}) + _p("p99", {"omq": 1.0})
_CPU = _p("cpu", {"omq": 0.8}), _p("cpu", {"green": 0.2})

MARKS: dict[str, dict[str, list[Mark]]] = {
    **_each(["tcp PUSH-PULL 10 B"], *_SMALL),
    **_each(["tcp PUSH-PULL 64 B"], _SMALL[0] + _CPU[0], _SMALL[1] + _CPU[1]),
    **_each(["tcp PUSH-PULL 1 KiB"], *_rate({"omq": 1.0}, {"pyzmq": 0.6})),
    **_each(["tcp PUSH-PULL 64 KiB", "tcp PUSH-PULL 1 MiB"], *_rate({"omq": 1.0}, {"pyzmq": 0.9})),
    **_each(
        ["tcp REQ-REP 64 B", "ipc REQ-REP 64 B"],
        _p("p50", {"omq": 1.0}) + _p("p99", {"omq": 1.0}),
        _p("p50", {"pyzmq": 0.9, "green": 0.55}),
    ),
    **_each(["inproc PUSH-PULL 64 B"], *_rate({"omq": 2.0}, {"omq": 1.0, "green": 15.0})),
    **_each(["inproc REQ-REP 64 B"], _p("p50", {"green": 0.2}), _p("p50", {"green": 0.3})),
    **_each([f"tcp PUB-{n} SUB 64 B" for n in (1, 10, 100)], _FAN_OUT[0] + _SHARE, _FAN_OUT[1] + _SHARE),
    **_matching("none"),
    **_matching("one"),
    **_each(["tcp 50 DEALER-ROUTER 64 B"], _ECHO, _p("rate", {"pyzmq": 1.5})),
    **_each(["tcp 50 DEALER-proxy-4 REP"], *_rate({"pyzmq": 1.0}, {"green": 2.0})),
    **_each(["tcp PUSH-4 workers-PULL"], *_rate({"omq": 1.0}, {"green": 8.0})),
    **_each(["tcp CURVE PUSH-PULL 64 B"], *_rate({"pyzmq": 1.0}, {"pyzmq": 0.3})),
    **_each(["tcp CURVE PUSH-PULL 1 KiB"], *_rate({"pyzmq": 1.0}, {"pyzmq": 0.6})),
    **_each(["tcp CURVE PUSH-PULL 64 KiB"], *_rate({"pyzmq": 1.0}, {"pyzmq": 0.9})),
    **_each([f"a queued 64 B message, {side}" for side in ("sending", "receiving")], _QUEUED, _QUEUED),
    **_each([f"{CONNECTIONS:,} idle connections, tcp"], _CONNECTIONS, _CONNECTIONS),
    **_each([f"{SOCKETS} idle sockets for {SECONDS} s, tcp"], _IDLE, _IDLE),
    **_each(["start Python and import", "start to first message, tcp"], _BEGIN, _BEGIN),
}  # fmt: skip

_ACCEPTED = (
    "a broadcast takes as long as a loop of bare sends: a write that finds the receiver asleep has to wake it, which"
    " takes half as long again, and how many do differs from round to round"
)
_SODIUM = (
    "most of it is libsodium's work by one thread a side, and PyNaCl's knows Salsa20 for AVX2, that of pyzmq's wheel "
    "for AVX-512, which takes half as long"
)

REASONS: dict[tuple[str, str], str] = {
    **{(f"{CONNECTIONS:,} idle connections, tcp", build): _ACCEPTED for build in ("gzmq", "pure")},
    **{("tcp CURVE PUSH-PULL 64 KiB", build): _SODIUM for build in ("gzmq", "pure")},
}
"""Why a row's mark is missed, by row and column; printed beside it."""


def judge(name: str, subject: str, rows: dict[str, Any]) -> list[Verdict]:
    """How `subject` has met the marks of the row `name`; those whose other side was not measured are left out."""
    verdicts = []
    for mark in MARKS.get(name, {}).get(subject, []):
        metric = rows[name]["metrics"][mark.metric]
        if (value := _value(mark, metric, subject, rows)) is None:
            continue
        sign, reached = (">=", value >= mark.bound) if metric["higher is better"] else ("<=", value <= mark.bound)
        unit = f"x {mark.of}" if mark.of else f"x the row '{mark.row}'" if mark.row else metric["unit"]
        verdicts.append(Verdict(mark, value, reached, f"{sign} {mark.bound:.3g} {unit}"))
    return verdicts


def _value(mark: Mark, metric: dict[str, Any], subject: str, rows: dict[str, Any]) -> float | None:
    if mark.of:
        return metric["ratios"].get(subject, {}).get(mark.of)
    ours = metric["medians"].get(subject)
    if not mark.row or ours is None:
        return ours
    theirs = rows.get(mark.row, {"metrics": {}})["metrics"].get(mark.metric, {"rounds": {}})["rounds"].get(subject)
    each = [one / other for one, other in zip(metric["rounds"][subject], theirs or ()) if other]
    return median(each) if each else None  # the rounds took turns
