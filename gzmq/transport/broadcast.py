"""Writes what a socket has sent to very many peers, as far as there is time in a turn of the loop.

Rules: nothing here waits or fails: who cannot be written to just now, or no more, is left to the engine's own `flush`.
"""

from __future__ import annotations

from itertools import islice
from time import monotonic

from ..standstill import LATE
from ..zmtp import alone

#: So many are written to between two looks at the clock.
_UNTIMED = 16


def write_gathered(pipes, since, then, now, over):
    """What was sent to pipes that wait in line, the first of it ``since`` this moment in the turn ``then``; those that
    are written to leave the line. See `Turn.gather`.
    """
    untimed = _UNTIMED
    for _ in range(len(pipes)):
        pipe = pipes.popleft()
        if pipe.closed:
            continue
        session = pipe.sink
        if session.engine is None:
            session.hub_runs(since, then)
        else:
            session.engine.write_gathered(since, then, now)
        untimed -= 1
        if untimed == 0:
            if over():
                return
            untimed = _UNTIMED


def write_alike(message, pipes, deliver, since, then, over):
    """One message to each of the pipes that an iterator has left: True when there are no more. See
    `Distribution.share`.

    Mostly nothing else is on its way to them, and it is encoded once for all. ``deliver(message, pipe)`` puts it into
    the queue of one that has to wait.
    """
    encoded = alone(message)
    size = 0 if encoded is None else len(encoded)  # none: it is written from where it is
    late = monotonic() - since > LATE  # of which need be told one only
    while True:
        pipe = None
        for pipe in islice(pipes, _UNTIMED):
            engine = pipe.writer
            if engine is None or engine.due or pipe.outbox or not size:
                deliver(message, pipe)
                continue
            try:
                sent = engine.sock.send(encoded)
            except OSError:  # which `flush` meets again
                deliver(message, pipe)
                continue
            traffic = engine.traffic
            traffic.messages_out += 1
            traffic.bytes_out += sent
            if sent < size:
                engine.go_on_from(encoded, sent)
        if pipe is None:
            return True
        if late and pipe.writer is not None:
            late = False
            pipe.peer.sink.hub_runs(since, then)
        if over():
            return False
