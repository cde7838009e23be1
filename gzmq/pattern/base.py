"""What a socket asks of its pattern: which pipe a message goes to, and which it comes from.

Rules: a pattern never blocks, never switches and never sees a transport. The socket calls the hooks below, from a
callback or from the greenlet that caused the event; what a pattern cannot do now it says by its answer, and the socket
does the waiting.
"""

from __future__ import annotations

import errno
import os

from ..error import zmq_error
from ..pipe import FULL, TURN_OVER

__all__ = ["FULL", "TURN_OVER", "Pattern", "random_number"]


def random_number():
    """32 bits that nobody can guess, to count on from. `secrets` would load all of hashlib."""
    return int.from_bytes(os.urandom(4), "big")


class Pattern:
    """The contract. Subclasses are named in `PATTERNS` and say which peers they talk to."""

    #: Socket-Type on the wire, and the types that may stand at the other end (RFCs 28 to 31, 37).
    name = ""
    peers: frozenset[str] = frozenset()
    #: Whether the type sends, and whether it receives: what it can ever be polled for.
    sends = True
    receives = True
    #: What is spoken over a wire, a key of `zmtp.PROTOCOLS`.
    protocol = "zmtp"
    #: With so many frames a message is whole, whatever SNDMORE says; 0: with as many as it has.
    frames = 0
    #: The only scheme that the type binds to and connects to; "": any but those that are for some types only.
    only_scheme = ""
    #: A send is addressed to one peer, so room at another is no reason to wake the next sender only.
    addressed = False
    #: A message that is sent by itself is written where it is sent, and not in the hub's next turn; not where one
    #: may have very many to write to.
    prompt = True
    #: Messages have one frame only: what libzmq calls a thread-safe type.
    thread_safe = False
    #: What is said of a message beside its frames: a name of `message.LABELS`, or nothing. A message that is sent with
    #: one has it in front; of a message received, `last_label` has it.
    label = ""
    #: A second connect to the same endpoint makes a second connection (else it is a no-op, as in libzmq).
    connects_twice = True

    def __init__(self, socket):
        self.socket = socket
        self.options = socket.options
        self.partly_read = False  # the user has received some frames of a message, and not yet the others

    def delegate(self, part, *names, **renamed):
        """Let a part of this pattern stand in for these methods, under other names where given as ``ours="its"``.

        Whoever calls one calls the part, without a method of ours in between.
        """
        for ours, its in {**dict(zip(names, names)), **renamed}.items():
            setattr(self, ours, getattr(part, its))

    @property
    def source(self):
        """The pipe that the last message came from, right after `recv` gave it; None when that is not known."""
        return None

    @property
    def last_label(self):
        """The label of the last message, right after `recv` gave it."""
        raise NotImplementedError

    def attach(self, pipe):
        """A pipe is there, perhaps with nobody at the other end yet. False refuses it."""
        raise NotImplementedError

    def narrow(self, only):
        """There is only this pipe now, or (None) there are others or none. `send` and `recv` may be others from now on:
        where there is but one pipe it need not be asked which.
        """

    def ready(self, pipe):
        """The peer at the other end of the pipe is known: after attach, and again after every reconnect.

        False refuses the peer; its connection is closed.
        """
        return True

    def lost(self, pipe):
        """The peer, which was ready, has gone. The pipe waits for it, or for another at its address, to come back; or
        it is terminated next.
        """

    def terminated(self, pipe):
        """The other end has closed: send nothing there; its last messages may still be read."""
        raise NotImplementedError

    def read_activated(self, pipe):
        """An empty pipe has messages."""
        raise NotImplementedError

    def write_activated(self, pipe):
        """A full pipe has room again."""

    def send(self, message):
        """Route a list of frames: True, or FULL (wait for room), or TURN_OVER (give way, then call again)."""
        raise zmq_error(errno.ENOTSUP, f"{self.name} sockets do not send")

    def hand_out(self):
        """Somebody is about to look at the queues, or to close them: what is on its way there is put there now."""

    def unreached(self):
        """The pipes that the last message is on its way to, and in whose queues it is not."""
        return ()

    def recv(self):
        """The next message as a list of frames, or None. None while `readable` is the end of the reader's turn."""
        raise zmq_error(errno.ENOTSUP, f"{self.name} sockets do not receive")

    def may_send(self, first):
        """Called with the first frame of a multipart: raise here what `send` would raise (EFSM, EHOSTUNREACH)."""
        if self.thread_safe:
            raise zmq_error(errno.EINVAL, f"{self.name} sockets send messages of one frame: no SNDMORE, no more parts")

    def readable(self):
        """Whether `recv` would give a message."""
        return False

    def writable(self):
        """Whether `send` would take a message."""
        return False

    def join(self, group):
        """Ask for the messages of a group, str or bytes. Raises EINVAL when that was asked for already."""
        raise zmq_error(errno.ENOTSUP, f"{self.name} sockets do not join groups; DISH do")

    def leave(self, group):
        """Undo `join`. Raises EINVAL when the group was not joined."""
        raise zmq_error(errno.ENOTSUP, f"{self.name} sockets do not leave groups; DISH do")

    def may_connect(self):
        """Called before a connect: raise what stands against it."""

    def may_connect_peer(self):
        """Called before a connect whose peer is to have a routing id at once: raise why it cannot have one."""
        raise zmq_error(errno.ENOTSUP, f"{self.name} sockets have no connect_peer; PEER do")

    def disconnect_peer(self, routing_id):
        """Part with the peer of a routing id, four bytes. Raises EHOSTUNREACH when there is none."""
        raise zmq_error(errno.ENOTSUP, f"{self.name} sockets do not know their peers by number; SERVER and PEER do")

    def options_changed(self):
        """An option may have another value: what every message asks of them is kept here, as that is quicker."""

    def set_option(self, name, value):
        """Take an option that acts on the pattern, such as SUBSCRIBE. False when it is none of this type's."""
        return False
