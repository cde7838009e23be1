"""All options by number, and the values that one socket's or one context's have."""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

from ..constants import SocketType
from ..error import zmq_error
from ..limits import LIMITS
from ..security import Security
from . import connections, contexts, messages, networks, security
from .row import Row

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network


#: The modules that have the rows of sockets, by subject.
SOCKET_ROOMS = (messages, connections, security, networks)
#: All rows by number: of sockets.
ROWS: dict[int, Row] = {int(row.number): row for room in SOCKET_ROOMS for row in room.ROWS}
#: Of contexts.
CONTEXT_ROWS: dict[int, Row] = {int(row.number): row for row in contexts.ROWS}


class _Values:
    """Values by number through `set` and `get`, by lower-case name as attributes.

    An attribute that was never set is the class's own, the default, so that a copy costs what was set only.
    """

    _rows: ClassVar[dict[int, Row]]
    _whose = ""
    type_name = ""

    @classmethod
    def row(cls, option: int) -> Row:
        """The row of an option. Raises ZMQError EINVAL for a number that is none, TypeError for what is no number."""
        try:
            return cls._rows[option]
        except (KeyError, TypeError):
            if not isinstance(option, int):
                raise TypeError(f"options are numbers such as gzmq.LINGER, not {option!r}") from None
            raise zmq_error(errno.EINVAL, f"there is no {cls._whose} option {option!r}") from None

    def check(self, option: int, value: Any) -> tuple[Row, Any]:
        """An option's row, and the value if it may have it. Raises TypeError, OverflowError, ZMQError EINVAL."""
        if option not in self._rows:
            Row(f"{self._whose} option {option!r}").as_kind(value)  # pyzmq takes what it does not know for a number
        row = self.row(option)
        return row, row.check(value, self.type_name)

    def keep(self, row: Row, value: Any) -> None:
        """Keep a value that was checked."""
        setattr(self, row.attribute, row.keep(getattr(self, row.attribute), value))

    def set(self, option: int, value: Any) -> None:
        """Set an option that is owned here. Raises TypeError, OverflowError, ZMQError EINVAL."""
        self.keep(*self.check(option, value))

    def get(self, option: int) -> Any:
        """An option's value. Raises ZMQError EINVAL for one that cannot be read."""
        row = self.row(option)
        row.check_readable(self.type_name)
        return row.show(getattr(self, row.attribute))


def _defaults(rows: dict[int, Row]) -> dict[str, Any]:
    """By attribute; those that are kept as something else have theirs in the class."""
    kept = (row for row in rows.values() if row.owner == "options" and not (row.missing or row.kept_as))
    return {row.attribute: row.default for row in kept}


class Options(_Values):
    """The values of one socket's options."""

    _rows = ROWS
    locals().update(_defaults(ROWS))
    _whose = "socket"
    linger: int
    ipv6: int
    _properties: tuple[tuple[bytes, bytes], ...] = ()
    #: ("UID", 1000) and so on: whose ipc connections are accepted; all when there is none.
    ipc_filters: frozenset[tuple[str, int]] = frozenset()
    #: The networks whose tcp connections are accepted; all when there is none.
    tcp_filters: tuple[IPv4Network | IPv6Network, ...] = ()
    security = Security()
    limits = LIMITS
    socket_type: SocketType
    #: Socket type -> the defaults that are its own.
    _own: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, socket_type: SocketType, context_options: ContextOptions):
        self.socket_type = socket_type
        self.type_name = socket_type.name
        self.__dict__.update(self._own.get(self.type_name, ()))
        if not context_options.blocky:
            self.linger = 0
        if context_options.ipv6:
            self.ipv6 = 1
        self.limits = context_options.limits

    def copy(self) -> Options:
        """The values as they are now, for a connection made now."""
        made = Options.__new__(Options)
        made.__dict__.update(self.__dict__)
        return made

    def metadata_properties(self) -> dict[bytes, bytes]:
        """The application's own properties for READY, from METADATA."""
        return dict(self._properties)


class ContextOptions(_Values):
    """The values of a context's options; IPV6 and BLOCKY are defaults for its sockets' IPV6 and LINGER."""

    _rows = CONTEXT_ROWS
    locals().update(_defaults(CONTEXT_ROWS))
    _whose = "context"
    blocky: int
    ipv6: int
    max_msgsz: int
    limits = LIMITS
    #: What THREAD_AFFINITY_CPU_ADD has added.
    cpus: frozenset[int] = frozenset()


for _row in ROWS.values():
    for _type_name, _own in _row.default_for.items():
        Options._own.setdefault(_type_name, {})[_row.attribute] = _own


def refuse_unknown(owner: object, name: str, *options: type[IntEnum]) -> None:
    """Raise AttributeError before a public attribute is set that nothing knows: most are misspelt options.

    Subclasses declare their own attributes in the class, as pyzmq has it, or begin them with an underscore.
    """
    if name.startswith("_") or name in owner.__dict__ or hasattr(type(owner), name):
        return
    if any(name in vars(cls).get("__annotations__", ()) for cls in type(owner).__mro__):
        return
    from difflib import get_close_matches  # for an error alone

    known = [member.lower() for enum in options for member in enum.__members__]
    close = get_close_matches(name.lower(), known, 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise AttributeError(f"{type(owner).__name__} has no attribute or option {name!r}{hint}")
