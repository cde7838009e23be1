"""The options of the transports that are not streams between two: multicast, and those of special networks."""

from __future__ import annotations

from .row import NATURAL, POSITIVE, TRUTH, Row, truth

_NO_VMCI = "the vmci transport is not there"
_NO_NORM = "the norm transport is not there"
_NO_WEBSOCKET = "the WebSocket transport is not there"

ROWS = [
    Row("RATE", "Up to how fast to send to a group of pgm or epgm.", 100, POSITIVE, "kbit/s"),
    Row(
        "RECOVERY_IVL",
        "How long what was sent to a group can be sent again; RATE times this is kept in memory.",
        10_000,
        NATURAL,
        "ms",
    ),
    Row("MULTICAST_HOPS", "Over how many routers a multicast may go (IP_MULTICAST_TTL).", 1, POSITIVE, "hops"),
    Row("MULTICAST_MAXTPDU", "The most of one packet of pgm or epgm, with all headers.", 1500, POSITIVE, "bytes"),
    Row(
        "MULTICAST_LOOP",
        "Whether this host hears its own multicasts (IP_MULTICAST_LOOP).",
        1,
        TRUTH,
        keep=truth,
    ),
    Row("VMCI_BUFFER_SIZE", default=0, bits=64, missing=_NO_VMCI),
    Row("VMCI_BUFFER_MIN_SIZE", default=0, bits=64, missing=_NO_VMCI),
    Row("VMCI_BUFFER_MAX_SIZE", default=0, bits=64, missing=_NO_VMCI),
    Row("VMCI_CONNECT_TIMEOUT", default=0, missing=_NO_VMCI),
    Row("NORM_MODE", default=0, draft=True, missing=_NO_NORM),
    Row("NORM_UNICAST_NACK", default=0, draft=True, missing=_NO_NORM),
    Row("NORM_BUFFER_SIZE", default=0, draft=True, missing=_NO_NORM),
    Row("NORM_SEGMENT_SIZE", default=0, draft=True, missing=_NO_NORM),
    Row("NORM_BLOCK_SIZE", default=0, draft=True, missing=_NO_NORM),
    Row("NORM_NUM_PARITY", default=0, draft=True, missing=_NO_NORM),
    Row("NORM_NUM_AUTOPARITY", default=0, draft=True, missing=_NO_NORM),
    Row("NORM_PUSH", default=0, draft=True, missing=_NO_NORM),
    Row("WSS_KEY_PEM", default=b"", draft=True, missing=_NO_WEBSOCKET),
    Row("WSS_CERT_PEM", default=b"", draft=True, missing=_NO_WEBSOCKET),
    Row("WSS_TRUST_PEM", default=b"", draft=True, missing=_NO_WEBSOCKET),
    Row("WSS_HOSTNAME", default=b"", draft=True, missing=_NO_WEBSOCKET),
    Row("WSS_TRUST_SYSTEM", default=0, draft=True, missing=_NO_WEBSOCKET),
]
