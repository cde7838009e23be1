"""Turns rounds into medians, ratios and verdicts, and those into a table and JSON."""

import importlib.metadata
import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from .libs import LIBRARIES, SUBJECTS, look
from .marks import REASONS, judge
from .runner import Played

CLAIMS = "jitter"
"""How rows are called that are there for a claim about greenlets: neither the pictures nor the README have them."""
_DISTRIBUTIONS = ("gevent", "greenlet", "pyzmq", "pyomq", "pynacl")


def summary(played: Iterable[Played], rounds: int, budget: float | None) -> dict[str, Any]:
    """Everything, ready for JSON: the machine, what was measured, and each row with its medians, rounds and marks."""
    builds = {subject: asdict(build) for subject in SUBJECTS if (build := look(subject == "pure"))}
    for build in builds.values():
        del build["file"]  # it says where on a disk it was
    return {
        "date": time.strftime("%Y-%m-%d"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": _machine(),
        "gzmq": builds,
        "left out": {lib.name: lib.absence for lib in LIBRARIES.values() if lib.absence},
        "versions": {name: version for name in _DISTRIBUTIONS if (version := _version(name))},
        "rounds": rounds,
        "seconds per round": budget,
        "rows": _judged({one.row.name: _row(one) for one in played}),
    }


def updated(before: dict[str, Any], now: dict[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """What was measured now, with the other rows of before. Exits with a message if the two cannot be compared."""
    for what in ("machine", "python", "gzmq", "versions", "rounds", "seconds per round"):
        if before[what] != now[what]:
            raise SystemExit(f"no update: {what} was {before[what]!r} and is {now[what]!r}; measure all rows anew")
    rows = before["rows"] | now["rows"]
    return now | {"rows": _judged({name: rows[name] for name in order if name in rows})}


def _judged(rows: dict[str, Any]) -> dict[str, Any]:
    """With how the marks were met: some compare a row with another."""
    for name, row in rows.items():
        row["marks"] = {subject: [asdict(verdict) for verdict in judge(name, subject, rows)] for subject in SUBJECTS}
        row["reasons"] = {subject: REASONS[name, subject] for subject in SUBJECTS if (name, subject) in REASONS}
    return rows


def caption(report: dict[str, Any]) -> str:
    """One sentence about what was measured, on what."""
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    build = next(iter(report["gzmq"].values()), {"version": "?", "installed": False})
    tree = "" if build["installed"] else " (from its source tree)"
    return (
        f"{report['machine']}; {report['python']}; gzmq {build['version']}{tree}; {versions}; "
        f"{report['date']}, medians of {report['rounds']} rounds"
    )


def table(report: dict[str, Any], libraries: Sequence[str]) -> str:
    """The medians as text, a line for each figure; then the marks, and what failed."""
    lines = [["row", "unit", *libraries]]
    for name, row in report["rows"].items():
        for metric in row["metrics"].values():
            lines.append([name, metric["unit"], *(number(metric["medians"].get(library)) for library in libraries)])
    marks = [["mark", "of", "figure", "", "", ""]]
    for name, row in report["rows"].items():
        for subject, verdicts in row["marks"].items():
            for verdict in verdicts:
                outcome = "reached" if verdict["reached"] else "MISSED"
                reason = "" if verdict["reached"] else row["reasons"].get(subject, "")
                figure = row["metrics"][verdict["mark"]["metric"]]["unit"]
                marks.append([name, subject, figure, f"{verdict['value']:.3g}", verdict["text"], outcome, reason])
    failures = [
        f"{name}, {library} failed: {reason}"
        for name, row in report["rows"].items()
        for library, reason in row["failures"].items()
    ]
    left_out = [f"{name} is left out: {why}" for name, why in report["left out"].items()]
    parts = [_aligned(lines, 2), _aligned(marks, 3) if len(marks) > 1 else "", "\n".join(failures + left_out)]
    return "\n\n".join(part for part in parts if part)


def number(value: float | None) -> str:
    """A figure with three digits that count, or all of a large one."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _aligned(lines: list[list[str]], left: int) -> str:
    """Columns of one width each, the first `left` of them beginning and the others ending below each other."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width) for at, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    )


def _row(played: Played) -> dict[str, Any]:
    metrics = {}
    for key, metric in played.row.metrics.items():
        values = {library: [one[key] for one in rounds] for library, rounds in played.rounds.items()}
        metrics[key] = {
            "unit": metric.unit,
            "higher is better": metric.higher,
            "medians": {library: median(rounds) for library, rounds in values.items()},
            "ratios": {subject: _ratios(subject, values) for subject in SUBJECTS if subject in values},
            "rounds": values,
        }
    return {"metrics": metrics, "failures": played.failures, "cannot": dict(played.row.cannot)}


def _ratios(subject: str, values: dict[str, list[float]]) -> dict[str, float]:
    """Ours as a multiple of each other's: the median of the rounds' own, as what disturbs a round disturbs both."""
    ratios = {}
    for rival, theirs in values.items():
        each = [a / b for a, b in zip(values[subject], theirs) if b]
        if rival not in SUBJECTS and each:
            ratios[rival] = median(each)
    return ratios


def _machine() -> str:
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    model = f" ({models[0]})" if models else ""
    return (
        f"{platform.system()} {platform.release().partition('-')[0]}, {os.cpu_count()} CPUs {platform.machine()}{model}"
    )


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
