"""What is fuzzed: name -> a target that takes any bytes, and raises only when gzmq has a fault.

The first byte of an input chooses a variety of the target, such as the socket type, and how the rest is cut. What a
peer says may end in a ProtocolError and in nothing else, makes no messages but lists of bytes, and means the same in
any cuts.
"""

from contextlib import suppress

from nacl import bindings

from gzmq.buffers import parts
from gzmq.constants import SecurityMechanism
from gzmq.error import ZMQError
from gzmq.limits import Limits
from gzmq.pattern.pubsub import XPub
from gzmq.pgm import Audience, Source, Unpacker
from gzmq.pgm import packet as packets
from gzmq.security import Security
from gzmq.transport import socks
from gzmq.zmtp import CLOSED, TRAFFIC, Config, ProtocolError, zap
from gzmq.zmtp.connection import SHAPES
from gzmq.zmtp.datagram import Groups, Raw, parse_address
from gzmq.zmtp.framing import Decoder
from gzmq.zmtp.legacy import LegacyDecoder
from gzmq.zmtp.raw import RawConnection

from ..fakes import Bench
from ..pgm.network import GROUP, NLA, PORT, TSI
from ..zmtp.marriage import DRAFTS, PEERS, hear, hello3, said, single
from .recorded import CLIENT_SECRET, SERVER_SECRET

TYPES = sorted({**PEERS, **DRAFTS})
#: Small, so that they are met.
LIMITS = Limits(1, 5000, 20_000, 50, 300, 20, 1000)
_SERVER_KEY, _CLIENT_KEY = (bindings.crypto_scalarmult_base(key) for key in (SERVER_SECRET, CLIENT_SECRET))
SIDES = {
    "null": Security(),
    "plain_server": Security(SecurityMechanism.PLAIN, True),
    "plain_client": Security(SecurityMechanism.PLAIN, username=b"anna", password=b"opensesame"),
    "curve_server": Security(SecurityMechanism.CURVE, True, secret_key=SERVER_SECRET),
    "curve_client": Security(
        SecurityMechanism.CURVE, public_key=_CLIENT_KEY, secret_key=CLIENT_SECRET, server_key=_SERVER_KEY
    ),
}
OTHER_SIDE = {
    "plain_server": "plain_client", "plain_client": "plain_server", "curve_server": "curve_client",
    "curve_client": "curve_server",
}  # fmt: skip
_WELCOME = [b"", b"1.0", b"1", b"200", b"OK", b"anna", b""]


# -- what a stream of bytes comes to ----------------------------------------------------------------------------------


def _parts(choice, data):
    """The rest of an input whole, or in pieces of a size that the first byte names."""
    size = (1, 2, 7, 64)[choice % 4]
    return [data[at : at + size] for at in range(0, len(data), size)]


def _outcome(take, pieces):
    """The messages in pieces, and whether they ended in a refusal."""
    messages = []
    try:
        for piece in pieces:
            messages += take(piece)
    except ProtocolError as error:
        assert error.reason
        return [*messages, *error.messages], True
    return messages, False


def _check(messages):
    for message in messages:
        assert parts(message) and all(type(frame) is bytes for frame in parts(message)), message


def _same_in_any_cuts(make, data, choice):
    """Feed it whole and in pieces."""
    whole, cut = _outcome(make(), [data]), _outcome(make(), _parts(choice, data))
    assert whole == cut, (whole, cut)
    _check(whole[0])


def _decoder(kind):
    def target(data):
        choice, data = data[:1], data[1:]
        limit = (-1, 100)[bool(choice) and choice[0] >= 128]

        def make():
            return kind(limit, lambda body: [body] if body[:1] == b"\1" else None, LIMITS).feed

        _same_in_any_cuts(make, data, choice[0] if choice else 0)

    return target


# -- connections ------------------------------------------------------------------------------------------------------


