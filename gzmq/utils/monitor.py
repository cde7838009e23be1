"""A monitor's messages taken apart."""

from __future__ import annotations

import struct
from typing import Any, TypedDict

from ..constants import Event


class MonitorMessage(TypedDict):
    """An event: what, its value (a descriptor, an errno, milliseconds or a reason), and of which endpoint."""

    event: Event
    value: int
    endpoint: bytes


def parse_monitor_message(msg: list[bytes]) -> MonitorMessage:
    """The event that a message from a monitor's PAIR tells of. Raises RuntimeError for anything else.

    Source: zmq_socket_monitor(3).
    """
    if len(msg) != 2 or len(msg[0]) != struct.calcsize("=Hi"):
        raise RuntimeError(f"Invalid event message format: {msg}")
    event, value = struct.unpack("=Hi", msg[0])
    return {"event": Event(event), "value": Event(value), "endpoint": msg[1]}


def recv_monitor_message(socket: Any, flags: int = 0) -> MonitorMessage:
    """Receive an event from a monitor's PAIR. Flags and errors are those of `recv_multipart`."""
    return parse_monitor_message(socket.recv_multipart(flags))


__all__ = ["parse_monitor_message", "recv_monitor_message"]
