"""PGM (RFC 3208) without I/O: packets and the time in, packets and messages out."""

from .audience import Audience
from .packet import Tsi
from .source import Rate, Source
from .stream import Packer, Unpacker, tsdu_size

__all__ = ["Audience", "Packer", "Rate", "Source", "Tsi", "Unpacker", "tsdu_size"]
