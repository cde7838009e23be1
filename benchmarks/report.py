"""Turns rounds into medians and ratios, and those into a table and JSON."""

import importlib.metadata
import os
import platform
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from .runner import Played

SUBJECT = "gzmq"
RIVALS = ("pyzmq", "green")
_DISTRIBUTIONS = ("gevent", "greenlet", "pyzmq", "pyomq")


def summary(played: Iterable[Played], rounds: int, budget: float | None) -> dict[str, Any]:
    """Everything, ready for JSON: the machine, and each row with its medians, rounds, ratios and failures."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "versions": {name: _version(name) for name in _DISTRIBUTIONS},
        "rounds": rounds,
        "seconds per round": budget,
        "rows": {one.row.name: _row(one) for one in played},
    }


def table(report: dict[str, Any], libraries: Sequence[str]) -> str:
    """The medians as text, a line for each figure; last the ratios of the subject to its rivals."""
    rivals = [rival for rival in RIVALS if SUBJECT in libraries and rival in libraries]
    lines = [["row", "unit", *libraries, *(f"x {rival}" for rival in rivals)]]
    for name, row in report["rows"].items():
        for metric in row["metrics"].values():
            medians = [_number(metric["medians"].get(library)) for library in libraries]
            ratios = [_number(metric["ratios"].get(rival)) for rival in rivals]
            lines.append([name, metric["unit"], *medians, *ratios])
    widths = [max(map(len, column)) for column in zip(*lines)]
    text = [
        "  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width) for at, (cell, width) in enumerate(zip(line, widths))
        )
        for line in lines
    ]
    failures = [
        f"{name}, {library} failed: {reason}"
        for name, row in report["rows"].items()
        for library, reason in row["failures"].items()
    ]
    return "\n".join(line.rstrip() for line in text + failures)


def _row(played: Played) -> dict[str, Any]:
    metrics = {}
    for key, metric in played.row.metrics.items():
        values = {library: [one[key] for one in rounds] for library, rounds in played.rounds.items()}
        ours = values.get(SUBJECT, [])
        metrics[key] = {
            "unit": metric.unit,
            "higher is better": metric.higher,
            "medians": {library: median(rounds) for library, rounds in values.items()},
            "ratios": {
                rival: _ratio(ours, values[rival], metric.higher) for rival in RIVALS if ours and rival in values
            },
            "rounds": values,
        }
    return {"metrics": metrics, "failures": played.failures}


def _ratio(ours: list[float], theirs: list[float], higher: bool) -> float | None:
    """How many times better we are: the median of the rounds' own ratios, as what disturbs a round disturbs both."""
    pairs = [(a, b) if higher else (b, a) for a, b in zip(ours, theirs)]
    ratios = [a / b for a, b in pairs if b]
    return median(ratios) if ratios else None


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
