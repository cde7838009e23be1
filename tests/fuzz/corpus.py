"""What mutation begins with: what libzmq has said to libzmq, and datagrams and frames that are right."""

from gzmq.pgm import Source, Tsi
from gzmq.pgm import packet as packets

from ..pgm.network import GROUP, NLA, PORT, TSI
from ..zmtp.marriage import frame, frame1
from .recorded import SEEDS

_RECORDED = {path.name: path.read_bytes() for path in sorted(SEEDS.iterdir())}
_GREETING = 64
_FRAMES = [b"".join((wire(b"one", 1), wire(b"", 1), wire(b"x" * 300), wire(b"two"))) for wire in (frame, frame1)]


def _packets():
    source = Source(TSI, PORT, NLA, GROUP, 10)
    return [
        *source.open(0.0),
        *(source.data(b"\0\0\x06\0hello", 0.0) for _ in range(3)),
        packets.data(packets.RDATA, TSI, PORT, 1, 0, b"\xff\xff" + b"x" * 50),
        packets.nak(TSI, PORT, [1, 2, 5], NLA, GROUP),
        packets.ncf(TSI, PORT, [1], NLA, GROUP),
        packets.spmr(Tsi(TSI.gsi, 9), PORT),
        *source.close(),
    ]


def _counted(datagrams):
    return b"".join(len(datagram).to_bytes(2, "big") + datagram for datagram in datagrams)


def seeds(name):
    """Those for a target. The first byte of each is one that mutation chooses anew."""
    made = _OWN.get(name)
    if made is None:
        side = name.partition("_")[0]
        wanted = side if side in ("plain", "curve") else ""
        made = [said for recorded, said in _RECORDED.items() if wanted in recorded]
        if name.startswith("decoder") or name.endswith("_step"):
            made = [said[_GREETING:] for said in made] + _FRAMES
    return [b"\0" + said for said in made]


_OWN = {
    "commands": [b"\0\0", b"\0\x10context\xff\xff\0\x01", b"topic\xff\xfftopic\xff\xffother", b"\x03no."],
    "curve_boxes": [
        b"\0hello\xff\xff\x01a\xff\xff\0b",
        b"\x02\x04PING\0\0",
        b"\x02\x09SUBSCRIBEt\xff\xff\x02\x06CANCELt",
    ],
    "stream": [b"GET / HTTP/1.1\r\n\r\n"],
    "zap_reply": [b"|1.0|1|200|OK|anna|", b"|1.0|1|400|no||\x03X-a\0\0\0\x01b"],
    "subscriptions": [b"\1a\xff\xff\1b\xff\xff\0a\xff\xffhello", b"\1a\xfex\xfe\1b\xff\xff\1" + b"t" * 400],
    "datagram": [b"\4newshello", b"127.0.0.1:5555\0", b"[::1]:80"],
    "socks": [b"\5\0\5\0\0\1\1\2\3\4\0\x50", b"\5\2\1\0\5\0\0\3\x0bexample.org\0\x50", b"\5\0\5\5\0\1"],
    "pgm_packet": _packets(),
    "pgm_audience": [_counted(_packets()), _counted(_packets()[1:3] * 5)],
    "pgm_source": [_counted(_packets()), _counted(_packets()[5:6] * 5)],
    "pgm_unpacker": [b"\0\0\x06\0hello\xfe\xfe\xff\xffx\xfe\xfe\0\0\x06\0hello", b"\0\0\xff" + bytes(7) + b"\x20\0x"],
}
