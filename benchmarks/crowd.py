"""Many subscribers in one process, of no library: plain sockets that speak just enough ZMTP 3.0 for a PUB.

They are the same whoever publishes, so that only the publisher is measured.
"""

import errno
import select
import socket
from time import perf_counter

from .libs import Library
from .role import allow_descriptors, cued, say

_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_READY = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB"
_SUBSCRIBE = b"\x00\x01\x01"  # to everything
_AT_ONCE = 64  # handshakes under way: fewer than the backlog of any listener
BROADCAST = b"!" * 64
BROADCASTS = 5  # in a round, one after the other


class Subscriber:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        started = self.socket.connect_ex(("127.0.0.1", port))
        assert started in (0, errno.EINPROGRESS), errno.errorcode[started]
        self.connected = self.ready = self.heard = False
        self._came = b""

    def write(self) -> None:
        """The connection is there."""
        self.socket.sendall(_GREETING + _READY)
        self.connected = True

    def read(self) -> None:
        """Something came; it is `ready` once the other side's handshake is complete, which is when it subscribes."""
        chunk = self.socket.recv(65536)
        if not chunk:
            raise SystemExit("the publisher has closed a connection")
        if self.ready:
            self.heard = True
            self._came = chunk[-len(BROADCAST) :]
            return
        self._came += chunk
        if len(self._came) >= 66 and len(self._came) >= 66 + self._came[65]:
            self.socket.sendall(_SUBSCRIBE)
            self.ready, self._came = True, b""

    def forget(self) -> None:
        """What it has heard, as another broadcast comes."""
        self._came = b""

    @property
    def done(self) -> bool:
        """Whether the broadcast has come."""
        return self._came == BROADCAST


class Crowd:
    """All connections, and the one place that waits for them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._poll = select.epoll()
        self.members: dict[int, Subscriber] = {}

    def connect(self, count: int) -> None:
        """`count` more connections, handshakes included."""
        begun = ready = 0
        while ready < count:
            while begun < count and begun - ready < _AT_ONCE:
                member = Subscriber(self._port)
                self.members[member.socket.fileno()] = member
                self._poll.register(member.socket, select.EPOLLOUT)
                begun += 1
            for descriptor, _ in self._poll.poll():
                member = self.members[descriptor]
                if not member.connected:
                    member.write()
                    self._poll.modify(descriptor, select.EPOLLIN)
                    continue
                before = member.ready
                member.read()
                ready += member.ready > before

    def listen(self, what: str) -> None:
        """Until each of them has (`heard` anything, or is `done`)."""
        missing = sum(not getattr(member, what) for member in self.members.values())
        while missing:
            for descriptor, _ in self._poll.poll():
                member = self.members[descriptor]
                before = getattr(member, what)
                member.read()
                missing -= getattr(member, what) > before


def join(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: one subscriber, then the others; when all have heard something, wait for the broadcasts."""
    allow_descriptors()
    crowd = Crowd(int(endpoint.rpartition(":")[2]))
    crowd.connect(1)
    say(ready=True)
    cued(lib)
    start = perf_counter()
    crowd.connect(count)
    say(seconds=perf_counter() - start)
    cued(lib)
    crowd.listen("heard")
    say(heard=True)
    for _ in range(BROADCASTS):
        crowd.listen("done")
        now = perf_counter()
        for member in crowd.members.values():
            member.forget()
        say(at=now)
    cued(lib)
    return {}
