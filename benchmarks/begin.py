"""How long a program takes to begin: from its start until the library is imported, and until a message has come.

Each program is nothing but that: what the other rows' processes import would hide what a library imports too.
"""

from functools import partial
from time import perf_counter

from .row import Metric, Row
from .stage import Stage

_IMPORT = """
import {module} as zmq
print("{{}}", flush=True)
"""
_FIRST_MESSAGE = """
import {module} as zmq
context = zmq.Context()
pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
pull.bind("tcp://127.0.0.1:*")
push.connect(pull.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\\0").decode())
push.send(b"first")
pull.recv()
print("{{}}", flush=True)
"""
_FIRST_BYTES = """
import {module} as socket
listener = socket.create_server(("127.0.0.1", 0))
one = socket.create_connection(listener.getsockname())
other, _ = listener.accept()
one.sendall(b"first")
other.recv(5)
print("{{}}", flush=True)
"""


def play(stage: Stage, count: int, program: str) -> dict[str, float]:
    """One round: `count` processes, one after the other, each from its start until it says that it is there."""
    took = 0.0
    for _ in range(count):
        start = perf_counter()
        actor = stage.run("begin", program.format(module=stage.library.module))
        actor.hear()
        took += perf_counter() - start
        actor.kill()
    return {"seconds": took, "took": took / count * 1000}


_TOOK = {"took": Metric("ms", higher=False)}

ROWS = [
    Row(
        "start Python and import",
        _TOOK,
        partial(play, program=_IMPORT),
        start=4,
        sized=False,
        bare={"rawg": partial(play, program=_IMPORT)},
    ),
    Row(
        "start to first message, tcp",
        _TOOK,
        partial(play, program=_FIRST_MESSAGE),
        start=4,
        sized=False,
        bare={"rawg": partial(play, program=_FIRST_BYTES)},
    ),
]
