"""What a socket of the soak does, on gzmq and on pyzmq alike: numbered messages, and a check of what comes."""

import errno
import itertools
import os
from contextlib import suppress
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

    def join(self, endpoint, bind=False):
        """Bind or connect, and say what has to be said first."""
        (self.socket.bind if bind else self.socket.connect)(endpoint)

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

    def send(self):
        """The next message, if it can be sent now."""
        done = self.put([b"%s %d" % (self.run, self.sent + 1)])
        self.sent += done
        return done

    def put(self, message):
        """Whether it could be sent; to one who has gone it cannot."""
        try:
            self.put_now(message)
        except self.zmq.ZMQError as error:
            if error.errno not in (errno.EAGAIN, errno.EHOSTUNREACH):
                raise
            return False
        return True

    def put_now(self, message):
        """As the type sends."""
        self.socket.send_multipart(message, self.zmq.DONTWAIT)

    def check(self, body):
        """Of each run the numbers grow: nothing is doubled, nothing out of order."""
        run, _, digits = body.partition(b" ")
        number = int(digits)
        if number <= self._last.get(run, 0):
            self.bad.append(f"{self.name}: {run!r} {number} after {self._last[run]}")
        self._last[run] = number
        self.received += 1


class Source(Role):
    """PUSH, PUB, XPUB, SCATTER: sends."""

    def tick(self):
        self.send()

    def take(self, message):
        """An XPUB hears of subscriptions."""
        self.received += 1


class Sink(Role):
    """PULL, SUB, XSUB, GATHER: receives, of any number of sources."""

    def take(self, message):
        self.check(message[-1])


class Echo(Role):
    """REP, ROUTER, PAIR, CHANNEL, DGRAM: sends back what comes."""

    def take(self, message):
        self.received += 1
        self.sent += self.put(message)


class Asker(Role):
    """DEALER, PAIR, CLIENT, CHANNEL: sends, and gets its own back."""

    def tick(self):
        self.send()

    def take(self, message):
        if message[-1].partition(b" ")[0] == self.run:  # a PAIR may hear the answer to one who was there before
            self.check(message[-1])


class Client(Role):
    """REQ: asks again when there is no answer, until there is one."""

    _asked_at = None

    def readable(self):
        """One answer; then it is an error to look for another. libzmq's poll also counts one that came too late."""
        if self._asked_at is not None:
            with suppress(self.zmq.Again):
                self.take(self.socket.recv_multipart(self.zmq.DONTWAIT))

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


class Subscriber(Sink):
    """XSUB: says itself that it wants all."""

    def join(self, endpoint, bind=False):
        super().join(endpoint, bind)
        self.socket.send(b"\x01")


class Radio(Source):
    """RADIO: says all to one group."""

    def put_now(self, message):
        self.socket.send(*message, self.zmq.DONTWAIT, group=_GROUP)


class Dish(Sink):
    """DISH: is in that group."""

    def join(self, endpoint, bind=False):
        super().join(endpoint, bind)
        self.socket.join(_GROUP.decode())


class Answerer(Echo):
    """SERVER, PEER: sends back what comes, to the number that it comes from."""

    def readable(self):
        for _ in range(1000):
            try:
                asked = self.socket.recv(self.zmq.DONTWAIT, copy=False)
            except self.zmq.Again:
                return
            self.take(asked)

    def put_now(self, message):
        self.socket.send(message.bytes, self.zmq.DONTWAIT, routing_id=message.routing_id)


class Caller(Asker):
    """PEER: sends to the one that it has connected to."""

    def join(self, endpoint, bind=False):
        self._other = self.socket.connect_peer(endpoint)

    def put_now(self, message):
        self.socket.send(*message, self.zmq.DONTWAIT, routing_id=self._other)


class Writer(Asker):
    """DGRAM: sends to an address, and gets its own back."""

    def join(self, endpoint, bind=False):
        self._to = endpoint.removeprefix("udp://").encode()
        self.socket.bind("udp://127.0.0.1:*")

    def put_now(self, message):
        super().put_now([self._to, *message])


class StreamEcho(Echo):
    """STREAM: sends back the bytes that come."""

    def take(self, message):
        if message[1]:  # else somebody has come or gone
            super().take(message)


class StreamAsker(Asker):
    """STREAM: sends lines over the connection that there is, and gets them back cut at will."""

    _to = None
    _rest = b""

    def put_now(self, message):
        if self._to is not None:
            super().put_now([self._to, message[0] + b"\n"])

    def take(self, message):
        routing_id, data = message
        if not data:  # it has come or gone
            self._to = None if self._to == routing_id else routing_id
            self._rest = b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            super().take([line])


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
    "xpub": (Source, "XPUB", Subscriber, "XSUB", False),
    "xsub": (Subscriber, "XSUB", Source, "XPUB", True),
    "pair": (Asker, "PAIR", Echo, "PAIR", False),
    "client": (Asker, "CLIENT", Answerer, "SERVER", True),
    "server": (Answerer, "SERVER", Asker, "CLIENT", False),
    "channel": (Asker, "CHANNEL", Echo, "CHANNEL", False),
    "scatter": (Source, "SCATTER", Sink, "GATHER", False),
    "gather": (Sink, "GATHER", Source, "SCATTER", True),
    "radio": (Radio, "RADIO", Dish, "DISH", True),
    "dish": (Dish, "DISH", Radio, "RADIO", False),
    "peer": (Caller, "PEER", Answerer, "PEER", True),
    "dgram": (Echo, "DGRAM", Writer, "DGRAM", False),
    "writer": (Writer, "DGRAM", Echo, "DGRAM", True),
    "stream": (StreamAsker, "STREAM", StreamEcho, "STREAM", True),
    "streamed": (StreamEcho, "STREAM", StreamAsker, "STREAM", False),
}
_GROUP = b"soak"
_OPTIONS = {
    "LINGER": 0,
    "RECONNECT_IVL": 50,
    "RECONNECT_IVL_MAX": 500,
    "HEARTBEAT_IVL": 2000,
    "HEARTBEAT_TIMEOUT": 10_000,
}
MECHANISMS = ("NULL", "PLAIN", "CURVE")


def make(zmq, context, kind, mechanism, server, keys):
    """A socket that proves itself by a mechanism, as its server or client."""
    socket = context.socket(getattr(zmq, kind))
    for option, value in _OPTIONS.items():
        socket.set(getattr(zmq, option), value)
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


def admit(authenticator, zmq_auth):
    """Whom servers let in."""
    authenticator.configure_plain("*", {"soak": "soaked"})
    authenticator.configure_curve("*", zmq_auth.CURVE_ALLOW_ANY)
