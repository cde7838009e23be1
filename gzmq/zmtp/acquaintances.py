"""What peers have said in their handshakes, and what followed: peers of one kind, of whom there may be thousands, say
the same in the same pieces.

Rules: only what follows from our side's own `Config` and from what the peer has said is remembered, so nothing in which
a secret, chance or a ZAP handler has a part; little of it, and few.
"""

from __future__ import annotations

from .command import Properties

#: Bytes of all that one peer has said, and steps that are remembered; then all begins anew.
_SHORT, _MOST = 256, 64


class Step:
    """Where a handshake stands once the peer has said this much."""

    __slots__ = ("answer", "further", "heard", "metadata", "socket_type", "state", "version")

    def __init__(
        self,
        heard: bytes,
        answer: bytes,
        state: str,
        version: tuple[int, int],
        socket_type: str,
        metadata: Properties | None,
    ) -> None:
        self.heard = heard  # all that it has said
        self.answer = answer  # to the last piece of that
        self.state = state
        self.version = version
        self.socket_type = socket_type
        self.metadata = metadata  # once the handshake is done
        self.further: dict[bytes, Step] = {}  # the next piece -> the next step


class Acquaintances:
    """The first step, before a peer has said anything, and from there all others."""

    __slots__ = ("_noted", "first")

    def __init__(self, state: str) -> None:
        self.first = Step(b"", b"", state, (0, 0), "", None)
        self._noted: list[Step] = []

    def note(self, step: Step, piece: bytes, further: Step) -> Step | None:
        """Remember what follows from the next piece, unless it is too long."""
        if len(further.heard) > _SHORT:
            return None
        if len(self._noted) == _MOST:
            for known in (self.first, *self._noted):
                known.further.clear()  # a connection that stands there keeps no others
            self._noted.clear()
        self._noted.append(further)
        step.further[piece] = further
        return further
