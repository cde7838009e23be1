"""PING and PONG: notices a peer that has fallen silent (37/ZMTP, HEARTBEAT_IVL, _TTL and _TIMEOUT)."""

from __future__ import annotations

from .clock import Clock

#: libzmq reads the TTL in tenths of a second in 16 bits, and a large one wraps in its timer.
_MAX_TTL = 6553


class Heartbeat:
    """The clocks of one engine; none runs unless an option or the peer's PING asks for it."""

    __slots__ = ("_engine", "_interval", "_patience", "_peer_patience", "_ping_clock", "_silence_clock", "_ttl")

    def __init__(self, engine, options, loop):
        self._engine = engine
        self._interval = options.heartbeat_ivl if engine.connection.can_ping else 0
        self._ttl = min(options.heartbeat_ttl // 100, _MAX_TTL)
        self._patience = options.heartbeat_timeout if options.heartbeat_timeout >= 0 else options.heartbeat_ivl
        self._peer_patience = 0  # what the peer's PING promised
        self._ping_clock = Clock(loop)
        self._silence_clock = Clock(loop)  # from a PING of either side to the moment we give the peer up
        if self._interval > 0:
            self._ping_clock.start(self._interval, self._ping)

    def _ping(self):
        self._ping_clock.start(self._interval, self._ping)
        self._engine.connection.ping(self._ttl)
        self._expect(self._patience)
        self._engine.flush()

    def peer_promised(self, deciseconds):
        """The peer's PING says how soon it will speak again."""
        self._peer_patience = deciseconds * 100
        self._expect(self._peer_patience)

    def _expect(self, patience):
        """Something must be heard within so many milliseconds."""
        if patience > 0 and not self._silence_clock.running:
            self._engine.heard = False
            self._silence_clock.start(patience, self._late, patience)

    def _late(self, patience):
        # 37/ZMTP: any traffic counts; and what has arrived while we were busy has been heard.
        self._engine.drain_then(lambda: self._judge(patience))

    def _judge(self, patience):
        engine = self._engine
        if engine.heard or engine.paused:  # what we do not read we cannot miss
            self._expect(self._peer_patience)
        else:
            engine.fail(f"the peer was silent for {patience} ms")

    def stop(self):
        """The connection has ended."""
        self._ping_clock.stop()
        self._silence_clock.stop()
