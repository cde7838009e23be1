"""The options of sockets and contexts: one row per option says its number, type, default, check and where it lives."""

from __future__ import annotations

import errno
import operator
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from typing import Any

from .constants import ContextOption, SocketOption, SocketType
from .error import zmq_error

# -- checks: what a value must be, in words, and the test -----------------------------------------------------------

Check = tuple[str, Callable[[Any], bool]]

_ANY: Check = ("any number", lambda value: True)
_FLAG: Check = ("0 or 1", lambda value: value in (0, 1))
_NATURAL: Check = ("0 or more", lambda value: value >= 0)
_POSITIVE: Check = ("1 or more", lambda value: value >= 1)
_OR_INFINITE: Check = ("-1 or more", lambda value: value >= -1)
_OR_DEFAULT: Check = ("-1 (the system's default) or more", lambda value: value >= -1)
_TRISTATE: Check = ("-1 (the system's default), 0 or 1", lambda value: value in (-1, 0, 1))
_TTL: Check = ("0 to 6553599 ms", lambda value: 0 <= value <= 6_553_599)
_BYTES: Check = ("bytes", lambda value: True)
_NAME: Check = ("1 to 255 bytes", lambda value: 1 <= len(value) <= 255)
_DEVICE: Check = ("1 to 15 bytes, the name of an interface", lambda value: 1 <= len(value) <= 15)
_PROPERTY: Check = (
    "name:value, where the name begins with X- and neither is empty",
    lambda value: value.startswith(b"X-") and len(value.partition(b":")[0]) > 2 and bool(value.partition(b":")[2]),
)
_NEVER: Check = ("read only", lambda value: False)


@dataclass(frozen=True)
class Row:
    """One option. ``types`` are the socket types that have it (None: all); ``owner`` is "socket" when the socket
    itself, and not its table of values, knows or does what the option says; ``missing`` says why gzmq lacks it.
    """

    name: str
    default: Any = 0
    must_be: Check = _ANY
    types: frozenset[str] | None = None
    owner: str = "options"
    readable: bool = True
    bits: int = 32
    missing: str = ""

    @property
    def number(self) -> SocketOption:
        """The option's number."""
        return SocketOption[self.name]

    def check(self, value: Any, type_name: str) -> Any:
        """The value as it is kept. Raises TypeError, OverflowError, or ZMQError EINVAL."""
        self.check_known()
        words, holds = self.must_be
        value = _as_bytes(self, value) if isinstance(self.default, bytes) else _as_int(self, value)
        self.check_there(type_name)
        if not holds(value):
            raise zmq_error(errno.EINVAL, f"cannot set {self.name} to {value!r}: it must be {words}")
        return value

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


def _as_int(row: Row, value: Any) -> int:
    try:
        value = operator.index(value)
    except TypeError:
        raise TypeError(f"{row.name} is a number, not {value!r}") from None
    if not -(2 ** (row.bits - 1)) <= value < 2 ** (row.bits - 1):
        raise OverflowError(f"{row.name}={value} does not fit into {row.bits} bits")
    return value


def _as_bytes(row: Row, value: Any) -> bytes:
    if isinstance(value, str):
        raise TypeError(f"{row.name} is bytes, not text {value!r}: use set_string or encode it")
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError(f"{row.name} is bytes, not {value!r}") from None


# -- the table ------------------------------------------------------------------------------------------------------

_ROUTER = frozenset({"ROUTER"})
_REQ = frozenset({"REQ"})
_PUBLISHERS = frozenset({"PUB", "XPUB"})
_SUBSCRIBERS = frozenset({"SUB", "XSUB"})
_ASKERS = frozenset({"REQ", "DEALER", "ROUTER"})

_NO_SECURITY = "only the NULL mechanism is there; nothing would be protected"
_NO_MULTICAST = "the multicast transports are not there"
_NO_DRAFT = "the draft that it belongs to is not there"
_NO_GSSAPI = "the GSSAPI mechanism is not there"
_NO_VMCI = "the vmci transport is not there"
_NO_NORM = "the norm transport is not there"
_NO_WEBSOCKET = "the WebSocket transport is not there"

