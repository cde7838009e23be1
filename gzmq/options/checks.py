"""What a value of an option must be: in words, and as a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

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
