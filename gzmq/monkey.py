"""`import zmq` gives gzmq, from here on in this process; ``python -m gzmq.monkey program`` runs a program that way.

The modules are the same objects under both names, so that ``zmq.Socket is gzmq.Socket`` and ``except zmq.Again`` means
ours. Only this process is patched: a child that starts a Python of its own is started through this module again.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import os
import pkgutil
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from importlib.util import find_spec
from runpy import run_module
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

import gzmq

from .version import pyzmq_version

_HERE = __name__.rpartition(".")[0]  # "gzmq"


class _Same(Loader):
    """Loads ``zmq.x`` by putting the module ``gzmq.x`` in its place."""

    def __init__(self, target: str):
        self.target = target

    def exec_module(self, module: ModuleType) -> None:
        """Called by the import system, which then takes what it finds in ``sys.modules``."""
        sys.modules[module.__name__] = importlib.import_module(self.target)

    def get_code(self, name: str) -> CodeType | None:
        """Called by ``runpy``, for ``-m zmq.log``."""
        loader = find_spec(self.target).loader  # type: ignore[union-attr]
        return loader.get_code(self.target) if isinstance(loader, InspectLoader) else None


class _Finder(MetaPathFinder):
    """Answers for zmq and all below it, so that nothing of pyzmq and no second copy of gzmq is ever loaded."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Called by the import system for each module that is not loaded yet."""
        if not _is_zmq(fullname):
            return None
        ours = _HERE + fullname[len("zmq") :]
        spec = find_spec(ours)
        if spec is None:
            _refuse(fullname)
        return ModuleSpec(fullname, _Same(ours), is_package=spec.submodule_search_locations is not None)


_finder = _Finder()


def _refuse(name: str) -> NoReturn:
    raise ModuleNotFoundError(f"gzmq has no {name}: import what you need from zmq or zmq.green", name=name)


def is_patched() -> bool:
    """Whether `import zmq` gives gzmq."""
    return _finder in sys.meta_path


def patch_zmq() -> None:
    """Let ``import zmq``, ``zmq.green`` and their submodules give gzmq's modules; a second call does nothing more.

    Call it first, before or after gevent's own patching, whether pyzmq is installed or not. ``zmq.__version__`` is then
    that of the pyzmq whose API this is; ``gzmq.version.__version__`` stays ours. Modules that have imported the real
    zmq before keep it, and a RuntimeWarning names them. Raises RuntimeError when there are open contexts or sockets of
    the real zmq, which cannot become ours.
    """
    if is_patched():
        return
    real = _real_modules()
    _refuse_open(real)
    holders = _holders(real)
    for name in real:
        del sys.modules[name]
    sys.meta_path.insert(0, _finder)
    sys.modules["zmq"] = gzmq
    gzmq.__version__ = pyzmq_version()
    if holders:
        warnings.warn(
            f"imported the real zmq before gzmq.monkey.patch_zmq() and keep it: {', '.join(holders)}; patch first",
            RuntimeWarning,
            stacklevel=2,
        )


def _is_zmq(name: object) -> bool:
    return isinstance(name, str) and name.partition(".")[0] == "zmq"


def _real_modules() -> dict[str, ModuleType]:
    """What is loaded of the real zmq."""
    return {name: module for name, module in sys.modules.items() if _is_zmq(name)}


def _refuse_open(real: dict[str, ModuleType]) -> None:
    """Raise RuntimeError when the real zmq is at work."""
    zmq = real.get("zmq")
    kinds = tuple(kind for name in ("Context", "Socket") if isinstance(kind := getattr(zmq, name, None), type))
    at_work = [thing for thing in gc.get_objects() if issubclass(type(thing), kinds) and not thing.closed]
    if at_work:
        names = ", ".join(sorted({type(thing).__name__ for thing in at_work}))
        raise RuntimeError(
            f"the real zmq has {len(at_work)} open objects in this process ({names}), which cannot become gzmq's; "
            "call gzmq.monkey.patch_zmq() before any is made, or run the program by python -m gzmq.monkey"
        )


def _holders(real: dict[str, ModuleType]) -> list[str]:
    """The modules outside zmq that have it, or something of it, in their namespace."""
    others = {name: module for name, module in sys.modules.items() if name not in real}
    return sorted(
        name
        for name, module in others.items()
        if issubclass(type(module), ModuleType) and any(map(_of_zmq, list(vars(module).values())))
    )


def _of_zmq(value: object) -> bool:
    kind = type(value)  # isinstance would ask objects that pretend to be others
    if issubclass(kind, ModuleType):
        return _is_zmq(vars(value).get("__name__"))
    return issubclass(kind, (type, FunctionType)) and _is_zmq(getattr(value, "__module__", None))


