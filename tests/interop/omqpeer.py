"""The other side by another hand: a process of pyomq, ZeroMQ in Rust, which has what the libzmq of pyzmq's wheel lacks:
CLIENT and SERVER, RADIO and DISH, SCATTER and GATHER, PEER, CHANNEL.
"""

import select

import pyomq

from . import peer
from .frames import pack, unpack


class Sockets(peer.Sockets):
    """As those of libzmq, where pyomq has the same calls."""

    methods = peer.METHODS | {"join", "leave"}

    def __init__(self):
        self._context = pyomq.Context()
        self._sockets = {}
        self._kinds = {}
        self._authenticator = None

    def socket(self, kind, options):
        """Make one; the answer is its number."""
        number = len(self._sockets)
        made = self._sockets[number] = self._context.socket(getattr(pyomq, kind))
        self._kinds[number] = kind
        for name, value in {"RCVTIMEO": peer.PATIENCE, "SNDTIMEO": peer.PATIENCE, **options}.items():
            made.set(getattr(pyomq, name), unpack(value))
        return number

    def say(self, number, label, body):
        """Send a message to a peer or a group."""
        _SAY.get(self._kinds[number], _say_plainly)(self._sockets[number], unpack(label), unpack(body))

    def hear(self, number):
        """(label, body) of the next message."""
        return pack(_HEAR.get(self._kinds[number], _hear_plainly)(self._sockets[number]))

    def attend_until_readable(self, fd):
        """Its sockets need no attention: they have threads."""
        select.select([fd], [], [])


def _say_plainly(socket, label, body):
    socket.send(body)


def _say_labelled(socket, label, body):
    socket.send_multipart([label, body])


def _say_to_number(socket, label, body):
    frame = pyomq.Frame(body)
    frame.routing_id = label
    socket.send(frame)


def _hear_plainly(socket):
    return None, socket.recv()


def _hear_labelled(socket):
    label, body = socket.recv_multipart()
    return label, body


def _hear_number(socket):
    frame = socket.recv(copy=False)
    return frame.routing_id, frame.bytes


_SAY = {"SERVER": _say_to_number, "PEER": _say_labelled, "RADIO": _say_labelled}
_HEAR = {"SERVER": _hear_number, "PEER": _hear_labelled, "DISH": _hear_labelled}

if __name__ == "__main__":
    peer.main(Sockets())
