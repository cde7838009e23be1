"""``python -m tests.fuzz [--target NAME] [--inputs N] [--seed N] [--atheris] [FILE ...]``: see docs/fuzzing.md."""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz what reads bytes in gzmq.")
    parser.add_argument("--target", help="one of --list; all by default")
    parser.add_argument("--inputs", type=int, default=100_000, help="how many, shared out among the targets")
    parser.add_argument("--seed", type=int, default=0, help="other inputs for another number")
    parser.add_argument("--atheris", action="store_true", help="guided by coverage, with atheris; needs --target")
    parser.add_argument("--list", action="store_true", help="say which targets there are")
    parser.add_argument("files", nargs="*", type=Path, help="inputs to give to --target again, such as fuzz-NAME.bin")
    options = parser.parse_args()
    if options.atheris:
        guided(parser, options)
    from .runner import TARGETS, fuzz, keep

    if options.target and options.target not in TARGETS:
        parser.error(f"there is no target {options.target}; the targets are {', '.join(TARGETS)}")
    if options.list:
        print("\n".join(TARGETS))
        return 0
    if options.files:
        for path in options.files:
            TARGETS[options.target](path.read_bytes())
        return 0
    names = [options.target] if options.target else list(TARGETS)
    each = -(-options.inputs // len(names))
    began = time.monotonic()
    failures = []
    for name in names:
        start = time.monotonic()
        failure = fuzz(name, each, options.seed)
        seconds = time.monotonic() - start
        print(f"{name:20} {each:8} inputs {seconds:7.1f} s  {'FAILED' if failure else 'clean'}", flush=True)
        if failure:
            traceback.print_exception(failure.error)
            print(f"the input is in {keep(failure)}", flush=True)
            failures.append(failure)
    print(f"{each * len(names)} inputs, {time.monotonic() - began:.0f} s, {len(failures)} targets failed")
    return bool(failures)


def guided(parser, options):
    """Let atheris make the inputs, from the same seeds, with gzmq instrumented for coverage."""
    try:
        import atheris
    except ImportError:
        parser.error("--atheris needs atheris: pip install atheris")
    if not options.target:
        parser.error("--atheris needs --target NAME")
    with atheris.instrument_imports(include=["gzmq"]):
        from .runner import TARGETS, seeds
    folder = Path(tempfile.mkdtemp(prefix="gzmq-fuzz-"))
    for number, seed in enumerate(seeds(options.target)):
        (folder / f"seed{number}").write_bytes(seed)
    arguments = [sys.argv[0], str(folder), f"-runs={options.inputs}", f"-seed={options.seed + 1}", "-max_len=32768"]
    atheris.Setup(arguments, TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
