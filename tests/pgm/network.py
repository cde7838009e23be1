"""A publisher and receivers on a network in the test's own time, which loses what the test says."""

import random
from collections import deque

from gzmq.pgm import Audience, Packer, Source, Tsi
from gzmq.pgm import packet as packets

PORT, GROUP, NLA = 5555, "239.192.1.1", "10.77.0.1"
TSI = Tsi(b"\xb7\xc6\xd1\xbc\x03\x8a", 2613)


def nothing(kind, sequence, receiver):
    """The network loses nothing."""
    return False


class Publisher:
    """Messages in, packets out."""

    def __init__(self, window=80, first=0, size=100, tsi=TSI):
        self.source = Source(tsi, PORT, NLA, GROUP, window, first)
        self.packer = Packer(size)
        self.sent = 0

    def packets(self, messages, now):
        queue = deque(messages)
        while (tsdu := self.packer.next(queue)) is not None:
            self.sent += 1
            yield self.source.data(tsdu, now)


class Network:
    """``loses(kind, sequence, receiver)`` decides about every packet; for NAKs the sequence is the first named."""

    def __init__(self, publisher, receivers=1, loses=nothing, window=80, seed=0):
        self.publisher = publisher
        draw = random.Random(seed).random
        self.audiences = [Audience(PORT, GROUP, window, -1, draw) for _ in range(receivers)]
        self.got = [[] for _ in range(receivers)]
        self.loses = loses
        self.now = 0.0
        self.naks = 0

    def to_group(self, raw):
        heard = packets.parse(raw)
        sequence = heard.sequences[0] if heard.sequences else heard.sequence
        for at, audience in enumerate(self.audiences):
            if not self.loses(heard.kind, sequence, at):
                self.got[at] += audience.receive(raw, NLA, self.now)
                self.upstream(at)

    def upstream(self, at):
        for raw, _ in self.audiences[at].output():
            heard = packets.parse(raw)
            self.naks += heard.kind == packets.NAK
            if not self.loses(heard.kind, heard.sequences[0] if heard.sequences else 0, at):
                for answer in self.publisher.source.receive(raw, self.now):
                    self.to_group(answer)

    def open(self):
        for raw in self.publisher.source.open(self.now):
            self.to_group(raw)

    def publish(self, *messages):
        for raw in self.publisher.packets(messages, self.now):
            self.to_group(raw)

    def run(self, seconds):
        """Let so much time pass."""
        end = self.now + seconds
        source = self.publisher.source
        while self.now < end:
            dues = [source.due] + [audience.due for audience in self.audiences if audience.due is not None]
            self.now = max(self.now, min(end, *dues))
            for at, audience in enumerate(self.audiences):
                self.got[at] += audience.tick(self.now)
                self.upstream(at)
            for raw in source.repairs(1000, self.now) + source.tick(self.now):
                self.to_group(raw)
