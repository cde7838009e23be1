"""pgm:// and epgm://: a socket at one end of a pipe, a multicast group at the other; zmq_pgm(7)."""

from __future__ import annotations

from ...constants import Errno
from ...error import zmq_error
from .publisher import Publisher
from .subscriber import Subscriber

#: There is no way back to a publisher but for NAKs, so only these types can do with multicast.
_ENDS = {"PUB": Publisher, "XPUB": Publisher, "SUB": Subscriber, "XSUB": Subscriber}


def connect(socket, endpoint):
    """Join a group, as publisher or receiver. Binding to one means the same.

    Raises ZMQError: ENOCOMPATPROTO for a type that neither publishes nor subscribes, EINVAL for a socket that asks for
    security, which there is none of, and for a MULTICAST_MAXTPDU without room, ENODEV, EPERM and what the system says.
    """
    end = _ENDS.get(socket.type_name)
    if end is None:
        types = ", ".join(_ENDS)
        why = f"multicast is for {types}, this socket is a {socket.type_name}"
        raise zmq_error(Errno.ENOCOMPATPROTO, f"cannot use {endpoint}: {why}")
    socket.options.security.check_absent(endpoint, "multicast")
    made = end(socket, endpoint)
    made.start()
    return made


bind = connect
