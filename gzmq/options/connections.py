"""The options of connections: how they are made, watched and ended, and what acts on their file descriptors."""

from __future__ import annotations

from .checks import (
    ANY,
    DEVICE,
    FLAG,
    NATURAL,
    OR_DEFAULT,
    OR_INFINITE,
    OR_SYSTEMS,
    POSITIVE,
    PROPERTY,
    TRISTATE,
    TRUTH,
    TTL,
    truth,
)
from .row import Row

_NO_SOCKS = "connecting through a SOCKS proxy is not there"


def _ipc_filter(kind: str, whose: str) -> Row:
    return Row(
        f"IPC_FILTER_{kind}",
        f"Each value is one more {whose} whose ipc connections are accepted; without any, all are.",
        readable=False,
        attribute="ipc_filters",
        keep=lambda kept, value: kept | {(kind, value & 0xFFFFFFFF)},
    )


ROWS = [
    Row("RECONNECT_IVL", "How long to wait before connecting again; -1 is never.", 100, OR_INFINITE, "ms"),
    Row(
        "RECONNECT_IVL_MAX",
        "Up to what the wait doubles from attempt to attempt; 0 is not at all.",
        0,
        NATURAL,
        "ms",
    ),
    Row(
        "RECONNECT_STOP",
        "After what not to connect again: a sum of ReconnectStop's values (the third: `disconnect`).",
        0,
        ANY,
    ),
    Row("CONNECT_TIMEOUT", "How long one attempt to connect may take; 0 is as the system has it.", 0, NATURAL, "ms"),
    Row("HANDSHAKE_IVL", "How long a handshake may take; 0 is no bound.", 30_000, NATURAL, "ms"),
    Row("HEARTBEAT_IVL", "How often to send a PING; 0 is never.", 0, NATURAL, "ms"),
    Row(
        "HEARTBEAT_TTL",
        "After what silence the peer may give this side up, which PINGs tell it; 0 is never.",
        0,
        TTL,
        "ms",
        keep=lambda kept, value: max(value, 0) // 100 * 100,
    ),
    Row("HEARTBEAT_TIMEOUT", "How long the answer to a PING may take; -1 is HEARTBEAT_IVL.", -1, NATURAL, "ms"),
    Row("BACKLOG", "How many connections may wait to be accepted.", 100, NATURAL, "connections"),
    Row(
        "AFFINITY",
        "Keeps its value and has no effect: there are no I/O threads to choose from.",
        0,
        ANY,
        "mask of threads",
        bits=64,
    ),
    Row(
        "USE_FD",
        "A bound and listening descriptor for the next bind; -1 is make one.",
        -1,
        OR_INFINITE,
        "file descriptor",
    ),
    _ipc_filter("UID", "user"),
    _ipc_filter("GID", "group"),
    _ipc_filter("PID", "process"),
    Row(
        "METADATA",
        "Each X-name:value is one more property that peers hear of.",
        b"",
        PROPERTY,
        readable=False,
        attribute="_properties",
        keep=lambda kept, value: (*kept, tuple(value.split(b":", 1))),
    ),
    Row("SOCKS_PROXY", default=b"", missing=_NO_SOCKS),
    Row("SOCKS_USERNAME", default=b"", missing=_NO_SOCKS),
    Row("SOCKS_PASSWORD", default=b"", missing=_NO_SOCKS),
    Row("TCP_ACCEPT_FILTER", default=b"", missing="it is deprecated; filter by a firewall"),
    Row(
        "IN_BATCH_SIZE",
        "How much to read at once; a large frame is read in larger pieces.",
        1 << 16,
        POSITIVE,
        "bytes",
        draft=True,
    ),
    Row("OUT_BATCH_SIZE", "How much to encode for one write.", 1 << 17, POSITIVE, "bytes", draft=True),
    # The descriptor.
    Row("SNDBUF", "The size of the system's buffer for sending (SO_SNDBUF).", -1, OR_DEFAULT, "bytes"),
    Row("RCVBUF", "The size of the system's buffer for receiving (SO_RCVBUF).", -1, OR_DEFAULT, "bytes"),
    Row("IPV6", "Lets tcp use IPv6 addresses too.", 0, FLAG),
    Row(
        "IPV4ONLY",
        "The opposite of IPV6, and its old name.",
        1,
        FLAG,
        attribute="ipv6",
        keep=lambda kept, value: 1 - value,
        show=lambda kept: 1 - kept,
    ),
    Row("TOS", "The type of service of tcp packets (IP_TOS).", 0, NATURAL),
    Row("PRIORITY", "The priority of tcp packets in the system's queues (SO_PRIORITY).", 0, NATURAL, draft=True),
    Row(
        "BUSY_POLL",
        "How long the system polls the device for tcp packets (SO_BUSY_POLL).",
        0,
        NATURAL,
        "µs",
        draft=True,
    ),
    Row("BINDTODEVICE", "The interface that tcp connections are bound to (SO_BINDTODEVICE).", b"", DEVICE),
    Row("TCP_KEEPALIVE", "Whether the system watches idle tcp connections (SO_KEEPALIVE).", -1, TRISTATE),
    Row("TCP_KEEPALIVE_CNT", "After how many unanswered probes it gives up (TCP_KEEPCNT).", -1, OR_SYSTEMS, "probes"),
    Row("TCP_KEEPALIVE_IDLE", "After what silence it begins (TCP_KEEPIDLE).", -1, OR_SYSTEMS, "s"),
    Row("TCP_KEEPALIVE_INTVL", "How long it waits between probes (TCP_KEEPINTVL).", -1, OR_SYSTEMS, "s"),
    Row(
        "TCP_MAXRT",
        "How long sent bytes may stay unacknowledged before tcp gives up (TCP_USER_TIMEOUT).",
        0,
        NATURAL,
        "ms",
    ),
    Row(
        "LOOPBACK_FASTPATH",
        "Keeps its value and has no effect: only Windows has that fast path.",
        0,
        TRUTH,
        keep=truth,
    ),
]
