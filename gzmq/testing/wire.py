"""A wire between two endpoints that does to the bytes on it what bad networks do, when a test says so or by a seed.

Rules: what a wire does depends on the bytes that go over it and on what it is told, never on the time but where a rate
is set; so a test that counts bytes fails the same way each time.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import gevent
from gevent.event import Event

from . import address

_CHUNK = 1 << 16
#: Seconds; not 0, with which the loop would run its callbacks on without a look at the descriptors.
_ONE_TURN = 1e-6
#: Seconds to connect to the other side within.
_PATIENCE = 5


class Mark(NamedTuple):
    """Something that happens to a connection once so many bytes have gone one way."""

    at: int
    act: Callable[[Flow], None]


class Lane:
    """One way over all connections of a wire: ``wire.out`` from who connects, ``wire.back`` to them.

    ``bytes`` counts what was passed on. What is set holds for the connections there are and those to come.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.flows: dict[Flow, None] = {}
        self.marks: list[Mark] = []
        self.piece = 0
        self.rate = 0.0
        self.moving = Event()
        self.moving.set()

    def drip(self, size: int) -> None:
        """Pass on so many bytes at once, and let the hub run in between; 0: as they come."""
        self.piece = size

    def limit(self, rate: float) -> None:
        """Read only so many bytes a second, as a slow reader does; 0: as many as come."""
        self.rate = rate

    def stall(self) -> None:
        """Neither read nor pass on anything until `resume`. The connections stay."""
        self.moving.clear()

    def resume(self) -> None:
        """Go on after `stall`."""
        self.moving.set()

    def cut(self, at: int, how: str = "reset") -> None:
        """End the next connection on which ``at`` bytes have gone this way; not one byte more arrives.

        how: "reset" (RST), "close" (the end of both ways), "half" (the end of this way only).
        """
        if how not in _ENDS:
            raise ValueError(f"how={how!r} is none of {', '.join(_ENDS)}")
        self._mark(at, _ENDS[how])

    def garble(self, at: int, garbage: bytes) -> None:
        """Put bytes that nobody sent behind the first ``at`` of the next connection that gets so far."""
        self._mark(at, lambda flow: flow.inject(garbage))

    def _mark(self, at: int, act: Callable[[Flow], None]) -> None:
        """Keep it for the first connection that gets there; one that is beyond it by now does not."""
        self.marks.append(Mark(at, act))
        self.marks.sort(key=lambda mark: mark.at)

    def end(self) -> None:
        """End this way of the connections there are now; what still comes for it is thrown away."""
        for flow in list(self.flows):
            flow.half()

    def calm(self) -> None:
        """No drip, no limit, no stall, and nothing at any byte."""
        self.piece, self.rate = 0, 0.0
        self.marks.clear()
        for flow in self.flows:
            flow.marks.clear()
            flow.piece = 0
        self.resume()


class Flow:
    """One way over one connection."""

    def __init__(self, lane: Lane, link: Link, source: Any, sink: Any):
        self.lane = lane
        self.link = link
        self.source = source
        self.sink = sink
        self.passed = 0
        self.marks: list[Mark] = []  # of this connection alone
        self.piece = 0  # the same
        self.deaf = False  # this way has been ended
        lane.flows[self] = None

    def run(self) -> None:
        """A greenlet: pass on what comes until it ends."""
        try:
            while True:
                self.lane.moving.wait()
                data = self.source.recv(self._size())
                if not data:
                    break
                self._pass(data)
            self.lane.moving.wait()
            address.end(self.sink)
        except OSError:  # reset by either side, so for both
            self.link.reset()
        finally:
            self.lane.flows.pop(self, None)
            self.link.ended()

    def _size(self) -> int:
        """How much to read at once."""
        return min(_CHUNK, max(1, int(self.lane.rate / 20))) if self.lane.rate else _CHUNK

    def _pass(self, data: bytes) -> None:
        while data and not self.deaf:
            self.lane.moving.wait()
            piece = data[: self._step()]
            if piece:
                self.sink.sendall(piece)
                data = data[len(piece) :]
                self.passed += len(piece)
                self.lane.bytes += len(piece)
            self._act()
            if self.lane.rate:
                gevent.sleep(len(piece) / self.lane.rate)
            elif self.piece or self.lane.piece:
                gevent.sleep(_ONE_TURN)  # in the next turn of the loop the reader sees the piece, but only after us
                gevent.sleep(_ONE_TURN)

    def _step(self) -> int:
        """Bytes to pass on before something else happens."""
        steps = [self.piece or self.lane.piece or _CHUNK]
        steps += [mark.at - self.passed for mark in (*self.marks, *self.lane.marks) if mark.at >= self.passed]
        return min(steps)

    def _act(self) -> None:
        """Do what is due at this byte."""
        for marks in (self.marks, self.lane.marks):
            for mark in [mark for mark in marks if mark.at == self.passed]:
                marks.remove(mark)
                mark.act(self)

    def inject(self, garbage: bytes) -> None:
        """Send what nobody sent."""
        self.sink.sendall(garbage)

    def half(self) -> None:
        """End this way."""
        self.deaf = True
        address.end(self.sink)


