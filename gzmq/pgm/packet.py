"""Packets of PGM (RFC 3208, section 8): how each is written, and read with nothing taken on trust."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Sequence
from typing import NamedTuple

SPM, ODATA, RDATA, NAK, NCF, SPMR = 0x00, 0x04, 0x05, 0x08, 0x0A, 0x0C
#: What a receiver says to the publisher, and what a publisher says that makes it known.
UPSTREAM, INTRODUCING = frozenset({NAK, SPMR}), frozenset({SPM, ODATA, RDATA})

_OPTIONS_PRESENT, _OPTIONS_SIGNIFICANT, _PARITY = 0x01, 0x02, 0x80
_OPT_LENGTH, _OPT_FRAGMENT, _OPT_NAK_LIST, _OPT_FIN, _OPT_LAST = 0x00, 0x01, 0x02, 0x0E, 0x80
_FIN = bytes((_OPT_LENGTH, 4, 0, 8, _OPT_FIN | _OPT_LAST, 4, 0, 0))

_HEADER = struct.Struct("!HHBBH6sH")
_CHECKSUM_AT = 6
_SPM = struct.Struct("!III")
_DATA = struct.Struct("!II")
_SEQUENCE = struct.Struct("!I")
#: Address family -> bytes of an address. RFC 3208 takes the numbers from the AFI registry.
_ADDRESS_SIZE = {1: 4, 2: 16}

#: Sequences that one NAK or NCF can name: one in its body, the others in a list.
MOST_SEQUENCES = 63
_MASK, _HALF = 0xFFFFFFFF, 0x80000000


def following(sequence: int, count: int = 1) -> int:
    """The sequence number so many further on, around the end of 32 bits."""
    return (sequence + count) & _MASK


def distance(start: int, end: int) -> int:
    """How far ``end`` is ahead of ``start``; negative when it is behind."""
    return ((end - start + _HALF) & _MASK) - _HALF


class Tsi(NamedTuple):
    """What identifies a stream: its source's global id (6 bytes) and port."""

    gsi: bytes
    port: int


class Packet:
    """One packet. What its type does not have keeps its default."""

    __slots__ = (
        "dest_port", "fin", "fragment", "group", "gsi", "kind", "lead", "nla", "sequence", "sequences", "source_port",
        "trail", "tsdu",
    )  # fmt: skip

    def __init__(self, kind: int, source_port: int, dest_port: int, gsi: bytes):
        self.kind = kind
        self.source_port = source_port
        self.dest_port = dest_port
        self.gsi = gsi
        self.sequence = self.trail = self.lead = 0
        self.sequences: list[int] = []  # of NAK and NCF
        self.nla = self.group = ""  # of the publisher, and of the group it sends to
        self.tsdu = b""
        self.fin = False
        self.fragment = False

    @property
    def tsi(self) -> Tsi:
        """The stream that this is about."""
        return Tsi(self.gsi, self.dest_port if self.kind in UPSTREAM else self.source_port)


# -- in -------------------------------------------------------------------------------------------------------------


def parse(data: bytes) -> Packet | None:
    """The packet that a datagram holds; None for what is none, is cut, damaged, or of a kind that is not used."""
    if len(data) < _HEADER.size:
        return None
    source_port, dest_port, kind, options, checksum, gsi, size = _HEADER.unpack_from(data)
    read = _READERS.get(kind)
    if read is None or options & _PARITY or not _is_whole(data, checksum, kind):
        return None
    packet = Packet(kind, source_port, dest_port, gsi)
    try:
        read(packet, data, bool(options & _OPTIONS_PRESENT), size)
    except (struct.error, _Cut):
        return None
    return packet


class _Cut(Exception):
    """The packet is shorter than it says, or says what cannot be."""


def _is_whole(data: bytes, checksum: int, kind: int) -> bool:
    """Whether the checksum is right. RFC 3208, 8: it "MUST" be there on data; elsewhere 0 is none."""
    if not checksum:
        return kind not in (ODATA, RDATA)
    return _sum(data) == 0


def _sum(data: bytes | bytearray) -> int:
    """The Internet checksum's sum: that of 16-bit words, modulo 65535, is that of one big number."""
    number = int.from_bytes(data, "big")
    return (number << 8 if len(data) % 2 else number) % 0xFFFF


def _read_data(packet: Packet, data: bytes, has_options: bool, size: int) -> None:
    packet.sequence, packet.trail = _DATA.unpack_from(data, _HEADER.size)
    start = _HEADER.size + _DATA.size
    if has_options:
        start, options = _read_options(data, start)
        packet.fragment = _OPT_FRAGMENT in options
    packet.tsdu = data[start:]
    if len(packet.tsdu) != size:
        raise _Cut


def _read_spm(packet: Packet, data: bytes, has_options: bool, size: int) -> None:
    packet.sequence, packet.trail, packet.lead = _SPM.unpack_from(data, _HEADER.size)
    packet.nla, end = _read_address(data, _HEADER.size + _SPM.size)
    if has_options:
        packet.fin = _OPT_FIN in _read_options(data, end)[1]


