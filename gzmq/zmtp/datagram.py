"""Messages as UDP datagrams, without the I/O: (message, address) to bytes, and back; zmq_udp(7)."""

from __future__ import annotations

import errno
import ipaddress
from functools import lru_cache
from typing import Protocol

from ..error import zmq_error

#: Bytes of a datagram that libzmq reads; of a larger one it takes the beginning for the whole.
LIBZMQ_READS = 8192
#: What fits into a datagram at most, over IPv4: 65535 without the headers of IP and UDP.
UDP_HOLDS = 65507

#: What bind(2) and sendto(2) call an address: (host, port), and over IPv6 two numbers more.
Address = tuple[str, int] | tuple[str, int, int, int]


class Codec(Protocol):
    """How the messages of a socket type go into datagrams. ``largest`` bounds the bytes of a message's frames, but for
    the address.
    """

    largest: int

    def encode(self, message: list[bytes]) -> tuple[list[bytes], Address | None]:
        """The pieces of a datagram, and where it goes (None: where the endpoint says)."""

    def decode(self, data: bytes, sender: Address) -> list[bytes] | None:
        """The message, or None for a datagram that is none."""


class Groups:
    """RADIO and DISH: one byte with the length of the group, the group, the body."""

    largest = LIBZMQ_READS - 1

    def encode(self, message: list[bytes]) -> tuple[list[bytes], None]:
        group, body = message
        return [bytes((len(group),)), group, body], None

    def decode(self, data: bytes, sender: Address) -> list[bytes] | None:
        end = 1 + data[0] if data else 0
        return [data[1:end], data[end:]] if 0 < end <= len(data) else None


class Raw:
    """DGRAM: the body as it is, and the address of its other end as a frame in front."""

    largest = UDP_HOLDS

    def encode(self, message: list[bytes]) -> tuple[list[bytes], Address]:
        return [message[1]], parse_address(message[0])

    def decode(self, data: bytes, sender: Address) -> list[bytes]:
        return [format_address(sender[0], sender[1]), data]


@lru_cache(maxsize=1024)
def parse_address(frame: bytes) -> Address:
    """What ``host:port`` means, where the host is an IP address, in brackets for IPv6. Raises ZMQError EINVAL."""
    text = frame.rstrip(b"\0").decode("ascii", "replace")
    host, _, digits = text.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        port = int(digits) if digits.isdigit() else 0
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise zmq_error(
            errno.EINVAL, f"{text!r} is no address to send to: write an IP address and a port, such as 127.0.0.1:5555"
        )
    return host.removeprefix("[").removesuffix("]"), port


@lru_cache(maxsize=1024)
def format_address(host: str, port: int) -> bytes:
    """The frame that says where a datagram came from: as libzmq writes it, a NUL at its end."""
    return f"[{host}]:{port}\0".encode() if ":" in host else f"{host}:{port}\0".encode()
