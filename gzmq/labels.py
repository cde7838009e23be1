"""What goes beside the frames of a message: the group of RADIO and DISH, the routing id of SERVER and PEER."""

from __future__ import annotations

import errno
from itertools import islice
from typing import TYPE_CHECKING, Any

from .error import zmq_error
from .message import LABELS, Frame, packed_routing_id

if TYPE_CHECKING:
    from .core import SocketCore


class Labels:
    """Groups, and peers by number. Raises ZMQError ENOTSUP for the types that do not have them."""

    _core: SocketCore
    _labelled: bool

    if TYPE_CHECKING:  # what this is mixed into has
        connect: Any

    def join(self, group: str | bytes) -> None:
        """Receive the messages of a group (DISH).

        Raises ZMQError EINVAL when that was joined already, or has more than 255 bytes, or a NUL; TypeError for
        neither str nor bytes. Source: zmq_join(3).
        """
        self._core.check_usable()
        self._core.pattern.join(group)

    def leave(self, group: str | bytes) -> None:
        """Undo `join`. Raises ZMQError EINVAL when the group was not joined. Source: zmq_leave(3)."""
        self._core.check_usable()
        self._core.pattern.leave(group)

    def connect_peer(self, addr: str | bytes) -> int:
        """Connect a PEER, and say at once the routing id by which messages go there.

        Raises ZMQError as `connect` does, and EFAULT with the option IMMEDIATE. Source: zmq_connect_peer(3).
        """
        core = self._core
        core.check_usable()
        core.pattern.may_connect_peer()
        known = len(core.pipes)
        self.connect(addr)
        pipe = next(islice(core.pipes, known, None))
        return int.from_bytes(pipe.routing_id, "big")

    def disconnect_peer(self, routing_id: int) -> None:
        """Part with the peer of a routing id (SERVER, PEER).

        Raises ZMQError EHOSTUNREACH when there is none. Source: zmq_disconnect_peer(3).
        """
        self._core.check_usable()
        self._core.pattern.disconnect_peer(packed_routing_id(routing_id))

    @property
    def labelled(self) -> bool:
        """Whether messages of sockets of this type have a group or a routing id."""
        return self._labelled

    def _label(self, data: Any, routing_id: int | None, group: str | bytes | None) -> list[bytes]:
        """What goes in front of a message: the label that was given with it, or else that of its Frame, if any.

        Raises ZMQError EINVAL for a label that messages of this type do not have.
        """
        pattern = self._core.pattern
        given = {"routing_id": routing_id, "group": group}
        for name, value in given.items():
            if value is not None and name != pattern.label:
                raise zmq_error(errno.EINVAL, f"{pattern.name} sockets send to no {name}: leave it out")
        if pattern.label and given[pattern.label] is not None:
            return [LABELS[pattern.label](given[pattern.label])]
        labels = data.labels if isinstance(data, Frame) else None
        return [labels[pattern.label]] if labels and pattern.label in labels else []

    def _received_label(self) -> dict[str, bytes]:
        """The label of the message just received."""
        pattern = self._core.pattern
        return {pattern.label: pattern.last_label}
