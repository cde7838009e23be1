"""How long a program takes to begin: from its start until the library is imported, and until a message has come."""

from functools import partial
from time import perf_counter

from .libs import Library
from .role import bind
from .row import Metric, Row
from .stage import Stage


def imported(lib: Library) -> None:
    """Role: whoever plays it has imported the library."""


def first_message(lib: Library, endpoint: str) -> None:
    """Role: one message over tcp, from a PUSH to a PULL of this process."""
    zmq = lib.zmq
    with lib.context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        push.connect(bind(pull, lib, endpoint))
        push.send(b"first")
        pull.recv()


def play(stage: Stage, count: int, role: str, scheme: str | None = None) -> dict[str, float]:
    """One round: `count` processes, one after the other, each from its start until it is done."""
    parameters = {"endpoint": stage.address(scheme)} if scheme else {}
    start = perf_counter()
    for _ in range(count):
        stage.cast(f"begin.{role}", **parameters).hear()
    seconds = perf_counter() - start
    return {"seconds": seconds, "took": seconds / count * 1000}


_TOOK = {"took": Metric("ms", higher=False)}

ROWS = [
    Row("start Python and import", _TOOK, partial(play, role="imported"), start=2),
    Row("start to first message, tcp", _TOOK, partial(play, role="first_message", scheme="tcp"), start=2),
]