_ROWS = [
    # How much, how long.
    Row("SNDHWM", 1000, _NATURAL),  # messages per pipe; 0: no bound
    Row("RCVHWM", 1000, _NATURAL),
    Row("SNDTIMEO", -1, _OR_INFINITE),  # ms
    Row("RCVTIMEO", -1, _OR_INFINITE),
    Row("LINGER", -1, _OR_INFINITE),  # ms
    Row("MAXMSGSIZE", -1, _ANY, bits=64),  # bytes; negative: no bound
    Row("CONFLATE", 0, _FLAG),
    Row("IMMEDIATE", 0, _FLAG),
    # Connections.
    Row("RECONNECT_IVL", 100, _OR_INFINITE),  # ms; -1: never
    Row("RECONNECT_IVL_MAX", 0, _NATURAL),  # ms; 0: the interval does not grow
    Row("RECONNECT_STOP", 0, ("a sum of ReconnectStop's values, 0 to 7", lambda value: 0 <= value <= 7)),
    Row("CONNECT_TIMEOUT", 0, _NATURAL),  # ms; 0: the system's
    Row("HANDSHAKE_IVL", 30_000, _NATURAL),  # ms; 0: no bound
    Row("HEARTBEAT_IVL", 0, _NATURAL),  # ms; 0: no PINGs
    Row("HEARTBEAT_TTL", 0, _TTL),  # ms
    Row("HEARTBEAT_TIMEOUT", -1, _NATURAL),  # ms; -1: as HEARTBEAT_IVL
    Row("BACKLOG", 100, _NATURAL),
    Row("AFFINITY", 0, _ANY, bits=64),  # kept, without effect: there are no I/O threads to choose from
    Row("USE_FD", -1, _OR_INFINITE),  # a listening descriptor to bind with; -1: make one
    Row("IPC_FILTER_UID", 0, _ANY, readable=False),  # each value is one more whose connections are accepted
    Row("IPC_FILTER_GID", 0, _ANY, readable=False),
    Row("IPC_FILTER_PID", 0, _ANY, readable=False),
    Row("METADATA", b"", _PROPERTY, readable=False),
    # The descriptor.
    Row("SNDBUF", -1, _OR_DEFAULT),  # bytes
    Row("RCVBUF", -1, _OR_DEFAULT),
    Row("IPV6", 0, _FLAG),
    Row("IPV4ONLY", 1, _FLAG),
    Row("TOS", 0, ("0 to 255", lambda value: 0 <= value <= 255)),
    Row("PRIORITY", 0, _NATURAL),
    Row("BUSY_POLL", 0, _NATURAL),  # us
    Row("BINDTODEVICE", b"", _DEVICE),
    Row("TCP_KEEPALIVE", -1, _TRISTATE),
    Row("TCP_KEEPALIVE_CNT", -1, _OR_DEFAULT),
    Row("TCP_KEEPALIVE_IDLE", -1, _OR_DEFAULT),  # s
    Row("TCP_KEEPALIVE_INTVL", -1, _OR_DEFAULT),  # s
    Row("TCP_MAXRT", 0, _NATURAL),  # ms
    # Patterns.
    Row("ROUTING_ID", b"", _NAME),
    Row("CONNECT_ROUTING_ID", b"", _NAME, _ROUTER, readable=False),
    Row("PROBE_ROUTER", 0, _FLAG, _ASKERS, readable=False),
    Row("ROUTER_MANDATORY", 0, _FLAG, _ROUTER, readable=False),
    Row("ROUTER_HANDOVER", 0, _FLAG, _ROUTER, readable=False),
    Row("REQ_RELAXED", 0, _FLAG, _REQ, readable=False),
    Row("REQ_CORRELATE", 0, _FLAG, _REQ, readable=False),
    Row("XPUB_VERBOSE", 0, _FLAG, _PUBLISHERS, readable=False),
    Row("XPUB_VERBOSER", 0, _FLAG, _PUBLISHERS, readable=False),
    Row("XPUB_NODROP", 0, _FLAG, _PUBLISHERS, readable=False),
    Row("XPUB_MANUAL", 0, _FLAG, _PUBLISHERS, readable=False),
    Row("XPUB_WELCOME_MSG", b"", _BYTES, _PUBLISHERS, readable=False),
    Row("XSUB_VERBOSE_UNSUBSCRIBE", 0, _FLAG, _SUBSCRIBERS, readable=False),
    Row("INVERT_MATCHING", 0, _ANY),
    # What the socket itself does or knows.
    Row("SUBSCRIBE", b"", _BYTES, owner="socket", readable=False),
    Row("UNSUBSCRIBE", b"", _BYTES, owner="socket", readable=False),
    Row("TYPE", 0, _NEVER, owner="socket"),
    Row("RCVMORE", 0, _NEVER, owner="socket"),
    Row("EVENTS", 0, _NEVER, owner="socket"),
    Row("FD", 0, _NEVER, owner="socket"),
    Row("LAST_ENDPOINT", b"", _NEVER, owner="socket"),
    Row("TOPICS_COUNT", 0, _NEVER, _PUBLISHERS | _SUBSCRIBERS, owner="socket"),
    Row("MECHANISM", 0, _NEVER),
    Row("THREAD_SAFE", 0, _NEVER),
    # What gzmq does not have, and says so rather than take and ignore it.
    Row("HWM", missing="it is of ZeroMQ 2; set SNDHWM and RCVHWM, or both by socket.hwm"),
    Row("BLOCKY", missing="it is an option of the context"),
    *(
        Row(name, missing=why)
        for why, names in {
            _NO_SECURITY: "PLAIN_SERVER PLAIN_USERNAME PLAIN_PASSWORD CURVE_SERVER CURVE_PUBLICKEY CURVE_SECRETKEY "
            "CURVE_SERVERKEY ZAP_DOMAIN ZAP_ENFORCE_DOMAIN",
            _NO_GSSAPI: "GSSAPI_SERVER GSSAPI_PRINCIPAL GSSAPI_SERVICE_PRINCIPAL GSSAPI_PLAINTEXT "
            "GSSAPI_PRINCIPAL_NAMETYPE GSSAPI_SERVICE_PRINCIPAL_NAMETYPE",
            _NO_MULTICAST: "RATE RECOVERY_IVL MULTICAST_HOPS MULTICAST_MAXTPDU MULTICAST_LOOP",
            _NO_VMCI: "VMCI_BUFFER_SIZE VMCI_BUFFER_MIN_SIZE VMCI_BUFFER_MAX_SIZE VMCI_CONNECT_TIMEOUT",
            _NO_NORM: "NORM_MODE NORM_UNICAST_NACK NORM_BUFFER_SIZE NORM_SEGMENT_SIZE NORM_BLOCK_SIZE "
            "NORM_NUM_PARITY NORM_NUM_AUTOPARITY NORM_PUSH",
            _NO_WEBSOCKET: "WSS_KEY_PEM WSS_CERT_PEM WSS_TRUST_PEM WSS_HOSTNAME WSS_TRUST_SYSTEM",
            _NO_DRAFT: "ROUTER_NOTIFY IN_BATCH_SIZE OUT_BATCH_SIZE HELLO_MSG DISCONNECT_MSG HICCUP_MSG",
            "raw connections are not there": "ROUTER_RAW STREAM_NOTIFY",
            "connecting through a SOCKS proxy is not there": "SOCKS_PROXY SOCKS_USERNAME SOCKS_PASSWORD",
            "it is deprecated; filter by a firewall": "TCP_ACCEPT_FILTER",
            "it is for Windows": "LOOPBACK_FASTPATH",
            "subscriptions are decided by the first frame always": "ONLY_FIRST_SUBSCRIBE",
            "last value caching is not there; XPUB_MANUAL is": "XPUB_MANUAL_LAST_VALUE",
        }.items()
        for name in names.split()
    ),
]

