"""A connection without a protocol: bytes in, bytes out, as zmq_socket(3) has it for STREAM.

Rules: it is used like a `Connection` that has shaken hands already; what it is given it hands over as it is, uncopied.
"""

from __future__ import annotations

from collections import deque

from ..buffers import Body, Message, parts
from .config import Config
from .connection import CLOSED, TRAFFIC


class RawConnection:
    """What came in one read is a message of one frame; the frames of messages to send go one behind the other."""

    peer_identity = b""
    peer_ttl = under_way = 0
    output = None  # nothing is ever due to the peer by itself
    introduced = True
    can_ping = alike = False

    def __init__(self, config: Config):
        self.config = config
        self.state = TRAFFIC

    def at_once(self, limit: int) -> int:
        """How many bytes to read at once: no message is larger than MAXMSGSIZE."""
        most = self.config.max_message_size
        return min(limit, most) if most > 0 else limit

    def take_zap_question(self) -> None:
        """Nobody is asked about a peer that does not say who it is."""

    def facts(self) -> dict[str, str]:
        """The peer says nothing of itself."""
        return {}

    def receive_data(self, data: bytes) -> list[Message]:
        """The message that these bytes are."""
        return [data]

    def encode(self, queue: deque[Message], buffers: list[Body], limit: int) -> None:
        """As `Connection.encode`."""
        while queue and limit > 0:
            for frame in parts(queue.popleft()):
                buffers.append(frame)
                limit -= len(frame)

    def close(self) -> None:
        """Take nothing more."""
        self.state = CLOSED

    def __repr__(self) -> str:
        return f"<RawConnection {self.config.socket_type} {self.state}>"
