"""IP addresses as text, read by the system's inet_pton(3): a host that is one needs no look-up."""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, inet_pton


def family(host: str) -> int | None:
    """AF_INET, AF_INET6 with or without a zone ("fe80::1%eth0"), or None when it is no address."""
    return AF_INET if _packed(AF_INET, host) else AF_INET6 if _packed(AF_INET6, _unzoned(host)) else None


def is_multicast(host: str) -> bool:
    """Whether it is the address of a group: 224.0.0.0/4, or ff00::/8."""
    plain = host.partition("%")[0]
    v4, v6 = _packed(AF_INET, plain), _packed(AF_INET6, plain)
    return 224 <= v4[0] <= 239 if v4 else bool(v6) and v6[0] == 0xFF


def _unzoned(host: str) -> str:
    """Without its zone; empty, which is no address, when that is none."""
    address, percent, zone = host.partition("%")
    return "" if percent and (not zone or "%" in zone) else address


def _packed(wanted: int, host: str) -> bytes:
    """The address in four or sixteen bytes; empty for none of this family."""
    try:
        return inet_pton(wanted, host)
    except (OSError, ValueError):  # a ValueError for what no C string can be
        return b""
