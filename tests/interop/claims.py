"""The vocabulary of the claims: each works with a socket on either side."""

import struct
from contextlib import contextmanager
from errno import EHOSTUNREACH
from time import monotonic

import gevent
import pytest

import gzmq as zmq

#: Who speaks to whom: (the one who speaks first, the other).
PAIRS = [
    ("REQ", "REP"), ("REQ", "ROUTER"), ("DEALER", "REP"), ("DEALER", "ROUTER"), ("DEALER", "DEALER"),
    ("ROUTER", "ROUTER"), ("PUB", "SUB"), ("PUB", "XSUB"), ("XPUB", "SUB"), ("XPUB", "XSUB"), ("PUSH", "PULL"),
    ("PAIR", "PAIR"),
]  # fmt: skip
#: Those of them whose second never answers.
ONE_WAY = {("PUB", "SUB"), ("PUB", "XSUB"), ("XPUB", "SUB"), ("XPUB", "XSUB"), ("PUSH", "PULL")}
KINDS = sorted({kind for pair in PAIRS for kind in pair})
#: What the first puts before its message, and finds before the answer.
_PREFIX = {("DEALER", "REP"): [b""], ("ROUTER", "ROUTER"): [b"second"]}
#: How many frames the second finds before the message, and puts before the answer.
_ROUTE = {("REQ", "ROUTER"): 2, ("DEALER", "ROUTER"): 1, ("ROUTER", "ROUTER"): 1}


def name(pair):
    """A pair as part of a test's name."""
    return "-".join(pair)


def until(condition, seconds=10):
    """Let the hub run until a condition holds; fail when it does not in time."""
    with gevent.Timeout(seconds, AssertionError(f"not within {seconds} s: {condition}")):
        while not condition():
            gevent.sleep(0.002)


@contextmanager
def refused(code):
    """A call on either side raises this errno."""
    with pytest.raises(Exception) as caught:
        yield
    assert getattr(caught.value, "errno", None) == code, caught.value


def silent(socket, milliseconds=30):
    """Nothing is there, nor comes soon."""
    return not socket.poll(milliseconds)


def address(bound):
    """Where a bound socket can be connected to."""
    return bound.get(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()


def can(kind):
    """Whether sockets of a type (send, receive)."""
    return kind not in ("SUB", "PULL"), kind not in ("PUB", "PUSH")


# -- pairs -------------------------------------------------------------------------------------------------------------


def options_of(pair):
    """What the first and the second must be told before they meet."""
    if pair != ("ROUTER", "ROUTER"):
        return {}, {}
    return {"routing_id": b"first", "router_mandatory": 1}, {"routing_id": b"second", "router_mandatory": 1}


def meet(pair, first, second):
    """Wait until the first can speak to the second."""
    if pair == ("ROUTER", "ROUTER"):
        until(lambda: reaches(first, [b"second", b"hello"]))
        assert second.recv_multipart() == [b"first", b"hello"]
    elif pair[0] in ("PUB", "XPUB"):
        subscribe(second, pair[1], b"")
        heard_by(first, second)
        if pair[0] == "XPUB":
            assert first.recv() == b"\1"


def reaches(router, message):
    """Send by a ROUTER with ROUTER_MANDATORY; whether it knows the peer."""
    try:
        router.send_multipart(message)
    except Exception as error:
        if getattr(error, "errno", None) != EHOSTUNREACH:
            raise
        return False
    return True


def there(pair, first, second, message):
    """The first's message arrives; the way back to it."""
    first.send_multipart(_PREFIX.get(pair, []) + message)
    received = second.recv_multipart()
    cut = _ROUTE.get(pair, 0)
    assert received[cut:] == message
    return received[:cut]


def back(pair, first, second, route, answer):
    """The second's answer arrives."""
    second.send_multipart(route + answer)
    assert first.recv_multipart() == _PREFIX.get(pair, []) + answer


# -- subscriptions -----------------------------------------------------------------------------------------------------


def subscribe(socket, kind, topic):
    """Ask for a topic in the way of a SUB or an XSUB."""
    if kind == "SUB":
        socket.set(zmq.SUBSCRIBE, topic)
    else:
        socket.send(b"\1" + topic)


def unsubscribe(socket, kind, topic):
    """Cancel it."""
    if kind == "SUB":
        socket.set(zmq.UNSUBSCRIBE, topic)
    else:
        socket.send(b"\0" + topic)


def heard_by(publisher, subscriber, topic=b""):
    """Publish until a subscription has taken effect; then nothing more is on its way."""

    def heard():
        publisher.send(topic + b"?")
        return subscriber.poll(10)

    until(heard)
    publisher.send(topic + b"!")
    while subscriber.recv() != topic + b"!":
        pass


# -- events ------------------------------------------------------------------------------------------------------------


def event(monitor, wanted, seconds=10):
    """The value of the next event of these kinds; fails when none comes in time."""
    return fate(monitor, wanted, seconds)[1]


def fate(monitor, wanted, seconds=10):
    """The next event of these kinds, and its value."""
    deadline = monotonic() + seconds
    seen = []
    while monitor.poll(max(0, round((deadline - monotonic()) * 1000))):
        number, value = struct.unpack("=Hi", monitor.recv_multipart()[0])
        if number & wanted:
            return number, value
        seen.append(zmq.Event(number).name)
    raise AssertionError(f"no {wanted!r} within {seconds} s, but {seen}")


def events(monitor, milliseconds=20):
    """The events that are there, and those that follow soon."""
    found = []
    while monitor.poll(milliseconds):
        found.append(zmq.Event(struct.unpack("=Hi", monitor.recv_multipart()[0])[0]))
    return found
