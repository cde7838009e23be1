"""Writes the figures of `benchmarks/results/` into README.md and docs/performance.md: `python -m benchmarks.readme`.

No figure there is typed by hand: each stands between markers, and a test compares.
"""

import json
from pathlib import Path
from typing import Any

from docs.markers import written

from . import profile
from .libs import LIBRARIES, SUBJECTS
from .report import CLAIMS, caption, number

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
README, PERFORMANCE = ROOT / "README.md", ROOT / "docs" / "performance.md"
_RIVALS = ("pyzmq", "omq", "green")


def documents() -> dict[Path, str]:
    """Each document as it should be; those for which nothing was measured as they are."""
    texts = {README: README.read_text(), PERFORMANCE: PERFORMANCE.read_text()}
    if (path := RESULTS / "latest.json").exists():
        results = json.loads(path.read_text())
        texts[README] = written(texts[README], "speed", speed(results))
        for name, part in {"rows": rows(results), "marks": marks(results)}.items():
            texts[PERFORMANCE] = written(texts[PERFORMANCE], name, part)
    if (path := RESULTS / "profile.json").exists():
        texts[PERFORMANCE] = written(texts[PERFORMANCE], "profile", profile.table(json.loads(path.read_text())))
    return texts


def speed(results: dict[str, Any]) -> str:
    """For the README: the first figure of each row, and what it is as a multiple of the others'."""
    subjects = [name for name in SUBJECTS if name in measured(results)]
    heads = [part for name in subjects for part in (name, *(f"× {rival}" for rival in _RIVALS))]
    lines = [_line("", "", *heads), "|---|---|" + "---:|" * len(heads)]
    for name, row in results["rows"].items():
        if name.startswith(CLAIMS):
            continue
        metric = next(iter(row["metrics"].values()))
        cells = []
        for subject in subjects:
            cells.append(number(metric["medians"].get(subject)) + ("" if reached(row, subject) else " *"))
            ratios = metric["ratios"].get(subject, {})
            cells += [number(ratios.get(rival)) for rival in _RIVALS]
        lines.append(_line(name, metric["unit"], *cells))
    where = "`docs/performance.md` has all figures, all marks, and why one is missed"
    note = f"`*`: a mark of this row is missed; {where}." if any(" *" in line for line in lines) else f"{where}."
    pictures = [path.name for path in sorted(RESULTS.glob("*.png"))]
    shown = [f"![{name.removesuffix('.png')}](benchmarks/results/{name})" for name in pictures]
    return "\n\n".join([f"{caption(results)}.", "\n".join(lines), note, *shown])


def rows(results: dict[str, Any]) -> str:
    """All medians, a line for each figure, and why a library has none."""
    libraries = measured(results)
    lines = [_line("", "", *libraries), "|---|---|" + "---:|" * len(libraries)]
    for name, row in results["rows"].items():
        for metric in row["metrics"].values():
            lines.append(_line(name, metric["unit"], *(number(metric["medians"].get(lib)) for lib in libraries)))
    why = [f"- {library}: {reason} ({', '.join(names)})." for (library, reason), names in _dashes(results).items()]
    left_out = [f"- {name} was left out: {reason}." for name, reason in results["left out"].items()]
    return "\n\n".join(part for part in (f"{caption(results)}.", "\n".join(lines), "\n".join(why + left_out)) if part)


def _dashes(results: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """The rows that a library did not play, by library and reason."""
    there, found = measured(results), dict[tuple[str, str], list[str]]()
    for name, row in results["rows"].items():
        for library, reason in (row["cannot"] | row["failures"]).items():
            if library in there:
                found.setdefault((library, reason), []).append(name)
    return found


def marks(results: dict[str, Any]) -> str:
    """Every mark, what was measured, and why it is missed."""
    lines = [_line("", "", "mark", "measured", ""), "|---|---|---|---:|---|"]
    for name, row in results["rows"].items():
        for subject, verdicts in row["marks"].items():
            for verdict in verdicts:
                unit = row["metrics"][verdict["mark"]["metric"]]["unit"]
                outcome = "reached" if verdict["reached"] else f"**missed** {row['reasons'].get(subject, '')}".rstrip()
                lines.append(_line(f"{name}, {unit}", subject, verdict["text"], number(verdict["value"]), outcome))
    return "\n".join(lines)


def measured(results: dict[str, Any]) -> list[str]:
    """The libraries that have any figure."""
    there = {lib for row in results["rows"].values() for each in row["metrics"].values() for lib in each["medians"]}
    return [name for name in LIBRARIES if name in there]


def reached(row: dict[str, Any], subject: str) -> bool:
    """Whether all marks of a row are."""
    return all(verdict["reached"] for verdict in row["marks"].get(subject, []))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def main() -> None:
    """Write them."""
    for path, text in documents().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
