"""Command line: `python -m benchmarks [--quick] [--rows TEXT ...] [--libs NAME,...] [--rounds N] [--json FILE]`."""

import argparse
import json
import sys
from pathlib import Path

from . import report
from .libs import LIBRARIES
from .runner import ROWS, measure


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line. Exits with a message on a row or library that does not exist."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Throughput and round trips, side by side."
    )
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to see that it all runs; not for figures"
    )
    parser.add_argument("--list", action="store_true", help="print the rows and libraries, and stop")
    parser.add_argument("--rows", nargs="+", default=[""], metavar="TEXT", help="only rows whose name contains a TEXT")
    parser.add_argument("--libs", default=None, metavar="NAME,...", help="only these; all that are installed otherwise")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, whose median counts (5)")
    parser.add_argument("--seconds", type=float, default=0.4, metavar="S", help="length of a round (0.4)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there")
    options = parser.parse_args(argv)
    options.rows = [row for row in ROWS if any(text.lower() in row.name.lower() for text in options.rows)]
    installed = [name for name, library in LIBRARIES.items() if library.installed]
    options.libs = options.libs.split(",") if options.libs else installed
    if absent := [name for name in options.libs if name not in installed]:
        parser.error(f"not installed, or unknown: {', '.join(absent)}; choose from {', '.join(installed)}")
    if not options.rows:
        parser.error("no row has such a name; --list prints them")
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least one")
    return options


def tell(text: str) -> None:
    """Show what runs now, on one line of a terminal; elsewhere be silent."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def main(argv: list[str] | None = None) -> None:
    """Measure, print the table, write the JSON."""
    options = arguments(argv)
    if options.list:
        print("\n".join([row.name for row in ROWS] + [f"{lib.name}: {lib.title}" for lib in LIBRARIES.values()]))
        return
    rounds, budget = (1, None) if options.quick else (options.rounds, options.seconds)
    libraries = [LIBRARIES[name] for name in options.libs]
    played = []
    for at, row in enumerate(options.rows, 1):
        place = f"[{at}/{len(options.rows)}] "
        played.append(measure(row, libraries, rounds, budget, lambda text, place=place: tell(place + text)))
    tell("")
    results = report.summary(played, rounds, budget)
    print(report.table(results, options.libs))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
