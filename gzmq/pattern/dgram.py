"""DGRAM: datagrams to and from anybody; the first frame says whom, "host:port"."""

from __future__ import annotations

import errno

from ..buffers import parts
from ..error import zmq_error
from ..zmtp import datagram
from .pair import Pair


class Dgram(Pair):
    """One endpoint; a message is an address and a body, both ways."""

    name = "DGRAM"
    peers = frozenset({"DGRAM"})
    only_scheme = "udp"

    def may_send(self, first):
        datagram.parse_address(bytes(first))

    def send(self, message):
        message = parts(message)
        if len(message) != 2:
            raise zmq_error(errno.EINVAL, f"DGRAM sends two frames, an address and a body, not {len(message)}")
        address, body = message
        self.may_send(address)
        if self._pipe is not None:
            check_size(self._pipe, len(body))
        return super().send([bytes(address), body])


def check_size(pipe, size):
    """Raise EMSGSIZE for a message that a pipe of datagrams cannot carry whole."""
    if size > pipe.largest:
        raise zmq_error(
            errno.EMSGSIZE,
            f"a message of {size} bytes does not fit into a datagram of {pipe.endpoint}: {pipe.largest} are the most",
        )
