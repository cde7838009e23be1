"""Stand-ins for what surrounds a pipe or a pattern."""

from collections import deque

from gzmq.limits import LIMITS
from gzmq.pipe import pipe_pair


class FakeSink:
    """Remembers what its pipes tell it."""

    def __init__(self):
        self.heard = []

    def read_activated(self, pipe):
        self.heard.append("read")

    def write_activated(self, pipe):
        self.heard.append("write")

    def pipe_terminated(self, pipe):
        pipe.parted()
        self.heard.append("terminated")


def joined(hwm=0, hwm_back=0, **kwargs):
    """A pipe pair with a FakeSink at either end."""
    a, b = pipe_pair(hwm, hwm_back, **kwargs)
    a.sink, b.sink = FakeSink(), FakeSink()
    return a, b


def contents(pipe):
    """Drain a pipe's end: the first frames of its messages."""
    found = []
    while (message := pipe.recv()) is not None:
        found.append(message[0])
    return found


class FakeSocket:
    """What a pattern sees of its socket."""

    def __init__(self, **options):
        defaults = {
            "probe_router": 0, "req_relaxed": 0, "req_correlate": 0, "router_mandatory": 0, "router_handover": 0,
            "router_notify": 0, "only_first_subscribe": 0, "stream_notify": 1,
            "xpub_verbose": 0, "xpub_verboser": 0, "xpub_manual": 0, "xpub_nodrop": 0, "xpub_welcome_msg": b"",
            "invert_matching": 0, "limits": LIMITS, "rcvhwm": 1000, "sndhwm": 1000, "xsub_verbose_unsubscribe": 0,
        }  # fmt: skip
        self.options = type("Options", (), {**defaults, **options})()
        self.pattern = None
        self.slice = 10**6  # so much is done at once
        self._slices = []

    def in_slices(self, things, each):
        self._slices.append((deque(things), each))
        self._do(*self._slices[-1])

    def to_peers(self, peers, tell):
        for peer in list(peers):
            tell(peer)

    def go_on(self):
        """The next slice of all that is done in slices."""
        for things, each in self._slices:
            self._do(things, each)

    def _do(self, things, each):
        for _ in range(min(self.slice, len(things))):
            each(things.popleft())

    def readable_again(self):
        pass

    def dropped(self, reason, count=1):
        pass

    def part(self, pipe):
        self.pattern.terminated(pipe)
        pipe.close()


class Bench:
    """A pattern with some peers: their far ends are played by the test."""

    def __init__(self, pattern, hwm=1000, **options):
        self.socket = FakeSocket(**options)
        self.pattern = self.socket.pattern = pattern(self.socket)
        self._hwm = hwm

    def peer(self, announced_id=b"", hwm=None, **attributes):
        """Join one more peer; its end of the pipe."""
        near, far = pipe_pair(self._hwm if hwm is None else hwm, 1000)
        near.sink, far.sink = _PatternSink(self.pattern), FakeSink()
        near.announced_id = announced_id
        for name, value in attributes.items():
            setattr(near, name, value)
        if self.pattern.attach(near) is False or self.pattern.ready(near) is False:
            return None
        return far


class _PatternSink:
    def __init__(self, pattern):
        self._pattern = pattern
        self.read_activated = pattern.read_activated

    def write_activated(self, pipe):
        if pipe.has_room():
            self._pattern.write_activated(pipe)

    def pipe_terminated(self, pipe):
        pipe.parted()
        self._pattern.terminated(pipe)
