"""The import rules of the house, read from the source."""

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gzmq"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: The only modules that know gevent.
KNOW_GEVENT = {
    "auth.base", "context", "core", "forwarding", "home", "message", "messaging", "monkey", "poll", "preload", "socket",
    "waitqueue",
    "devices.basedevice", "devices.child", "devices.thread", "log.__main__", "log.handlers", "testing.address",
    "testing.wire",
    "transport.dialer", "transport.engine", "transport.listener", "transport.session",
}  # fmt: skip
#: Rooms from the top down; a module imports only from its own room or one below.
FLOORS = [
    {
        "__init__",
        "__main__",
        "auth",
        "build",
        "green",
        "decorators",
        "monkey",
        "devices",
        "log",
        "preload",
        "sugar",
        "curve_keygen",
        "testing",
    },
    {"asyncio", "backend", "eventloop", "ssh"},
    {"context", "forwarding"},
    {"socket"},
    {"binding", "contextcore", "conveniences", "core", "labels", "messaging", "observing", "peers", "socketoptions"},
    {"transport"},
    {"pgm"},
    {"datapath", "poll", "monitor", "pattern", "zmtp"},
    {"ends", "eventfd", "pipe", "resident", "shadows", "slices", "standstill", "termination", "waitqueue"},
    {"home"},
    {"alarms"},
    {"turn"},
    {"endpoint", "message", "options"},
    {"security"},
    {"limits"},
    {"keys"},
    {"buffers"},
    {"error", "utils"},
    {"bases", "constants", "numeric", "onuse", "originals", "record", "version"},
]


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def statements(node):
    """All that are run: not what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from statements(child)


def imports(path):
    """Absolute names of what a module imports, now or when it needs it; gzmq's own as "gzmq:" and what follows that."""
    package = list(path.relative_to(PACKAGE).parts[:-1])
    for node in statements(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                inner = PACKAGE.joinpath(*base, alias.name)
                named = [*base, alias.name] if inner.is_dir() or inner.with_suffix(".py").exists() else base
                yield "gzmq:" + ".".join(named or ["__init__"])


def floor(name):
    room = name.split(".")[0]
    return next((level for level, rooms in enumerate(FLOORS) if room in rooms), None)


@cache
def graph():
    return {module_name(path): {name[5:] for name in imports(path) if name.startswith("gzmq:")} for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_every_module_has_a_floor(path):
    """A new module is put in its place before it imports anything."""
    assert floor(module_name(path)) is not None


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_go_down_only(path):
    """No module imports from a floor above its own."""
    name = module_name(path)
    assert [other for other in graph()[name] if floor(other) < floor(name)] == []


def test_imports_have_no_circle():
    """Some order exists in which every module can be loaded after all that it imports."""
    left = {name: {other for other in others if other != name} for name, others in graph().items()}
    while left:
        free = [name for name, others in left.items() if not others & set(left)]
        assert free, f"a circle among {sorted(left)}"
        for name in free:
            del left[name]


@pytest.mark.parametrize(
    "path", [p for p in MODULES if module_name(p).split(".")[0] in ("zmtp", "pgm")], ids=module_name
)
def test_protocols_do_no_io(path):
    """They know neither gevent nor sockets nor the time."""
    assert {name.split(".")[0] for name in imports(path)} & {"gevent", "socket", "_socket", "time", "select"} == set()


@pytest.mark.parametrize("room, other", [("pattern", "transport"), ("transport", "pattern")])
def test_patterns_and_transports_do_not_know_each_other(room, other):
    """Neither imports the other, nor the socket."""
    for name, others in graph().items():
        if name.split(".")[0] == room:
            assert not {o for o in others if o.split(".")[0] in (other, "socket", "core")}, name


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_the_named_modules_know_gevent(path):
    """Everything else can be tested and read without an event loop."""
    knows = any(name.split(".")[0] in ("gevent", "greenlet") for name in imports(path))
    assert not knows or module_name(path) in KNOW_GEVENT
