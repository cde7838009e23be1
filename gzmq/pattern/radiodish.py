"""RADIO and DISH: every dish gets the messages of the groups that it has joined (RFC 48)."""

from __future__ import annotations

import errno

from ..buffers import parts
from ..error import zmq_error
from ..message import packed_group
from .base import Pattern
from .dgram import check_size
from .pubsub import Pub, Sub
from .subscriptions import Groups, Names


class Radio(Pub):
    """Sends to the pipes that have joined the group, by its exact name; a full one misses the message."""

    name = "RADIO"
    peers = frozenset({"DISH"})
    connects_twice = True
    thread_safe = True
    label = "group"

    def __init__(self, socket):
        super().__init__(socket)
        self._subscriptions = Groups()

    def options_changed(self):
        super().options_changed()
        self._inverted = False  # of a group there is no other half

    def _subscribe_to_all(self, pipe):
        self._subscriptions.all[pipe] = None

    def terminated(self, pipe):
        super().terminated(pipe)
        self._subscriptions.all.pop(pipe, None)

    def send(self, message):
        message = parts(message)
        if len(message) == 1:
            message = [b"", *message]  # a message without a group is of the group ""
        for pipe in self._subscriptions.all:
            check_size(pipe, len(message[0]) + len(message[1]))
        return super().send(message)


class Dish(Sub):
    """Receives what is of a group that it has joined, from each radio in turn."""

    name = "DISH"
    peers = frozenset({"RADIO"})
    connects_twice = True
    thread_safe = True
    label = "group"
    set_option = Pattern.set_option
    options_changed = Pattern.options_changed

    def __init__(self, socket):
        super().__init__(socket)
        self._topics = Names()
        self._group = b""

    def join(self, group):
        packed = packed_group(group)
        if packed in self._topics:
            raise zmq_error(errno.EINVAL, f"this DISH has joined {group!r} already")
        self.subscribe(packed)

    def leave(self, group):
        packed = packed_group(group)
        if packed not in self._topics:
            raise zmq_error(errno.EINVAL, f"this DISH has not joined {group!r}: it cannot leave it")
        self.unsubscribe(packed)

    def recv(self):
        message = super().recv()
        if message is not None:
            self._group = message.pop(0)
        return message

    @property
    def last_label(self):
        return self._group

    def send(self, message):
        raise zmq_error(errno.ENOTSUP, "DISH sockets do not send")
