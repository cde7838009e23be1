"""Writes docs/options.md, which is the table of options as prose: ``python -m docs.options``."""

from __future__ import annotations

from pathlib import Path

from gzmq.constants import SocketOption
from gzmq.options import Row, contexts
from gzmq.options.values import SOCKET_ROOMS

PAGE = Path(__file__).with_name("options.md")
_ABOUT = """\
# The options

Made from the table in `gzmq/options/` by `make docs`.

`socket.set(gzmq.LINGER, 0)`, `socket.linger = 0` and `socket.LINGER = 0` are the same, and so for every option of a
socket; `socket.get` and the attributes read them. Values are int or bytes; `set_string` and `get_string` take and give
text. Another kind of value raises TypeError, a number that is too large OverflowError, any other value out of range
ZMQError EINVAL, as does an option that the socket's type does not have. What can be set only raises EINVAL when it is
read, AttributeError as an attribute. A connection has the options that its socket had at `connect`, or at `bind`.

`context.set` and `context.get` are for the context's own. Attributes of a context that have the name of a socket's
option (`context.linger = 0`) are defaults for the sockets made from then on; `del context.linger` forgets one.

*Drafts* are options of libzmq's draft API, which is commonly not built.
"""
_HEAD = "| option | number | value | default | range | of | |\n|---|---:|---|---|---|---|---|\n"


def page() -> str:
    """The whole of it."""
    return "\n".join([_ABOUT, *(_section(room.__doc__, room.ROWS) for room in (*SOCKET_ROOMS, contexts))])


def _section(about: str, rows: list[Row]) -> str:
    title, _, rest = about.rstrip(".").partition(": ")
    text = f"## {title}\n\n" + (f"{rest[0].upper()}{rest[1:]}.\n\n" if rest else "") + _HEAD
    missing: dict[str, list[str]] = {}
    for row in rows:
        if row.missing:
            missing.setdefault(row.missing, []).append(f"`{row.name}` ({row.number:d})")
        else:
            text += _line(row)
    if missing:
        text += "\nEINVAL, to set and to get:\n\n"
        text += "".join(f"- {', '.join(names)}: {why}.\n" for why, names in missing.items())
    return text


def _line(row: Row) -> str:
    kind = " ".join(
        filter(None, [row.kind.__name__ if row.bits == 32 else f"{row.kind.__name__}{row.bits}", _unit(row)])
    )
    of = ", ".join(sorted(row.types or ())) or ("all" if row.enum is SocketOption else "")
    draft = " *A draft.*" if row.draft else ""
    access = "" if row.readable else " Set only."
    cells = [_names(row), f"{row.number:d}", kind, _default(row), row.must_be[0], of, f"{row.does}{access}{draft}"]
    return "| " + " | ".join(cells) + " |\n"


def _names(row: Row) -> str:
    names = [name for name, option in row.enum.__members__.items() if option == row.number and name != row.name]
    return ", ".join(f"`{name}`" for name in [row.name, *names])


def _unit(row: Row) -> str:
    return f"({row.unit})" if row.unit else ""


def _default(row: Row) -> str:
    if row.owner == "socket" or not row.readable:
        return ""
    others = "".join(f", {kind}: {value!r}" for kind, value in sorted(row.default_for.items()))
    return f"{row.default!r}{others}".replace("b''", "empty")


if __name__ == "__main__":
    PAGE.write_text(page())