ROWS: dict[int, Row] = {int(row.number): row for row in _ROWS}


class Options:
    """The values of one socket's options, by number through `set` and `get`, by lower-case name as attributes.

    An attribute that was never set is the class's own, the default, so that a copy costs what was set only.
    """

    socket_type: SocketType
    _properties: tuple[tuple[bytes, bytes], ...] = ()
    #: ("UID", 1000) and so on: whose ipc connections are accepted; all when there is none.
    ipc_filters: frozenset[tuple[str, int]] = frozenset()

    def __init__(self, socket_type: SocketType, context_options: ContextOptions):
        self.socket_type = socket_type
        # libzmq: "SUB and XSUB read LINGER 0"; what they send are subscriptions, of no use once they have gone.
        if socket_type in (SocketType.SUB, SocketType.XSUB) or not context_options.blocky:
            self.linger = 0
        if context_options.ipv6:
            self.ipv6 = 1

    @staticmethod
    def row(option: int) -> Row:
        """The row of an option. Raises ZMQError EINVAL for a number that is none."""
        try:
            return ROWS[option]
        except KeyError:
            raise zmq_error(errno.EINVAL, f"there is no socket option {option!r}; see gzmq.SocketOption") from None

    def set(self, option: int, value: Any) -> None:
        """Set an option that is owned here. Raises ZMQError EINVAL, TypeError, OverflowError."""
        row = self.row(option)
        value = row.check(value, self.socket_type.name)
        if row.name == "METADATA":
            name, _, content = value.partition(b":")
            self._properties = (*self._properties, (name, content))
        elif row.name.startswith("IPC_FILTER_"):
            self.ipc_filters |= {(row.name[-3:], value & 0xFFFFFFFF)}
        elif row.name == "IPV4ONLY":
            self.ipv6 = 1 - value
        elif row.name == "INVERT_MATCHING":
            self.invert_matching = int(bool(value))
        else:
            setattr(self, row.name.lower(), value)

    def get(self, option: int) -> Any:
        """An option's value. Raises ZMQError EINVAL for one that cannot be read."""
        row = self.row(option)
        row.check_there(self.socket_type.name)
        if not row.readable:
            raise zmq_error(errno.EINVAL, f"{row.name} can be set but not read")
        return 1 - self.ipv6 if row.name == "IPV4ONLY" else getattr(self, row.name.lower())

    def copy(self) -> Options:
        """The values as they are now, for a connection made now."""
        made = Options.__new__(Options)
        made.__dict__.update(self.__dict__)
        return made

    def metadata_properties(self) -> dict[bytes, bytes]:
        """The application's own properties for READY, from METADATA."""
        return dict(self._properties)


