"""Makes inputs out of seeds, the same ones for the same number."""

import random

#: Bytes that mean something: flags, sizes, signatures, and the ends of ranges.
_TELLING = (0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0A, 0x20, 0x7F, 0x80, 0xFD, 0xFE, 0xFF)
#: Lengths that were somebody's undoing.
_LENGTHS = (
    0,
    1,
    255,
    256,
    1 << 16,
    (1 << 31) - 1,
    1 << 31,
    1 << 32,
    (1 << 63) - 1,
    1 << 63,
    (1 << 64) - 9,
    (1 << 64) - 1,
)
_MOST = 1 << 15


class Mutator:
    """An endless stream of inputs made from ``seeds``."""

    def __init__(self, seeds, number):
        self._seeds = seeds
        self._chance = random.Random(number)
        self._ways = (
            self._flip, self._tell, self._insert, self._cut, self._repeat, self._splice, self._length, self._end,
        )  # fmt: skip

    def __iter__(self):
        return self

    def __next__(self):
        chance = self._chance
        if chance.random() < 0.02:
            return chance.randbytes(chance.randrange(300))
        data = bytearray(chance.choice(self._seeds))
        if data:
            data[0] = chance.randrange(256)  # what it is fed to
            for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 8))):
                chance.choice(self._ways)(data, chance.randrange(len(data) + 1))
        return bytes(data[:_MOST])

    def _flip(self, data, at):
        if at < len(data):
            data[at] ^= 1 << self._chance.randrange(8)

    def _tell(self, data, at):
        if at < len(data):
            data[at] = self._chance.choice(_TELLING)

    def _insert(self, data, at):
        data[at:at] = self._chance.randbytes(self._chance.randrange(1, 20))

    def _cut(self, data, at):
        del data[at : at + self._chance.randrange(1, 30)]

    def _repeat(self, data, at):
        data[at:at] = data[at : at + self._chance.randrange(1, 60)] * self._chance.randrange(1, 4)

    def _splice(self, data, at):
        other = self._chance.choice(self._seeds)
        data[at:] = other[self._chance.randrange(len(other) + 1) :]

    def _length(self, data, at):
        data[at : at + 8] = self._chance.choice(_LENGTHS).to_bytes(8, "big")

    def _end(self, data, at):
        del data[at:]
