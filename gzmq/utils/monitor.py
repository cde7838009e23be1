"""A monitor's messages taken apart."""

from __future__ import annotations

import struct
from typing import Any, TypedDict

from ..constants import Event

_NUMBER = struct.Struct("=Q")
#: An event, how many values, one value and two endpoints.
_FEWEST_V2 = 5


class MonitorMessage(TypedDict, total=False):
    """An event: what, its value (a descriptor, an errno, milliseconds or a reason), and of which endpoint.

    In version 2 there may be several values (`value` is the first), and there are both sides' endpoints, empty where
    they are not known (`endpoint` is the other side's, or else ours).
    """

    event: Event
    value: int
    endpoint: bytes
    values: list[int]
    local: bytes
    remote: bytes


def parse_monitor_message(msg: list[bytes]) -> MonitorMessage:
    """The event that a message from a monitor's PAIR tells of, in either version. Raises RuntimeError for another.

    Source: zmq_socket_monitor(3), zmq_socket_monitor_versioned(3).
    """
    if len(msg) >= _FEWEST_V2 and all(len(number) == _NUMBER.size for number in msg[:-2]):
        event, count, *values = (_NUMBER.unpack(number)[0] for number in msg[:-2])
        if count == len(values):
            local, remote = msg[-2:]
            ends = {"endpoint": remote or local, "values": values, "local": local, "remote": remote}
            return {"event": Event(event), "value": values[0], **ends}  # type: ignore[typeddict-item]
    if len(msg) != 2 or len(msg[0]) != struct.calcsize("=Hi"):
        raise RuntimeError(f"Invalid event message format: {msg}")
    event, value = struct.unpack("=Hi", msg[0])
    return {"event": Event(event), "value": Event(value), "endpoint": msg[1]}


def recv_monitor_message(socket: Any, flags: int = 0) -> MonitorMessage:
    """Receive an event from a monitor's PAIR. Flags and errors are those of `recv_multipart`."""
    return parse_monitor_message(socket.recv_multipart(flags))


__all__ = ["parse_monitor_message", "recv_monitor_message"]
