"""Asks the ZAP handler of a context (27/ZAP): the REP or ROUTER that is bound to inproc://zeromq.zap.01.

Rules: nothing here blocks or switches; each question has a pipe of its own, which is gone once it is answered, so that
no answer, late or second, meets another question.
"""

from __future__ import annotations

import errno

from ..constants import Event, SocketType
from ..endpoint import parse
from ..error import ZMQError
from ..options import Options
from ..resident import Resident
from ..zmtp import NotAuthenticated, zap
from . import inproc

HANDLER = parse("inproc://zeromq.zap.01", "connect")


class Inquiry(Resident):
    """One question: to inproc it is a DEALER that connects."""

    type_name = "DEALER"
    peers = frozenset({"REP", "ROUTER"})
    conflates = (False, False)
    protocol = "zmtp"
    announced_id = b""

    def __init__(self, socket, options, question, address, engine):
        super().__init__(socket.home, socket.thread)
        self.context = socket.context
        self.options = Options(SocketType.DEALER, socket.context.options)
        self.options.sndhwm = self.options.rcvhwm = self.options.linger = 0
        self._message = zap.request(question, options.security.zap_domain, address.encode(), options.routing_id)
        self._engine = engine
        self._link = None
        self._pipe = None

    def start(self):
        """Ask; the engine may hear within this call that there is no handler."""
        if HANDLER.name not in self.context.inproc:
            self._engine.authenticated(None)
            return
        try:
            self._link = inproc.connect(self, HANDLER)
        except ZMQError as error:  # a PULL, say, is bound there
            self._fail(f"there is no ZAP handler to ask: {error}")
            return
        if self._pipe is not None:
            self._pipe.send(self._message)

    def _fail(self, why):
        self._engine.fail(why, NotAuthenticated(why, errno.EFAULT))

    # -- what inproc calls ------------------------------------------------------------------------------------------

    def attach(self, pipe):
        """Our end of the pipe to the handler."""
        self.pipes[pipe] = None
        self._pipe = pipe
        return True

    def ready(self, pipe):
        """The handler is there."""
        return True

    def emit(self, event, value=0, endpoint=""):
        """Only that the handler is of another type would be told, and `start` has looked."""
        if event == Event.HANDSHAKE_FAILED_PROTOCOL:
            self._fail(f"there is no ZAP handler to ask: errno {value} at {endpoint}")

    # -- what the pipe says -----------------------------------------------------------------------------------------

    def read_activated(self, pipe):
        """The handler has answered, from its own `send`, which we leave before we go on."""
        self.hub.loop.run_callback(self._take_answer)

    def write_activated(self, pipe):
        """There is no bound, so that none is ever met."""

    def pipe_terminated(self, pipe):
        """The handler has gone."""
        self.hub.loop.run_callback(self._handler_left)

    def _take_answer(self):
        if self._pipe is not None and (message := self._pipe.recv()) is not None:
            self.close()
            self._engine.authenticated(message)

    def _handler_left(self):
        self._take_answer()  # what it said before it left counts
        if self._pipe is not None:
            self.close()
            self._fail("the ZAP handler has gone without an answer")

    def close(self):
        """The answer, if it comes yet, is for nobody."""
        pipe, self._pipe = self._pipe, None
        self.pipes.clear()
        if pipe is not None:
            self._link.close()
            pipe.close()

    def __repr__(self):
        return f"<Inquiry {HANDLER} {'asked' if self._pipe is not None else 'done'}>"
