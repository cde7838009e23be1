"""What peers may make a socket hold, where libzmq has no option for it: `Socket.limits`."""

from __future__ import annotations

import errno
from typing import Any

from .error import zmq_error
from .record import Record


class Limits(Record):
    """Bounds that no honest peer meets, each 1 or more. ``socket.limits = Limits(subscriptions=1000)`` holds for what
    is bound and connected from then on; ``context.limits`` is what its sockets begin with.

    Who exceeds one loses its connection, and ``socket.events()`` tells ``OwnEvent.LIMIT_EXCEEDED``, whose value says
    which: its place in ``Limits._fields``. HANDSHAKE_IVL, MAXMSGSIZE and RCVHWM are options, and bound time, frames
    and queues.
    """

    #: Connections of one listener that have not yet shaken hands. One more ends the oldest of them.
    handshakes: int = 1 << 14
    #: Bytes of one command of a handshake, and of what comes while a ZAP handler thinks.
    handshake_bytes: int = 1 << 16
    #: Bytes of one unfinished message; a MAXMSGSIZE that is larger counts instead.
    message_bytes: int = 1 << 30
    #: Frames of one message.
    message_frames: int = 1 << 20
    #: Bytes of one topic or group that a peer subscribes to.
    topic_bytes: int = 1 << 24
    #: Different topics of one peer; and notices of subscriptions that the user of an XPUB has not received.
    subscriptions: int = 1 << 20
    #: Bytes of those.
    subscription_bytes: int = 1 << 28


LIMITS = Limits()


def check_limits(value: Any) -> Limits:
    """The limits, if they are some. Raises TypeError, ZMQError EINVAL."""
    if not isinstance(value, Limits):
        raise TypeError(f"limits are gzmq.Limits(...), not {value!r}")
    for name, number in zip(value._fields, value._values()):
        if not isinstance(number, int):
            raise TypeError(f"the limit {name} is a number, not {number!r}")
        if number < 1:
            raise zmq_error(errno.EINVAL, f"cannot set the limit {name} to {number}: it must be 1 or more")
    return value
