"""The two builds: which one runs, and what becomes of the hot modules where they cannot be compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gzmq

ROOT = Path(__file__).parent.parent


def python(*arguments, **environment):
    """What a Python program prints."""
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


def test_gzmq_pure_runs_the_sources():
    """GZMQ_PURE=1 imports every module of ours from its `.py`, also where a compiled one is beside it."""
    loaded = (
        "import sys, gzmq; print(gzmq.compiled, {m.__file__[-3:] for n, m in sys.modules.items() if n[:5] == 'gzmq.'})"
    )
    assert python("-c", loaded, GZMQ_PURE="1") == "False {'.py'}\n"


def test_gzmq_says_which_build_runs():
    """`gzmq.compiled` is whether the hot modules are compiled."""
    assert gzmq.compiled == (not gzmq.pipe.__file__.endswith(".py"))


@pytest.fixture
def build(tmp_path):
    """Build the package into a folder with some environment: (the compiled modules there, what the build says)."""

    def build(**environment):
        made = tmp_path / "lib"
        said = python(
            "setup.py",
            "-q",
            "build",
            "--build-base",
            str(tmp_path),
            "--build-lib",
            str(made),
            GZMQ_PURE="",
            **environment,
        )
        assert (made / "gzmq" / "pipe.py").exists()
        return list(made.rglob("*.so")), said

    return build


def test_without_cython_the_build_is_pure_and_says_so(build, tmp_path):
    """What cannot be compiled is installed as it is."""
    (tmp_path / "Cython.py").write_text("raise ImportError('no Cython here')\n")
    compiled, said = build(PYTHONPATH=str(tmp_path))
    assert compiled == [] and "gzmq: pure Python, nothing is compiled (ImportError: no Cython here)" in said


def test_every_type_declaration_has_its_module():
    """A `.pxd` is beside a `.py` that the build compiles."""
    declared = {
        ".".join(path.relative_to(ROOT / "gzmq").with_suffix("").parts) for path in (ROOT / "gzmq").rglob("*.pxd")
    }
    text = (ROOT / "setup.py").read_text()
    assert declared and [name for name in declared if f'"{name}"' not in text] == []
