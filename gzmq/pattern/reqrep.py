"""REQ, REP and DEALER: requests out in turn, replies back the way they came (RFC 28)."""

from __future__ import annotations

import struct

from ..constants import Errno
from ..error import zmq_error
from ..pipe import TURN_OVER
from .base import FULL, Pattern, random_number
from .routing import FairQueue, LoadBalancer, send_or_drop


class Dealer(Pattern):
    """Round robin out, fair queueing in, no state machine."""

    name = "DEALER"
    connects_twice = False
    peers = frozenset({"REP", "DEALER", "ROUTER"})

    def __init__(self, socket):
        super().__init__(socket)
        self._balancer = LoadBalancer()
        self._queue = FairQueue()
        self.delegate(self._balancer, "attach", "terminated", "send", "writable", write_activated="activated")
        self.delegate(self._queue, "readable", recv="recv_in_turn", read_activated="activated")

    def narrow(self, only):
        self.delegate(only or self._balancer, "send")
        self.delegate(self._queue.alone(only) or self._queue, recv="recv_in_turn")

    @property
    def source(self):
        return self._queue.source

    def ready(self, pipe):
        return probe(self.options, pipe)


def probe(options, pipe):
    """With PROBE_ROUTER an empty message goes ahead of all others, so that the peer learns our routing id."""
    if options.probe_router:
        pipe.send_first([b""])
    return True


class Req(Pattern):
    """Send, then receive the reply from that peer, and so on; REQ_RELAXED and REQ_CORRELATE loosen it."""

    name = "REQ"
    connects_twice = False
    peers = frozenset({"REP", "ROUTER"})

    def __init__(self, socket):
        super().__init__(socket)
        self._balancer = LoadBalancer()
        self._queue = FairQueue()
        self._awaiting = False  # a request is out and its reply has not been received
        self._asked = None  # the pipe that it went to, None once that has gone
        self._reply = None  # looked at by `readable`, not yet received
        self._source = None  # of that
        self._request_id = random_number()
        self.narrow(None)
        self.delegate(self._balancer, "attach", write_activated="activated")
        self.delegate(self._queue, read_activated="activated")

    def narrow(self, only):
        self._only = only
        self._come, self._take = self._queue.reader(only)

    def ready(self, pipe):
        return probe(self.options, pipe)

    def terminated(self, pipe):
        self._balancer.terminated(pipe)
        if pipe is self._asked:
            self._asked = None

    def may_send(self, first):
        if (self._awaiting or self.partly_read) and not self.options.req_relaxed:
            raise zmq_error(Errno.EFSM, "REQ has sent a request: receive its reply first, or set REQ_RELAXED")

    def send(self, message):
        if self._awaiting or self.partly_read:
            self.may_send(message)
        pipe = self._only
        if pipe is None or pipe.room <= 0:
            pipe = self._balancer.pick()
            if pipe is None:
                return FULL
            self._balancer.next += 1
        self._request_id = (self._request_id + 1) & 0xFFFFFFFF
        self._asked = pipe
        self._awaiting = True
        self._reply = None
        if self._come:
            self._forget_replies()  # before the request is sent: another thread may reply at any moment from then on
        envelope = [b"", message] if type(message) is bytes else [b"", *message]
        if self.options.req_correlate:
            envelope.insert(0, struct.pack("=I", self._request_id))
        return pipe.send(envelope)

    def _forget_replies(self):
        """What is queued now answers an earlier request."""
        while self._come:
            self._take()

    def recv(self):
        if not self._awaiting:
            raise zmq_error(Errno.EFSM, "REQ has no request out: send one before receiving")
        if self._reply is None and not (self._come and self.readable()):
            return None
        reply, self._reply = self._reply, None
        self._awaiting = False
        return reply

    def readable(self):
        while self._awaiting and self._reply is None and self._come:
            message = self._take()
            if message is None:
                continue  # it was only the turn that ended
            pipe = self._queue.source
            if self._asked is None or pipe is self._asked:
                self._reply = self._open(message) if type(message) is list else None
                self._source = pipe
            if self._reply is None:
                pipe.lose("unwanted")
        return self._reply is not None

    def _open(self, message):
        """The body of a reply to the request that is out, or None."""
        if self.options.req_correlate:
            if message[0] != struct.pack("=I", self._request_id):
                return None
            del message[0]
        # 28/REQREP: a REQ socket "SHALL discard silently any messages received from other peers", and
        # "incoming messages that do not have an empty delimiter".
        if len(message) < 2 or message[0] != b"":
            return None
        return message[1] if len(message) == 2 and type(message[1]) is bytes else message[1:]

    @property
    def source(self):
        return self._source

    def writable(self):
        busy = (self._awaiting or self.partly_read) and not self.options.req_relaxed
        return not busy and self._balancer.writable()


class Rep(Pattern):
    """Receive a request, send its reply along the envelope that it came with, and so on."""

    name = "REP"
    peers = frozenset({"REQ", "DEALER"})

    def __init__(self, socket):
        super().__init__(socket)
        self._queue = FairQueue()
        self._asker = None  # the pipe to reply to, while a request is being served
        self._envelope = []
        self._request = None  # looked at by `readable`: (pipe, envelope, body)
        self.narrow(None)
        self.delegate(self._queue, read_activated="activated")

    def narrow(self, only):
        self._come, self._take = self._queue.reader(only)

    def attach(self, pipe):
        pass

    def terminated(self, pipe):
        pass  # a reply to a peer that has gone is dropped by its closed pipe

    def recv(self):
        if self._asker is not None:
            raise zmq_error(Errno.EFSM, "REP has received a request: send its reply before receiving the next")
        if self._request is None and not (self._come and self.readable()):
            return None
        (self._asker, self._envelope, body), self._request = self._request, None
        return body

    def readable(self):
        if self._asker is not None:
            return False
        while self._request is None and self._come:
            message = self._take()
            # 28/REQREP: the envelope is all frames "up to and including the empty delimiter"; without one, or with
            # nothing behind it, the request is malformed and discarded.
            if type(message) is list and b"" in message[:-1]:
                cut = message.index(b"") + 1
                body = message[cut]
                alone = type(body) is bytes and cut + 1 == len(message)
                self._request = self._queue.source, message[:cut], body if alone else message[cut:]
            elif message is not None:
                self._queue.source.lose("unwanted")
        return self._request is not None

    @property
    def source(self):
        return self._asker

    def may_send(self, first):
        if self._asker is None or self.partly_read:
            raise zmq_error(Errno.EFSM, "REP has no request to reply to: receive the whole of one before sending")

    def send(self, message):
        if self._asker is None or self.partly_read:
            self.may_send(message)
        reply = self._envelope + ([message] if type(message) is bytes else message)
        sent = send_or_drop(self._asker, reply)
        if sent is TURN_OVER and self._asker.room > 0:
            # `recv` gives way often enough; who is killed here would leave a REP that nobody knows to owe a reply.
            sent = self._asker.send(reply)
        if sent:
            self._asker = None
            if self._come and self.readable():
                self.socket.readable_again()
        return sent

    def writable(self):
        return self._asker is not None and not self.partly_read
