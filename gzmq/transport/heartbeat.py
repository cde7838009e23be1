"""PING and PONG: notices a peer that has fallen silent (37/ZMTP, HEARTBEAT_IVL, _TTL and _TIMEOUT)."""

from __future__ import annotations

from .clock import Clock, Timeout

#: libzmq reads the TTL in tenths of a second in 16 bits, and a large one wraps in its timer.
_MAX_TTL = 6553


class Patience(Timeout):
    """Gives an engine's peer up when nothing is heard of it for so long after `expect`; with ``renew`` also for so
    long after that, and so on.
    """

    __slots__ = ("_engine", "_heard", "_renew")

    def __init__(self, engine, home, renew):
        super().__init__(home)
        self._engine = engine
        self._renew = renew
        self._heard = -1  # how often the peer had been heard when the clock started

    def expect(self, milliseconds):
        """Start the clock; not when it already runs and nothing has been heard since."""
        if milliseconds > 0 and not (self.running and self._heard == self._engine.heard):
            self._heard = self._engine.heard
            self.start(milliseconds, self._judge, milliseconds)

    def _counts(self, left, part, due, callback, args):
        if self._is_silent(*args):
            super()._counts(left, part, due, callback, args)

    def _judge(self, milliseconds):
        if self._is_silent(milliseconds):
            self._engine.fail(f"the peer was silent for {milliseconds} ms")

    def _is_silent(self, milliseconds):
        """Whether nothing has been heard yet; if something has, expect the next, or stop."""
        engine = self._engine
        # 37/ZMTP: any traffic counts; and what we do not read we cannot miss.
        if engine.heard == self._heard and not engine.paused:
            return True
        if self._renew:
            self.expect(milliseconds)
        return False


class Heartbeat:
    """The clocks of one engine; none runs unless an option or the peer's PING asks for it."""

    __slots__ = ("_answer", "_engine", "_interval", "_ping_clock", "_promise", "_timeout", "_ttl")

    def __init__(self, engine, options, home):
        self._engine = engine
        self._interval = options.heartbeat_ivl if engine.connection.can_ping else 0
        self._ttl = min(options.heartbeat_ttl // 100, _MAX_TTL)
        self._timeout = options.heartbeat_timeout if options.heartbeat_timeout >= 0 else options.heartbeat_ivl
        self._answer = Patience(engine, home, renew=False)  # to our PING; the next PING asks again
        self._promise = Patience(engine, home, renew=True)  # of the peer's PING: to speak again within its TTL
        self._ping_clock = Clock(home)
        if self._interval > 0:
            self._ping_clock.start(self._interval, self._ping)

    def _ping(self):
        self._ping_clock.start(self._interval, self._ping)
        self._engine.connection.ping(self._ttl)
        self._answer.expect(self._timeout)
        self._engine.flush()

    def peer_promised(self, deciseconds):
        """The peer's PING says how soon it will speak again."""
        self._promise.expect(deciseconds * 100)

    def stop(self):
        """The connection has ended."""
        self._ping_clock.stop()
        self._answer.stop()
        self._promise.stop()
