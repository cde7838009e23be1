"""Claims of fuzzing: a short run of every target, and that the tools find what there is to find."""

import subprocess
import sys

import pytest

from ..scripts import ROOT
from .corpus import seeds
from .mutate import Mutator
from .runner import fuzz, keep
from .targets import TARGETS

#: Of each target; the run of docs/fuzzing.md is longer.
SHORT = 200


def run(*arguments, cwd=ROOT):
    """The runner in a process of its own: (exit status, what it prints)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_borne(name):
    """Mutations of what is right."""
    failure = fuzz(name, SHORT)
    assert failure is None, (failure.data, failure.error)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\0", b"\xff", b"\0\xff" * 50, bytes(3000)], ids=len)
def test_so_are_the_shortest_and_the_plainest(name, data):
    """What mutation would hardly make."""
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_taken(name):
    """Each of them, to every variety."""
    for seed in seeds(name):
        for choice in range(0, 256, 17):
            TARGETS[name](bytes((choice,)) + seed[1:])


def test_the_same_number_gives_the_same_inputs():
    """So a failure can be had again."""
    one, same, other = (Mutator([b"\0seed", b"\0" + bytes(50)], number) for number in (1, 1, 2))
    first = [next(one) for _ in range(200)]
    assert first == [next(same) for _ in range(200)] != [next(other) for _ in range(200)]


def test_a_fault_is_found_and_kept(tmp_path):
    """By a target that has one, two mutations deep."""

    def faulty(data):
        if b"\xff" in data[1:] and len(data) > 40:
            raise RecursionError("a fault")

    failure = fuzz("null", 5000, target=faulty)
    assert isinstance(failure.error, RecursionError)
    with pytest.raises(RecursionError):
        faulty(keep(failure, tmp_path).read_bytes())


def test_the_runner_says_what_it_did():
    """And ends with 0 when all is clean."""
    status, said = run("--target", "decoder", "--inputs", "200", "--seed", "3")
    assert status == 0 and "200 inputs" in said and "0 targets failed" in said


def test_the_runner_names_its_targets():
    """Also to who asks for another."""
    assert run("--list") == (0, "".join(f"{name}\n" for name in TARGETS))
    status, said = run("--target", "nothing")
    assert status == 2 and "there is no target nothing; the targets are" in said


def test_the_runner_plays_an_input_again(tmp_path):
    """Of a file."""
    (tmp_path / "fuzz-decoder.bin").write_bytes(b"\0\0\5hello")
    assert run("--target", "decoder", str(tmp_path / "fuzz-decoder.bin")) == (0, "")
