"""Command line: `python -m benchmarks`; `--help` says what else.

A run of all rows writes `benchmarks/results/`: `latest.json`, and plots of it when matplotlib is installed. A run of
some rows, or of some libraries, only prints, unless `--out` says where it shall write. With `--update` its rows take
the place of the same rows in what is there, if that was measured on the same machine with the same versions.
"""

import argparse
import json
import sys
from pathlib import Path

from . import plots, report
from .libs import LIBRARIES, Library, look
from .progress import shown
from .runner import ROWS, measure, steps

RESULTS = Path(__file__).resolve().parent / "results"


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line. Exits with a message on a row or library that does not exist."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Throughput, round trips and costs, side by side."
    )
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to see that it all runs; not for figures"
    )
    parser.add_argument("--list", action="store_true", help="print the rows and libraries, and stop")
    parser.add_argument("--rows", nargs="+", default=[""], metavar="TEXT", help="only rows whose name contains a TEXT")
    parser.add_argument("--libs", default=None, metavar="NAME,...", help="only these; all that are installed otherwise")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, whose median counts (5)")
    parser.add_argument("--seconds", type=float, default=0.3, metavar="S", help="length of a round (0.3)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write what was measured there")
    parser.add_argument("--update", action="store_true", help="keep the other rows of what is there")
    options = parser.parse_args(argv)
    options.whole = not options.quick and options.rows == [""] and not options.libs
    options.rows = [row for row in ROWS if any(text.lower() in row.name.lower() for text in options.rows)]
    options.libs = options.libs.split(",") if options.libs else [lib.name for lib in _there()]
    for name in options.libs:
        if name not in LIBRARIES:
            parser.error(f"no library is called {name}; choose from {', '.join(LIBRARIES)}")
        if absence := LIBRARIES[name].absence:
            parser.error(f"{name} cannot be measured: {absence}")
    if not options.rows:
        parser.error("no row has such a name; --list prints them")
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least one")
    if not options.seconds > 0:
        parser.error(f"--seconds {options.seconds}: more than none")
    return options


def _there() -> list[Library]:
    return [library for library in LIBRARIES.values() if not library.absence]


def subject() -> str:
    """Which gzmq is measured, and where it is."""
    build = look(pure=False)
    if build is None:
        return "no gzmq is installed"
    kind = "with its compiled modules, and without" if build.compiled else "pure: nothing is compiled"
    place = "as it is installed" if build.installed else "FROM ITS SOURCE TREE (make bench measures it installed)"
    return f"gzmq {build.version}, {kind}, {place}: {build.file}"


def main(argv: list[str] | None = None) -> None:
    """Measure, print the table, write the results."""
    options = arguments(argv)
    if options.list:
        print("\n".join(row.name for row in ROWS))
        for library in LIBRARIES.values():
            print(f"{library.name}: {library.title}{f' ({library.absence})' if library.absence else ''}")
        return
    print(subject(), file=sys.stderr)
    rounds, budget = (1, None) if options.quick else (options.rounds, options.seconds)
    libraries = [LIBRARIES[name] for name in options.libs]
    with shown(sum(steps(row, libraries, rounds, budget) for row in options.rows)) as tell:
        played = measure(options.rows, libraries, rounds, budget, tell)
    results = report.summary(played, rounds, budget)
    print(report.table(results, options.libs))
    if folder := options.out or (RESULTS if options.whole or options.update else None):
        path = folder / "latest.json"
        if options.update and path.exists():
            results = report.updated(json.loads(path.read_text()), results, [row.name for row in ROWS])
        write(results, folder)


def write(results: dict, folder: Path) -> None:
    """Leave the results and their plots in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(results, indent=1) + "\n")
    if why_not := plots.why_not():
        print(f"no plots: {why_not}", file=sys.stderr)
    else:
        plots.draw(results, folder)


if __name__ == "__main__":
    main()