for _row in _ROWS:
    if _row.owner == "options" and not _row.missing:
        setattr(Options, _row.name.lower(), _row.default)


def refuse_unknown(owner: object, name: str, *options: type[IntEnum]) -> None:
    """Raise AttributeError before a public attribute is set that nothing knows: most are misspelt options.

    Subclasses declare their own attributes in the class, as pyzmq has it, or begin them with an underscore.
    """
    if name.startswith("_") or name in owner.__dict__ or hasattr(type(owner), name):
        return
    known = [member.lower() for enum in options for member in enum.__members__]
    close = get_close_matches(name.lower(), known, 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise AttributeError(f"{type(owner).__name__} has no attribute or option {name!r}{hint}")


# -- the context's --------------------------------------------------------------------------------------------------

#: What tunes libzmq's threads is kept and has no effect: there are none, sockets run in the hub of their own thread.
_CONTEXT_ROWS: dict[int, tuple[str, int, Check]] = {
    int(ContextOption.IO_THREADS): ("IO_THREADS", 1, _NATURAL),
    int(ContextOption.THREAD_SCHED_POLICY): ("THREAD_SCHED_POLICY", -1, _NATURAL),
    int(ContextOption.THREAD_AFFINITY_CPU_ADD): ("THREAD_AFFINITY_CPU_ADD", 0, _NATURAL),
    int(ContextOption.THREAD_AFFINITY_CPU_REMOVE): ("THREAD_AFFINITY_CPU_REMOVE", 0, _NATURAL),
    int(ContextOption.THREAD_NAME_PREFIX): ("THREAD_NAME_PREFIX", 0, _NATURAL),
    int(ContextOption.MAX_SOCKETS): ("MAX_SOCKETS", 1023, _POSITIVE),
    int(ContextOption.SOCKET_LIMIT): ("SOCKET_LIMIT", 65535, _NEVER),
    int(ContextOption.MAX_MSGSZ): ("MAX_MSGSZ", 2**31 - 1, ("read only; use the socket option MAXMSGSIZE", _NEVER[1])),
    int(SocketOption.IPV6): ("IPV6", 0, _FLAG),
    int(SocketOption.BLOCKY): ("BLOCKY", 1, _FLAG),
}


class ContextOptions:
    """The values of a context's options; IPV6 and BLOCKY are defaults for its sockets' IPV6 and LINGER."""

    def __init__(self) -> None:
        self._values = {number: default for number, (_, default, _) in _CONTEXT_ROWS.items()}

    @property
    def ipv6(self) -> int:
        """Whether new sockets have IPV6."""
        return self._values[SocketOption.IPV6]

    @property
    def blocky(self) -> int:
        """Whether new sockets linger without bound."""
        return self._values[SocketOption.BLOCKY]

    def set(self, option: int, value: int) -> None:
        """Set an option. Raises ZMQError EINVAL, TypeError. Source: zmq_ctx_set(3)."""
        name, _, (words, holds) = self._row(option)
        if not isinstance(value, int):
            raise TypeError(f"{name} is a number, not {value!r}")
        if not holds(value):
            raise zmq_error(errno.EINVAL, f"cannot set {name} to {value!r}: it must be {words}")
        self._values[option] = value

    def get(self, option: int) -> int:
        """An option's value. Raises ZMQError EINVAL. Source: zmq_ctx_get(3)."""
        self._row(option)
        return self._values[option]

    def _row(self, option: int) -> tuple[str, int, Check]:
        row = _CONTEXT_ROWS.get(option)
        if row is not None:
            return row
        known = ", ".join(name for name, _, _ in _CONTEXT_ROWS.values())
        raise zmq_error(errno.EINVAL, f"contexts have no option {option!r}; they have {known}")
