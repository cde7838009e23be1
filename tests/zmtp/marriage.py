"""Two connections without a network, and what peers of every version say, written by hand."""

import tracemalloc
from collections import deque
from itertools import repeat

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from gzmq.buffers import parts
from gzmq.zmtp import Config, Connection, ProtocolError

#: Who talks to whom (37/ZMTP).
PEERS = {
    "PAIR": {"PAIR"}, "PUB": {"SUB", "XSUB"}, "SUB": {"PUB", "XPUB"}, "REQ": {"REP", "ROUTER"},
    "REP": {"REQ", "DEALER"}, "DEALER": {"REP", "DEALER", "ROUTER"}, "ROUTER": {"REQ", "DEALER", "ROUTER"},
    "PULL": {"PUSH"}, "PUSH": {"PULL"}, "XPUB": {"SUB", "XSUB"}, "XSUB": {"PUB", "XPUB"},
}  # fmt: skip
#: Those who talk since 3.0 only (RFCs 41, 48, 49 and 52).
DRAFTS = {
    "SERVER": {"CLIENT"}, "CLIENT": {"SERVER"}, "RADIO": {"DISH"}, "DISH": {"RADIO"}, "GATHER": {"SCATTER"},
    "SCATTER": {"GATHER"}, "PEER": {"PEER"}, "CHANNEL": {"CHANNEL"},
}  # fmt: skip
COUPLES = [(one, other) for one in PEERS for other in sorted(PEERS[one])]
STRANGERS = [(one, other) for one in PEERS for other in PEERS if other not in PEERS[one]]
#: What a socket type is called before 3.0 (15/ZMTP), and XPUB and XSUB by libzmq.
NUMBERS = {name: number for number, name in enumerate(PEERS)}

#: Always the same examples, however slow the machine.
STEADY = settings(deadline=None, derandomize=True, max_examples=60)
BODIES = st.binary(max_size=20) | st.sampled_from([0, 1, 254, 255, 256, 5000]).map(lambda size: b"x" * size)
MESSAGES = st.lists(st.lists(BODIES, min_size=1, max_size=4), max_size=8)
CUTS = st.lists(st.integers(1, 600), max_size=30)


# -- connections --------------------------------------------------------------------------------------------------


def single(socket_type="PULL", **config):
    """A connection that waits for its peer."""
    return Connection(Config(socket_type, frozenset({**PEERS, **DRAFTS}[socket_type]), **config))


def marry(a, b, cut=None):
    """Pump what either has to say into the other, n bytes at once, until both are quiet: what (a, b) received."""
    at_a, at_b = [], []
    while a.output or b.output:
        at_b += hear(b, said(a), cut)
        at_a += hear(a, said(b), cut)
    return at_a, at_b


def couple(one, other, **config):
    """Two married connections."""
    a, b = single(one, **config), single(other)
    marry(a, b)
    return a, b


def facing(socket_type, *words, **config):
    """A connection that has heard these bytes, and whose own are out of the way."""
    connection = single(socket_type, **config)
    hear(connection, b"".join(words))
    said(connection)
    return connection


def said(connection):
    """Take away what a connection has to say."""
    output, connection.output = connection.output, None
    return b"".join(output or ())


def hear(connection, data, cut=None):
    """The messages in bytes that come n at once, or in pieces of these sizes and then the rest."""
    return [parts(message) for piece in pieces(data, cut) for message in connection.receive_data(piece)]


def pieces(data, cut=None):
    """Bytes in pieces of n, or of each of these sizes and then the rest."""
    sizes = iter(cut) if isinstance(cut, list) else repeat(cut or len(data))
    pos = 0
    while pos < len(data):
        size = next(sizes, len(data))
        yield data[pos : pos + size]
        pos += size


def traffic(sender, receiver, *messages, cut=None):
    """What arrives of messages that one sends to the other."""
    return hear(receiver, encoded(sender, *messages), cut)


def written(encode, *messages):
    """Messages as bytes."""
    buffers = []
    encode(deque(messages), buffers, 1 << 40)
    return b"".join(buffers)


def refusal(connection, *words, cut=None):
    """The error by which a connection refuses these bytes."""
    with pytest.raises(ProtocolError) as caught:
        hear(connection, b"".join(words), cut)
    return caught.value


def encoded(connection, *messages):
    """Messages as a connection puts them on the wire."""
    return written(connection.encode, *messages)


def label(value):
    """A name for a test's long bytes."""
    return f"{len(value)}x{value[:4].hex()}-{value[-4:].hex()}" if isinstance(value, bytes) and len(value) > 9 else None


def peak(action):
    """Bytes that Python held at most on behalf of an action."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# -- peers by hand ------------------------------------------------------------------------------------------------


def signature(identity=b""):
    """What every peer since 2.0 says first."""
    return b"\xff" + (len(identity) + 1).to_bytes(8, "big") + b"\x7f"


def greeting3(version=(3, 1), mechanism=b"NULL", as_server=0):
    """The 64 octets of 3.x."""
    return signature() + bytes(version) + mechanism.ljust(20, b"\0") + bytes((as_server,)) + bytes(31)


def greeting2(socket_type, identity=b"", revision=1):
    """2.0; the identity is its first frame."""
    return signature(identity) + bytes((revision, NUMBERS[socket_type])) + frame(identity)


def greeting1(socket_type, identity=b""):
    """1.0 of a peer that knows of versions: as 2.0, with the frames of 1.0."""
    return signature(identity) + bytes((0, NUMBERS[socket_type])) + frame1(identity)


def unversioned(identity=b""):
    """1.0 of a peer that does not: only the frame of its identity."""
    return frame1(identity)


def property_(name, value):
    """One of a READY's."""
    return bytes((len(name),)) + name + len(value).to_bytes(4, "big") + value


def ready(socket_type, *properties):
    """READY of a socket type, with more properties already encoded."""
    return command(b"READY", property_(b"Socket-Type", socket_type.encode()), *properties)


def command(name, *data):
    """A command."""
    return frame(bytes((len(name),)) + name + b"".join(data), 4)


def hello3(socket_type, version=(3, 1)):
    """All that a 3.x peer says before its messages."""
    return greeting3(version) + ready(socket_type)


def frame(body, flags=0):
    """A frame since 2.0."""
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return header(len(body), flags) + body


def header(size, flags=0):
    """The long header of a frame since 2.0."""
    return bytes((flags | 2,)) + size.to_bytes(8, "big")


def frame1(body, flags=0):
    """A frame of 1.0."""
    if len(body) < 254:
        return bytes((len(body) + 1, flags)) + body
    return header1(len(body) + 1, flags) + body


def header1(length, flags=0):
    """The long header of a frame of 1.0; the length counts the flags."""
    return b"\xff" + length.to_bytes(8, "big") + bytes((flags,))