# -- python -m gzmq.monkey --------------------------------------------------------------------------------------------

_USAGE = """\
usage: python -m gzmq.monkey [--gevent] script.py [argument ...]
       python -m gzmq.monkey [--gevent] -m module [argument ...]

Run a Python program with `import zmq` and `import zmq.green` giving gzmq.

  --gevent    gevent.monkey.patch_all() first, so that threads are greenlets
  -m module   run a module, as python -m does; without it a script, or a directory or zip file with a __main__.py
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: patch, then be the program. Arguments: sys.argv's without the first."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with_gevent = as_module = False
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in ("-h", "--help"):
            print(_USAGE, end="")
            return
        elif word == "--gevent":
            with_gevent = True
        elif word == "-m":
            as_module = True
            break
        else:
            _usage_error(f"unknown option {word}")
    if not words:
        _usage_error("which program?")
    if with_gevent:
        from gevent.monkey import patch_all

        patch_all()
        # gevent's last act is to let others run, and with its first hub comes this module. Python forgets by what that
        # executes that an interrupt has ended the program, and would exit with 1.
        importlib.import_module("pprint")
    patch_zmq()
    sys.argv[:] = words
    try:
        _become(*(_module(words[0]) if as_module else _script(words[0])))
    except BaseException:
        _hide_our_frames()
        raise


def _usage_error(what: str) -> NoReturn:
    print(f"{_USAGE}\ngzmq.monkey: {what}", file=sys.stderr)
    sys.exit(2)


def _script(path: str) -> tuple[CodeType, dict[str, Any]]:
    """A script's code and what its __main__ knows of itself, as `python path` has it."""
    whole = os.path.abspath(path)
    importer = pkgutil.get_importer(whole)
    if importer is not None and (spec := importer.find_spec("__main__", None)):  # a directory or a zip file
        _set_first_path(whole)
        return _from_spec(spec)
    kind = SourcelessFileLoader if path.endswith(".pyc") else SourceFileLoader
    loader = kind("__main__", whole)
    try:
        data = loader.get_data(whole)
    except OSError as error:
        print(f"gzmq.monkey: can't open file {whole!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        sys.exit(2)
    _set_first_path(os.path.dirname(os.path.realpath(path)))
    # A source file's get_code would leave a compiled copy beside it, which python does for imports alone.
    code = loader.source_to_code(data, whole) if isinstance(loader, SourceFileLoader) else loader.get_code("__main__")
    assert code is not None
    return code, {"__file__": whole, "__loader__": loader, "__spec__": None, "__package__": None, "__cached__": None}


def _module(name: str) -> tuple[CodeType, dict[str, Any]]:
    """A module's code and what its __main__ knows of itself, as `python -m name` has it."""
    try:
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            name += ".__main__"
            spec = find_spec(name)
    except ModuleNotFoundError as error:
        if not error.name or not f"{name}.".startswith(f"{error.name}."):
            raise
        spec = None
    if spec is None:
        sys.exit(f"{sys.executable}: No module named {name}")
    code, names = _from_spec(spec)
    sys.argv[0] = names["__file__"]
    return code, names


def _from_spec(spec: ModuleSpec) -> tuple[CodeType, dict[str, Any]]:
    code = spec.loader.get_code(spec.name)  # type: ignore[union-attr]
    if code is None:
        sys.exit(f"{sys.executable}: No code object available for {spec.name}")
    about = {"__file__": spec.origin, "__loader__": spec.loader, "__spec__": spec, "__package__": spec.parent}
    return code, {**about, "__cached__": spec.cached}


def _set_first_path(path: str) -> None:
    """Where python looks first for a script's imports; for `-m gzmq.monkey` that was the working directory."""
    if not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
        sys.path[0] = path


def _become(code: CodeType, names: dict[str, Any]) -> None:
    """Run the code as ``__main__``, which it stays: threads and pickles may outlive its last line."""
    program = ModuleType("__main__")
    vars(program).update(names, __builtins__=builtins)
    sys.modules["__main__"] = program
    exec(code, vars(program))


def _hide_our_frames() -> None:
    """Let the traceback that python is about to print begin in the program."""
    hook = sys.excepthook

    ours = (__file__, run_module.__code__.co_filename, "<frozen ")

    def without_ours(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(ours):
            traceback = traceback.tb_next
        hook(kind, error.with_traceback(traceback), traceback)

    sys.excepthook = without_ours


if __name__ == "__main__":
    # As itself, once: this copy is named __main__, which the program is about to be.
    importlib.import_module("gzmq.monkey").main()