def _read_nak(packet: Packet, data: bytes, has_options: bool, size: int) -> None:
    packet.sequences = [_SEQUENCE.unpack_from(data, _HEADER.size)[0]]
    packet.nla, end = _read_address(data, _HEADER.size + _SEQUENCE.size)
    packet.group, end = _read_address(data, end)
    if has_options:
        listed = _read_options(data, end)[1].get(_OPT_NAK_LIST, b"")
        packet.sequences += (sequence for (sequence,) in _SEQUENCE.iter_unpack(listed))


def _read_spmr(packet: Packet, data: bytes, has_options: bool, size: int) -> None:
    """It is all header."""


_READERS = {
    SPM: _read_spm, ODATA: _read_data, RDATA: _read_data, NAK: _read_nak, NCF: _read_nak, SPMR: _read_spmr,
}  # fmt: skip


def _read_address(data: bytes, start: int) -> tuple[str, int]:
    """(address, where it ends) of an NLA."""
    family, _ = struct.unpack_from("!HH", data, start)
    size = _ADDRESS_SIZE.get(family, 0)
    end = start + 4 + size
    if not size or end > len(data):
        raise _Cut
    return str(ipaddress.ip_address(data[start + 4 : end])), end


def _read_options(data: bytes, start: int) -> tuple[int, dict[int, bytes]]:
    """(where they end, {type: body}); OPT_LENGTH comes first and counts itself."""
    kind, length, total = struct.unpack_from("!BBH", data, start)
    end = start + total
    if kind & ~_OPT_LAST != _OPT_LENGTH or length != 4 or not start + 4 <= end <= len(data):
        raise _Cut
    options = {}
    at = start + 4
    while at < end:
        kind, length = struct.unpack_from("!BB", data, at)
        if length < 4 or at + length > end:
            raise _Cut
        options[kind & ~_OPT_LAST] = data[at + 4 : at + length]
        at += length
        if kind & _OPT_LAST:
            break
    return end, options


# -- out ------------------------------------------------------------------------------------------------------------


def spm(tsi: Tsi, port: int, sequence: int, trail: int, lead: int, nla: str, fin: bool = False) -> bytes:
    """A source path message: where the stream stands, and where to send NAKs. ``fin``: it ends here."""
    body = _SPM.pack(sequence, trail, lead) + address(nla)
    return _pack(SPM, _OPTIONS_PRESENT * fin, (tsi.port, port), tsi.gsi, body + _FIN if fin else body)


def data(kind: int, tsi: Tsi, port: int, sequence: int, trail: int, tsdu: bytes) -> bytes:
    """ODATA, or the same again as RDATA."""
    return _pack(kind, 0, (tsi.port, port), tsi.gsi, _DATA.pack(sequence, trail) + tsdu, len(tsdu))


def nak(tsi: Tsi, port: int, sequences: Sequence[int], nla: str, group: str) -> bytes:
    """What a receiver of the stream has missed: at most MOST_SEQUENCES."""
    return _pack(NAK, *_listed(sequences), (port, tsi.port), tsi.gsi, _named(sequences, nla, group))


def ncf(tsi: Tsi, port: int, sequences: Sequence[int], nla: str, group: str) -> bytes:
    """The publisher's answer to the whole group: it knows, and the data follows."""
    return _pack(NCF, *_listed(sequences), (tsi.port, port), tsi.gsi, _named(sequences, nla, group))


def spmr(tsi: Tsi, port: int) -> bytes:
    """Ask a source for an SPM."""
    return _pack(SPMR, 0, (port, tsi.port), tsi.gsi, b"")


def address(text: str) -> bytes:
    """An NLA: the family, and the address."""
    packed = ipaddress.ip_address(text).packed
    return struct.pack("!HH", 1 if len(packed) == 4 else 2, 0) + packed


def _listed(sequences: Sequence[int]) -> tuple[int]:
    return (_OPTIONS_PRESENT | _OPTIONS_SIGNIFICANT if len(sequences) > 1 else 0,)


def _named(sequences: Sequence[int], nla: str, group: str) -> bytes:
    body = _SEQUENCE.pack(sequences[0]) + address(nla) + address(group)
    more = b"".join(map(_SEQUENCE.pack, sequences[1:MOST_SEQUENCES]))
    if more:
        body += (
            struct.pack("!BBHBBH", _OPT_LENGTH, 4, 8 + len(more), _OPT_NAK_LIST | _OPT_LAST, 4 + len(more), 0) + more
        )
    return body


def _pack(kind: int, options: int, ports: tuple[int, int], gsi: bytes, body: bytes, tsdu_size: int = 0) -> bytes:
    head = bytearray(_HEADER.pack(*ports, kind, options, 0, gsi, tsdu_size))
    head += body
    struct.pack_into("!H", head, _CHECKSUM_AT, 0xFFFF - _sum(head))
    return bytes(head)
