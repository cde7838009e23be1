"""Claims of PGM's packets: captured ones are read and written to the last bit, and nothing else is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmq.pgm import packet as packets
from gzmq.pgm.packet import Tsi

GSI = bytes.fromhex("b7c6d1bc038a")
TSI = Tsi(GSI, 0x0A35)
PORT, NLA, GROUP = 5555, "10.77.0.1", "239.192.1.1"
#: What libzmq sends, from captures.
CAPTURED = {
    "SPM": "0a3515b3000048bbb7c6d1bc038a00000000000000000000ffffffff000100000a4d0001",
    "ODATA": "0a3515b30400052fb7c6d1bc038a000900000000000000000000060068656c6c6f",
    "NAK": "15b30a3508004ff6b7c6d1bc038a000000000002000100000a4d000100010000efc00101",
    "NCF": "0a3515b30a004df6b7c6d1bc038a000000000002000100000a4d000100010000efc00101",
    "SPMR": "15b3c2660c008ed8b7c6d1bc038a0000",
}
WRITTEN = {
    "SPM": lambda: packets.spm(TSI, PORT, 0, 0, 0xFFFFFFFF, NLA),
    "ODATA": lambda: packets.data(packets.ODATA, TSI, PORT, 0, 0, b"\0\0\x06\0hello"),
    "NAK": lambda: packets.nak(TSI, PORT, [2], NLA, GROUP),
    "NCF": lambda: packets.ncf(TSI, PORT, [2], NLA, GROUP),
    "SPMR": lambda: packets.spmr(Tsi(GSI, 0xC266), PORT),
}


@pytest.mark.parametrize("kind", CAPTURED)
def test_writes_what_libzmq_writes(kind):
    """Byte for byte, with the checksum."""
    assert WRITTEN[kind]().hex() == CAPTURED[kind]


@pytest.mark.parametrize("kind", CAPTURED)
def test_reads_what_libzmq_writes(kind):
    """Its kind and its source."""
    heard = packets.parse(bytes.fromhex(CAPTURED[kind]))
    assert heard.kind == getattr(packets, kind)
    assert heard.gsi == GSI and {heard.source_port, heard.dest_port} > {PORT}


def test_reads_an_spm():
    """Where the stream stands before any data: lead is one before trail."""
    heard = packets.parse(bytes.fromhex(CAPTURED["SPM"]))
    assert (heard.sequence, heard.trail, heard.lead, heard.nla, heard.fin) == (0, 0, 0xFFFFFFFF, NLA, False)


def test_reads_data():
    """The sequence, the trail and the payload."""
    heard = packets.parse(bytes.fromhex(CAPTURED["ODATA"]))
    assert (heard.tsi, heard.sequence, heard.trail, heard.tsdu) == (TSI, 0, 0, b"\0\0\x06\0hello")


def test_fin_is_an_option_of_the_last_spm():
    """As captured: the option's eight bytes, and the flag that there are options."""
    raw = packets.spm(TSI, PORT, 7, 1, 9, NLA, fin=True)
    assert raw[5] == 1 and raw.endswith(bytes.fromhex("000400088e040000"))
    assert packets.parse(raw).fin


def test_a_nak_lists_what_it_has_beyond_one():
    """As captured: five more in an option, whose reserved bytes say nothing."""
    raw = packets.nak(TSI, PORT, range(6), NLA, GROUP)
    listed = bytes.fromhex("0004001c82180000") + b"".join(n.to_bytes(4, "big") for n in range(1, 6))
    assert raw[5] == 3 and raw.endswith(listed)
    assert packets.parse(raw).sequences == [0, 1, 2, 3, 4, 5]


def test_a_nak_is_about_the_stream_of_its_destination():
    """Upstream the publisher's port is where the packet goes to."""
    assert packets.parse(bytes.fromhex(CAPTURED["NAK"])).tsi == TSI


@pytest.mark.parametrize("family", ["10.77.0.1", "fe80::1"])
def test_addresses_of_both_families(family):
    """AFI 1 and 2."""
    assert packets.parse(packets.spm(TSI, PORT, 0, 0, 0, family)).nla == family


@pytest.mark.parametrize("kind", CAPTURED)
def test_every_cut_is_refused_or_harmless(kind):
    """A prefix of a packet is no packet."""
    raw = bytes.fromhex(CAPTURED[kind])
    for size in range(len(raw)):
        assert packets.parse(raw[:size]) is None


@pytest.mark.parametrize("kind", CAPTURED)
def test_every_flipped_bit_is_noticed(kind):
    """The checksum covers all; a checksum of 0 is none, and only data must have one."""
    raw = bytearray(bytes.fromhex(CAPTURED[kind]))
    for at in range(len(raw) * 8):
        raw[at // 8] ^= 1 << at % 8
        assert packets.parse(bytes(raw)) is None
        raw[at // 8] ^= 1 << at % 8


def test_data_without_a_checksum_is_refused():
    """RFC 3208: it must be there on ODATA and RDATA."""
    raw = bytearray(bytes.fromhex(CAPTURED["ODATA"]))
    raw[6:8] = b"\0\0"
    assert packets.parse(bytes(raw)) is None


def test_others_may_leave_the_checksum_out():
    """Zero says that there is none."""
    raw = bytearray(bytes.fromhex(CAPTURED["SPM"]))
    raw[6:8] = b"\0\0"
    assert packets.parse(bytes(raw)).kind == packets.SPM


def test_a_fragment_is_told():
    """OPT_FRAGMENT: what is in it is no whole TSDU."""
    option = bytes.fromhex("0004001481100000") + bytes(12)
    body = bytes(8) + option + b"\0\0abc"
    raw = packets._pack(packets.ODATA, 1, (TSI.port, PORT), GSI, body, 5)
    heard = packets.parse(raw)
    assert heard.fragment and heard.tsdu == b"\0\0abc"


@given(st.binary(max_size=80), st.sampled_from([0, 4, 5, 8, 10, 12]), st.integers(0, 255))
def test_any_bytes_behind_a_header_are_taken_or_refused(body, kind, options):
    """Options of any shape, addresses of any family: a packet or None, nothing else."""
    heard = packets.parse(packets._pack(kind, options, (1, 2), GSI, body, len(body) - 8 if len(body) > 8 else 0))
    assert heard is None or heard.kind == kind


@given(st.binary(max_size=100))
def test_any_bytes_are_taken_or_refused(data):
    """Whatever comes in a datagram."""
    packets.parse(data)


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31) + 1, 2**31 - 1))
def test_distance_undoes_following(sequence, count):
    """Around the end of 32 bits too."""
    assert packets.distance(sequence, packets.following(sequence, count)) == count
