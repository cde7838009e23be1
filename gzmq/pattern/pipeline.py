"""PUSH and PULL, SCATTER and GATHER: work goes to one of many, results come from all (RFCs 30 and 49)."""

from __future__ import annotations

from .base import Pattern
from .routing import FairQueue, LoadBalancer


class Push(Pattern):
    """Round robin to the pullers that have room; blocks when none has."""

    name = "PUSH"
    peers = frozenset({"PULL"})
    receives = False

    def __init__(self, socket):
        super().__init__(socket)
        self._balancer = LoadBalancer()
        self.delegate(self._balancer, "attach", "terminated", "send", "writable", write_activated="activated")

    def narrow(self, only):
        self.delegate(only or self._balancer, "send")

    def read_activated(self, pipe):
        pipe.inbox.clear()  # a puller has nothing to say


class Pull(Pattern):
    """One message from each pusher in turn."""

    name = "PULL"
    peers = frozenset({"PUSH"})
    sends = False

    def __init__(self, socket):
        super().__init__(socket)
        self._queue = FairQueue()
        self.delegate(self._queue, "readable", recv="recv_in_turn", read_activated="activated")

    def narrow(self, only):
        self.delegate(self._queue.alone(only) or self._queue, recv="recv_in_turn")

    @property
    def source(self):
        return self._queue.source

    def attach(self, pipe):
        if pipe.inbox:
            self.read_activated(pipe)

    def terminated(self, pipe):
        pass  # its last messages stay in the fair queue until read


class Scatter(Push):
    """A PUSH whose messages have one frame."""

    name = "SCATTER"
    peers = frozenset({"GATHER"})
    thread_safe = True


class Gather(Pull):
    """A PULL whose messages have one frame."""

    name = "GATHER"
    peers = frozenset({"SCATTER"})
    thread_safe = True
