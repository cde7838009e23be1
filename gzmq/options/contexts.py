"""The options of a context."""

from __future__ import annotations

import errno

from ..constants import ContextOption, SocketOption
from ..error import zmq_error
from .row import ANY, NATURAL, NEVER, POSITIVE, SWITCH, Row, truth

_NO_THREADS = "has no effect: sockets run in the hub of their own thread"
#: libzmq gives the number alone a meaning; pyzmq's ContextOption does not name it.
_ZERO_COPY_RECV = 10


def _remove(kept: frozenset[int], value: int) -> frozenset[int]:
    if value not in kept:
        known = ", ".join(map(str, sorted(kept))) or "none"
        raise zmq_error(errno.EINVAL, f"cannot remove CPU {value}: THREAD_AFFINITY_CPU_ADD has added {known}")
    return kept - {value}


def _row(name: str, does: str, default: int, must_be: tuple = ANY, unit: str = "", **more: object) -> Row:
    return Row(name, does, default, must_be, unit, enum=ContextOption, **more)  # type: ignore[arg-type]


ROWS = [
    _row("IO_THREADS", f"Keeps its value and {_NO_THREADS}.", 1, NATURAL, "threads"),
    _row("MAX_SOCKETS", "How many sockets may be open at once.", 1023, POSITIVE, "sockets"),
    _row(
        "SOCKET_LIMIT",
        f"Reads the largest MAX_SOCKETS that makes sense; set, it is THREAD_PRIORITY, which {_NO_THREADS}.",
        65535,
        NATURAL,
        "sockets",
        keep=lambda kept, value: kept,
    ),
    _row("THREAD_SCHED_POLICY", f"Keeps its value and {_NO_THREADS}.", -1, NATURAL),
    _row(
        "MAX_MSGSZ",
        "The largest frame that sockets made from now on send; a larger one raises EMSGSIZE.",
        2**31 - 1,
        NATURAL,
        "bytes",
    ),
    _row(
        "MSG_T_SIZE",
        "The size of libzmq's zmq_msg_t, for programs that ask; there is no such thing here.",
        64,
        NEVER,
        "bytes",
    ),
    _row(
        "THREAD_AFFINITY_CPU_ADD",
        f"Notes a CPU and {_NO_THREADS}.",
        0,
        NATURAL,
        "number of a CPU",
        readable=False,
        kept_as="cpus",
        keep=lambda kept, value: kept | {value},
    ),
    _row(
        "THREAD_AFFINITY_CPU_REMOVE",
        f"Forgets a CPU that was added and {_NO_THREADS}.",
        0,
        NATURAL,
        "number of a CPU",
        readable=False,
        kept_as="cpus",
        keep=_remove,
    ),
    _row("THREAD_NAME_PREFIX", f"Keeps its value and {_NO_THREADS}.", 0),
    _row(
        "ZERO_COPY_RECV",
        "Keeps its value and has no effect: large frames are received in place always.",
        1,
        SWITCH,
        keep=truth,
        own_number=_ZERO_COPY_RECV,
    ),
    _row("IPV6", "The IPV6 of the sockets made from now on.", 0, SWITCH, keep=truth, own_number=SocketOption.IPV6),
    _row(
        "BLOCKY",
        "Whether the LINGER of the sockets made from now on is that of their type; else it is 0.",
        1,
        SWITCH,
        keep=truth,
        own_number=SocketOption.BLOCKY,
    ),
]
