"""One option: its number, type, default, range and meaning, the check of a value, and how that is kept."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..constants import ContextOption, SocketOption
from ..error import zmq_error
from ..record import Record

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

#: What a value must be: in words, and as a test.
Check = tuple[str, Callable[[Any], bool]]

ANY: Check = ("any number", lambda value: True)
TRUTH: Check = ("0 or, for true, any other number", lambda value: True)
FLAG: Check = ("0 or 1", lambda value: value in (0, 1))
SWITCH: Check = ("0 or, for true, more", lambda value: value >= 0)
NATURAL: Check = ("0 or more", lambda value: value >= 0)
POSITIVE: Check = ("1 or more", lambda value: value >= 1)
OR_INFINITE: Check = ("-1 or more", lambda value: value >= -1)
OR_DEFAULT: Check = ("-1 (the system's default) or more", lambda value: value >= -1)
OR_SYSTEMS: Check = ("1 or more; -1 and 0 are the system's default", lambda value: value >= -1)
TRISTATE: Check = ("-1 (the system's default), 0 or 1", lambda value: value in (-1, 0, 1))
TTL: Check = ("0 to 6553599, and is cut to tenths of a second", lambda value: -100 < value <= 6_553_599)
BYTES: Check = ("any bytes", lambda value: True)
SOME: Check = ("1 byte or more", lambda value: len(value) >= 1)
NAME: Check = ("1 to 255 bytes", lambda value: 1 <= len(value) <= 255)
DEVICE: Check = ("1 to 16 bytes, the name of an interface", lambda value: 1 <= len(value) <= 16)
PROPERTY: Check = (
    "name:value, where the name begins with X- and neither is empty",
    lambda value: value.startswith(b"X-") and len(value.partition(b":")[0]) > 2 and bool(value.partition(b":")[2]),
)
TEXT: Check = ("at most 255 bytes", lambda value: len(value) <= 255)
NETWORK: Check = (
    "an address or a network such as 10.0.0.0/8, or empty",
    lambda value: not value or _is_network(value),
)
NEVER: Check = ("read only", lambda value: False)


class Row(Record):
    """One option of sockets, or of a context.

    name: as in SocketOption or ContextOption. does: what it does here, in a sentence. default: also says whether
    values are int or bytes; ``default_for`` has that of the socket types where it differs. unit: what a number counts.
    must_be: what holds of a value. types: the socket types that have it (None: all). bits: the size of a number.
    draft: libzmq has it in its draft API only. missing: why gzmq lacks it.

    How it is kept: as the attribute ``kept_as`` of `Options` (that of its name), changed by ``keep(kept, value)``
    (the value) and read as ``show(kept)`` (as kept). ``owner`` "socket" says that the socket itself, and not its table
    of values, knows or does what the option says. The values of a ``secret`` are in no error.
    """

    name: str
    does: str = ""
    default: int | bytes = 0
    must_be: Check = ANY
    unit: str = ""
    types: frozenset[str] | None = None
    default_for: Mapping[str, int | bytes] = MappingProxyType({})
    readable: bool = True
    bits: int = 32
    owner: str = "options"
    kept_as: str = ""
    keep: Callable[[Any, Any], Any] = staticmethod(lambda kept, value: value)
    show: Callable[[Any], Any] = staticmethod(lambda kept: kept)
    secret: bool = False
    draft: bool = False
    missing: str = ""
    enum: type[SocketOption] | type[ContextOption] = SocketOption
    #: The number of an option that pyzmq's enums lack.
    own_number: int = 0

    @property
    def attribute(self) -> str:
        """Where `Options` keeps the value."""
        return self.kept_as or self.name.lower()

    @property
    def number(self) -> int:
        """The option's number."""
        return self.own_number or self.enum[self.name]

    @property
    def kind(self) -> type:
        """What its values are: int or bytes."""
        return type(self.default)

    @property
    def settable(self) -> bool:
        """Whether it can be set."""
        return self.must_be is not NEVER and not self.missing

    def check(self, value: Any, type_name: str) -> Any:
        """The value, as an int or bytes. Raises TypeError, OverflowError, or ZMQError EINVAL."""
        checked = self.as_kind(value)
        self.check_there(type_name)
        words, holds = self.must_be
        if not holds(checked):
            raise zmq_error(errno.EINVAL, f"cannot set {self.name} to {self.shown(value)}: it must be {words}")
        return checked

    def as_kind(self, value: Any) -> Any:
        """The value as a plain int or bytes. Raises TypeError, OverflowError."""
        return self._as_bytes(value) if self.kind is bytes else self._as_int(value)

    def shown(self, value: Any) -> str:
        """A value as an error may show it."""
        if not self.secret:
            return repr(value)
        return f"{len(value)} bytes" if isinstance(value, bytes) else f"a secret of type {type(value).__name__}"

    def check_known(self) -> None:
        """Raise ZMQError EINVAL when gzmq does not have the option."""
        if self.missing:
            raise zmq_error(errno.EINVAL, f"gzmq has no option {self.name}: {self.missing}")

    def check_there(self, type_name: str) -> None:
        """Raise ZMQError EINVAL when sockets of this type do not have the option."""
        self.check_known()
        if self.types is not None and type_name not in self.types:
            raise zmq_error(
                errno.EINVAL, f"{type_name} sockets have no option {self.name}; {', '.join(sorted(self.types))} have"
            )

    def check_readable(self, type_name: str) -> None:
        """Raise ZMQError EINVAL when it cannot be read from sockets of this type."""
        self.check_there(type_name)
        if not self.readable:
            raise zmq_error(errno.EINVAL, f"{self.name} can be set but not read")

    def _as_int(self, value: Any) -> int:
        if not isinstance(value, int):
            raise TypeError(f"{self.name} is a number, not {value!r}")
        if not -(2 ** (self.bits - 1)) <= value < 2 ** (self.bits - 1):
            raise OverflowError(f"{self.name}={value} does not fit into {self.bits} bits")
        return int(value)

    def _as_bytes(self, value: Any) -> bytes:
        if isinstance(value, str):
            raise TypeError(f"{self.name} is bytes, not text {self.shown(value)}: use set_string or encode it")
        if not isinstance(value, bytes):
            raise TypeError(f"{self.name} is bytes, not {self.shown(value)}")
        return value


def truth(kept: Any, value: int) -> int:
    """How a switch is kept that may be set to any number."""
    return int(bool(value))


def network(value: bytes) -> IPv4Network | IPv6Network:
    """An address with, after a slash, how many of its bits count. Raises ValueError."""
    from ipaddress import ip_network  # for this option alone

    return ip_network(value.decode().replace("[", "").replace("]", ""), strict=False)


def _is_network(value: bytes) -> bool:
    try:
        network(value)
    except ValueError:
        return False
    return True
