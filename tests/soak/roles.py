"""What a socket of the soak does, on gzmq and on pyzmq alike: numbered messages, and a check of what comes."""

import itertools
import os
from time import monotonic

_runs = itertools.count(1)


class Role:
    """One socket with its work: `tick` now and then, `readable` when there is something to receive."""

    def __init__(self, zmq, socket, name):
        self.zmq = zmq
        self.socket = socket
        self.name = name
        self.run = b"%d.%d" % (os.getpid(), next(_runs))  # numbers begin anew with each life of a socket
        self.sent = self.received = 0
        self.bad = []
        self._last = {}  # run -> the last number of it

    def tick(self):
        """It is time to send, perhaps."""

    def readable(self):
        """Receive all that is there, a bounded number."""
        for _ in range(1000):
            try:
                message = self.socket.recv_multipart(self.zmq.DONTWAIT)
            except self.zmq.Again:
                return
            self.take(message)

    def send(self, *prefix):
        """The next message, if it can be sent now."""
        try:
            self.socket.send_multipart([*prefix, b"%s %d" % (self.run, self.sent + 1)], self.zmq.DONTWAIT)
        except self.zmq.Again:
            return False
        self.sent += 1
        return True

    def check(self, body):
        """Of each run the numbers grow: nothing is doubled, nothing out of order."""
        run, _, digits = body.partition(b" ")
        number = int(digits)
        if number <= self._last.get(run, 0):
            self.bad.append(f"{self.name}: {run!r} {number} after {self._last[run]}")
        self._last[run] = number
        self.received += 1


class Source(Role):
    """PUSH, PUB, XPUB: sends."""

    def tick(self):
        self.send()

    def take(self, message):
        """An XPUB hears of subscriptions."""
        self.received += 1


class Sink(Role):
    """PULL, SUB, XSUB: receives, of any number of sources."""

    def take(self, message):
        self.check(message[-1])


class Echo(Role):
    """REP, ROUTER, PAIR: sends back what comes."""

    def take(self, message):
        self.received += 1
        try:
            self.socket.send_multipart(message, self.zmq.DONTWAIT)
            self.sent += 1
        except self.zmq.Again:
            pass


class Asker(Role):
    """DEALER, PAIR: sends, and gets its own back."""

    def tick(self):
        self.send()

    def take(self, message):
        if message[-1].partition(b" ")[0] == self.run:  # a PAIR may hear the answer to one who was there before
            self.check(message[-1])


class Client(Role):
    """REQ: asks again when there is no answer, until there is one."""

    _asked_at = None

    def readable(self):
        """One answer; then it is an error to look for another."""
        if self._asked_at is not None and self.socket.poll(0):
            self.take(self.socket.recv_multipart())

    def tick(self):
        if self._asked_at is None:
            if self.send():
                self._asked_at = monotonic()
        elif monotonic() - self._asked_at > 1:
            self.sent -= 1
            self._asked_at = monotonic() if self.send() else self._asked_at

    def take(self, message):
        if message[-1] != b"%s %d" % (self.run, self.sent):
            self.bad.append(f"{self.name}: {message} is no answer to {self.sent}")
        self.check(message[-1])
        self._asked_at = None


#: Lane -> our role and type, the other side's, and whether that one binds.
PATTERNS = {
    "push": (Source, "PUSH", Sink, "PULL", False),
    "pull": (Sink, "PULL", Source, "PUSH", False),
    "req": (Client, "REQ", Echo, "REP", True),
    "rep": (Echo, "REP", Client, "REQ", False),
    "dealer": (Asker, "DEALER", Echo, "ROUTER", True),
    "router": (Echo, "ROUTER", Asker, "DEALER", False),
    "pub": (Source, "PUB", Sink, "SUB", False),
    "sub": (Sink, "SUB", Source, "PUB", True),
    "xpub": (Source, "XPUB", Sink, "XSUB", False),
    "xsub": (Sink, "XSUB", Source, "XPUB", True),
    "pair": (Asker, "PAIR", Echo, "PAIR", False),
}
MECHANISMS = ("NULL", "PLAIN", "CURVE")


def make(zmq, context, kind, mechanism, server, keys):
    """A socket that proves itself by a mechanism, as its server or client."""
    socket = context.socket(getattr(zmq, kind))
    socket.linger = 0
    socket.reconnect_ivl = 50
    socket.reconnect_ivl_max = 500
    socket.heartbeat_ivl = 2000
    socket.heartbeat_timeout = 10_000
    if kind == "REQ":
        socket.req_relaxed = socket.req_correlate = 1
    if kind == "SUB":
        socket.subscribe(b"")
    if mechanism == "PLAIN" and server:
        socket.plain_server = 1
    elif mechanism == "PLAIN":
        socket.plain_username, socket.plain_password = b"soak", b"soaked"
    elif mechanism == "CURVE" and server:
        socket.curve_server = 1
        socket.curve_secretkey = keys[1].encode()
    elif mechanism == "CURVE":
        socket.curve_serverkey, socket.curve_publickey = keys[0].encode(), keys[2].encode()
        socket.curve_secretkey = keys[3].encode()
    return socket


def begin(socket, kind):
    """What has to be said once it is connected."""
    if kind == "XSUB":
        socket.send(b"\x01")


def admit(authenticator, zmq_auth):
    """Whom servers let in."""
    authenticator.configure_plain("*", {"soak": "soaked"})
    authenticator.configure_curve("*", zmq_auth.CURVE_ALLOW_ANY)
