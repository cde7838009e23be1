"""The two builds: which one runs, and what becomes of the hot modules where they cannot be compiled."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gzmq
from gzmq.build import HOT

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


def test_one_build_runs():
    """All hot modules are compiled, and in one file; or none is."""
    files = {module: Path(importlib.import_module(f"gzmq.{module}").__file__).name for module in HOT}
    sources = {module: f"{module.rpartition('.')[2]}.py" for module in HOT}
    assert gzmq.compiled or files == sources
    assert not gzmq.compiled or {name.partition(".")[0] for name in files.values()} == {"hot"}


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
    assert declared and declared <= set(HOT)


def declared():
    """{class: the attributes that a `.pxd` gives it, those of its bases among them}."""
    own, bases = {}, {}
    for path in (ROOT / "gzmq").rglob("*.pxd"):
        for head in re.split(r"^cdef class ", path.read_text(), flags=re.MULTILINE)[1:]:
            name, base = re.match(r"(\w+)(?:\((\w+)\))?", head).groups()
            own[name] = set(re.findall(r"^    cdef (?:public |readonly )?[\w.]+ (\w+)$", head, re.MULTILINE))
            bases[name] = base

    def known(name):
        return own[name] | known(bases[name]) if name in own else set()

    return {name: known(name) for name in own}


def attributes(cls):
    """What the methods of a class set on `self`, and is no method."""
    methods = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
    found = (node for node in ast.walk(cls) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return {node.attr for node in found if isinstance(node.value, ast.Name) and node.value.id == "self"} - methods


#: Those beside a module that is compiled from its `.py`.
PXDS = [path for path in sorted((ROOT / "gzmq").rglob("*.pxd")) if not path.with_suffix(".pyx").exists()]


@pytest.mark.parametrize("path", PXDS, ids=lambda path: path.stem)
def test_a_pxd_declares_what_its_classes_set(path):
    """A compiled class has no other attributes, which the sources alone would not notice."""
    known = declared()
    for cls in ast.parse(path.with_suffix(".py").read_text()).body:
        if isinstance(cls, ast.ClassDef) and cls.name in known:
            assert attributes(cls) <= known[cls.name], cls.name