def _listen(connection, data):
    """What the connection makes of bytes, with a ZAP handler who lets all in."""
    messages = list(connection.receive_data(data))
    if connection.take_zap_question() is not None:
        messages += connection.zap_replied(_WELCOME)
    return messages


def _connection(side):
    def target(data):
        choice, data = data[0] if data else 0, data[1:]
        made = []

        def make():
            made.append(single(TYPES[choice % len(TYPES)], security=SIDES[side], limits=LIMITS))
            return lambda piece: _listen(made[-1], piece)

        if side.startswith("curve"):  # what it says is another each time
            _check(_outcome(make(), _parts(choice, data))[0])
        else:
            _same_in_any_cuts(make, data, choice // 64)
        for connection in made:
            if connection.state == CLOSED:
                assert _listen(connection, data) == []

    return target


def _handshake(side):
    """So many honest words, as the first byte says, and then the rest of the input as the next."""

    def target(data):
        choice, data = data[0] if data else 0, data[1:]
        ours = single("PULL", security=SIDES[side], limits=LIMITS)
        theirs = single("PUSH", security=SIDES[OTHER_SIDE[side]])
        for _ in range(choice % 8):
            _listen(theirs, said(ours))
            word = said(theirs)
            if not word:
                break
            if choice >= 192:  # the honest word, spoiled
                word = word[: data[0] if data else 0] + data[1:]
            with suppress(ProtocolError):
                _listen(ours, word)
            if choice >= 192:
                break
        _check(_outcome(lambda piece: _listen(ours, piece), _parts(choice, data))[0])

    return target


def _sealed(data):
    """Boxes that open, with anything in them."""
    choice, data = data[0] if data else 0, data[1:]
    ours = single(TYPES[choice % len(TYPES)], security=SIDES["curve_server"], limits=LIMITS)
    peer = next(iter(sorted(ours.config.peers)))
    theirs = single(peer, security=SIDES["curve_client"])
    while TRAFFIC not in (ours.state, theirs.state) or ours.output or theirs.output:
        _listen(ours, said(theirs))
        _listen(theirs, said(ours))
    cipher = theirs._command.__self__
    pieces = []
    cipher._sealer.begin(pieces, 0)
    for part in data.split(b"\xff\xff")[:20]:
        flags, rest = part[:1] or b"\0", part[1:]
        cipher._sent += 1
        cipher._sealer.add(cipher._sent, flags[0], rest)
        cipher._sealer.end()
    _check(_outcome(ours.receive_data, list(map(bytes, pieces)))[0])


def _commands(data):
    """Whole commands, to every type, in traffic."""
    choice, data = data[0] if data else 0, data[1:]
    kind = TYPES[choice % len(TYPES)]
    ours = single(kind, limits=LIMITS)
    hear(ours, hello3(sorted(ours.config.peers)[0]))
    name = (b"PING", b"PONG", b"SUBSCRIBE", b"CANCEL", b"JOIN", b"LEAVE", b"ERROR", b"READY")[choice // 32]
    words = [bytes((len(name),)) + name + part for part in data.split(b"\xff\xff")[:20]]
    wire = [bytes((6,)) + len(word).to_bytes(8, "big") + word for word in words]
    _check(_outcome(ours.receive_data, wire)[0])


def _raw(data):
    connection = RawConnection(Config("STREAM", frozenset()))
    pieces = _parts(0, data)
    assert b"".join(frame for piece in pieces for frame in connection.receive_data(piece)) == data


def _zap_reply(data):
    with suppress(ProtocolError):
        verdict = zap.parse_reply(data.split(b"|"))
        assert verdict.status in (200, 300, 400, 500) and len(verdict.text) <= 255


def _subscriptions(data):
    """Messages of peers to an XPUB; afterwards it knows no more than it may."""
    bench = Bench(XPub, limits=LIMITS, xpub_manual=data[:1] >= b"\x80")
    bench.socket.expel = lambda pipe, limit: bench.socket.part(pipe)
    peers = [bench.peer() for _ in range(3)]
    for at, part in enumerate(data.split(b"\xff\xff")):
        peers[at % 3].send_all([part.split(b"\xfe") or [b""]])
        bench.pattern.send([part[1:]])
    assert len(bench.pattern._pending) <= max(LIMITS.subscriptions, 1000)
    for peer in peers:
        peer.close()
    assert (bench.pattern.topics_count, bench.pattern._subscriptions._bytes) == (0, {})


# -- others who read bytes --------------------------------------------------------------------------------------------


def _datagram(data):
    for codec in (Groups(), Raw()):
        message = codec.decode(data, ("127.0.0.1", 5555))
        assert message is None or (len(message) == 2 and all(type(frame) is bytes for frame in message))
    with suppress(ZMQError):
        host, port = parse_address(data)
        assert host and 0 < port < 65536


def _socks(data):
    """A proxy that answers anything."""
    choice, data = data[0] if data else 0, data[1:]
    username = b"anna" if choice % 2 else b""
    with suppress(socks.SocksError, StopIteration):
        script = socks.script("example.org", 80, username, b"pw")
        _, need = next(script)
        while len(data) >= need:
            assert 0 < need < 300
            _, need = script.send(data[:need])
            data = data[need:]


def _whole(datagram):
    """With a checksum that is right, without which PGM would read nothing further."""
    if len(datagram) < 16:
        return datagram
    bare = bytearray(datagram)
    bare[6:8] = b"\0\0"
    bare[6:8] = (0xFFFF - packets._sum(bare)).to_bytes(2, "big")
    return bytes(bare)


def _pgm_packet(data):
    found = packets.parse(_whole(data[1:]) if data[:1] >= b"\x20" else data[1:])
    assert found is None or len(found.sequences) <= packets.MOST_SEQUENCES


def _datagrams(data):
    """Datagrams, each with two bytes of length in front."""
    at = 1
    while at + 2 <= len(data):
        size = int.from_bytes(data[at : at + 2], "big") % 1500
        yield _whole(data[at + 2 : at + 2 + size])
        at += 2 + size


def _pgm_audience(data):
    """A group in which anybody says anything; in a second or so of its time."""
    audience = Audience(PORT, GROUP, 10, 1000, lambda: 0.5)
    now = 0.0
    for datagram in _datagrams(data):
        now += 0.03
        _check(audience.receive(datagram, NLA, now))
        _check(audience.tick(now))
        assert len(audience.output()) < 100
    _check(audience.tick(now + 400))
    assert audience._receivers == {}


def _pgm_source(data):
    source = Source(TSI, PORT, NLA, GROUP, 10)
    source.open(0.0)
    now = 0.0
    for datagram in _datagrams(data):
        now += 0.03
        source.data(b"\0\0\x06\0hello", now)
        source.receive(datagram, now)
        assert len(source.repairs(100_000, now)) < 100
        source.tick(now)


def _pgm_unpacker(data):
    unpacker = Unpacker((-1, 100)[data[:1] >= b"\x80"])
    for tsdu in data[1:].split(b"\xfe\xfe"):
        _check(unpacker.feed(tsdu))


TARGETS = {
    **{f"{side}": _connection(side) for side in SIDES},
    **{f"{side}_step": _handshake(side) for side in OTHER_SIDE},
    "curve_boxes": _sealed,
    "decoder": _decoder(Decoder),
    "decoder_legacy": _decoder(LegacyDecoder),
    "decoder_one_frame": _decoder(SHAPES["SERVER"]),
    "decoder_groups": _decoder(SHAPES["DISH"]),
    "decoder_commands": _decoder(SHAPES["RADIO"]),
    "commands": _commands,
    "stream": _raw,
    "zap_reply": _zap_reply,
    "subscriptions": _subscriptions,
    "datagram": _datagram,
    "socks": _socks,
    "pgm_packet": _pgm_packet,
    "pgm_audience": _pgm_audience,
    "pgm_source": _pgm_source,
    "pgm_unpacker": _pgm_unpacker,
}