class Link:
    """One connection: two sockets, and a flow each way."""

    def __init__(self, wire: Wire, near: Any, far: Any):
        self._wire = wire
        self._sockets = near, far
        self.flows = Flow(wire.out, self, near, far), Flow(wire.back, self, far, near)
        self._running = 2
        self._greenlets = [gevent.Greenlet(flow.run) for flow in self.flows]

    def start(self) -> None:
        """Pass on from now on."""
        for greenlet in self._greenlets:
            greenlet.start()

    def ended(self) -> None:
        """One way has ended; after both the connection is closed."""
        self._running -= 1
        if self._running <= 0:
            self._end(lambda sock: sock.close())

    def reset(self) -> None:
        """End it by RST on both sides."""
        self._end(address.reset)

    def close(self) -> None:
        """End it by FIN on both sides."""
        self._end(lambda sock: sock.close())

    def _end(self, end: Callable[[Any], None]) -> None:
        self._wire.links.pop(self, None)
        for greenlet in self._greenlets:
            if greenlet is not gevent.getcurrent():
                greenlet.kill(block=False)
        for flow in self.flows:
            flow.deaf = True
            flow.lane.flows.pop(flow, None)
        for sock in self._sockets:
            end(sock)


_ENDS: dict[str, Callable[[Flow], None]] = {
    "reset": lambda flow: flow.link.reset(),
    "close": lambda flow: flow.link.close(),
    "half": Flow.half,
}


class Wire:
    """Forwards connections from an endpoint of its own to another endpoint, tcp or ipc, in greenlets of this hub.

        with Wire(server.last_endpoint) as wire:
            client.connect(wire.endpoint)
            wire.back.stall()  # what the server says does not arrive
            wire.reset()  # the connection breaks, and the client makes a new one

    upstream: the endpoint to connect to, for each connection anew. listen: the endpoint to bind, by default any free
    one of the same transport. buffer: bytes that the kernel holds for the wire's sockets, each way (0: as it likes);
    a small one makes a slow reader be felt soon. seed: not None: each connection misbehaves in a way of its own, the
    n-th of the same seed always alike, as ``faults`` says, until `calm`.

    ``connections`` counts those made; ``live`` those there are; ``out.bytes`` and ``back.bytes`` what was passed on.
    Raises ZMQError for what is no endpoint of tcp or ipc, OSError for one that cannot be bound.
    """

    def __init__(
        self, upstream: str | bytes, listen: str | None = None, *, buffer: int = 0, seed: int | str | None = None
    ):
        self._upstream = upstream.decode() if isinstance(upstream, bytes) else upstream
        self._made_up = listen is None and self._upstream.startswith("ipc:")
        self._buffer = buffer
        self._seed = seed
        self.out, self.back = Lane(), Lane()
        self.links: dict[Link, None] = {}
        self.connections = 0
        self.faults: list[str] = []
        if listen is None:
            listen = "ipc://*" if self._made_up else "tcp://127.0.0.1:*"
        self._listener, self.endpoint = address.listen(listen, buffer)
        self._acceptor: Any = gevent.spawn(self._accept)

    @property
    def live(self) -> int:
        """How many connections there are."""
        return len(self.links)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # refuse() closed it
                return
            gevent.spawn(self._join, near)

    def _join(self, near: Any) -> None:
        """Connect the other side. Where nobody listens the near side is reset."""
        try:
            address.tune(near, self._buffer)
            far = address.connect(self._upstream, _PATIENCE, self._buffer)
        except OSError:
            address.reset(near)
            return
        far.settimeout(None)
        if self._acceptor is None:  # refused or closed meanwhile
            address.reset(near)
            address.reset(far)
            return
        self.connections += 1
        link = Link(self, near, far)
        self.links[link] = None
        if self._seed is not None:
            self._misbehave(link)
        link.start()

    def _misbehave(self, link: Link) -> None:
        """Give a connection the fault that its number and the seed say."""
        chance = random.Random(f"{self._seed}/{self.connections}")
        which = chance.randrange(2)
        flow, way = link.flows[which], ("out", "back")[which]
        kind = chance.choice(("none", "drip", "reset", "close", "half", "garbage"))
        number = chance.randrange(1, 50) if kind == "drip" else min(int(chance.expovariate(1 / 2000)), 100_000)
        if kind == "drip":
            flow.piece = number
        elif kind == "garbage":
            garbage = chance.randbytes(chance.randrange(1, 40))
            flow.marks.append(Mark(number, lambda flow: flow.inject(garbage)))
        elif kind != "none":
            flow.marks.append(Mark(number, _ENDS[kind]))
        self.faults.append("none" if kind == "none" else f"{kind} {way} {number}")

    def reset(self) -> None:
        """End all connections by RST (over ipc they end, there is no RST)."""
        for link in list(self.links):
            link.reset()

    def hang_up(self) -> None:
        """End all connections in an orderly way, by FIN on both sides."""
        for link in list(self.links):
            link.close()

    def refuse(self) -> None:
        """Refuse new connections (ECONNREFUSED) until `accept`; those there are stay."""
        if self._acceptor is not None:
            self._acceptor.kill()
            self._acceptor = None
            self._listener.close()

    def accept(self) -> None:
        """Take new connections again, at the same endpoint."""
        if self._acceptor is None:
            address.free(self.endpoint, False)
            self._listener, _ = address.listen(self.endpoint, self._buffer)
            self._acceptor = gevent.spawn(self._accept)

    def stall(self) -> None:
        """Stall both ways; a peer sees a link that is there and says nothing."""
        self.out.stall()
        self.back.stall()

    def resume(self) -> None:
        """Go on both ways."""
        self.out.resume()
        self.back.resume()

    def calm(self) -> None:
        """No fault any more, on either way, and none from the seed; connections are accepted."""
        self._seed = None
        self.out.calm()
        self.back.calm()
        self.accept()

    def close(self) -> None:
        """End everything."""
        self.refuse()
        address.free(self.endpoint, self._made_up)
        self.reset()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with suppress(OSError):
            self.close()

    def __repr__(self) -> str:
        return f"<Wire {self.endpoint} to {self._upstream}: {self.live} of {self.connections} connections>"
