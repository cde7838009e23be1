"""A worker pool over tcp: ventilator -> workers -> sink, each a process of its own."""

from itertools import repeat

from .libs import Library
from .role import bind, cued, say
from .roundtrip import SIZE
from .row import MESSAGES, Row
from .stage import Stage
from .throughput import send

WORKERS = 4


def ventilator(lib: Library, endpoint: str, count: int) -> None:
    """Role: PUSH `count` messages when the cue says that all workers have connected."""
    with lib.context() as context, context.socket(lib.zmq.PUSH) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        cued(lib)
        send(socket, count, SIZE)


def worker(lib: Library, source: str, sink: str) -> None:
    """Role: pass on what comes, until the stage ends it."""
    zmq = lib.zmq
    with lib.context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        push.connect(sink)
        pull.connect(source)
        say(ready=True)
        recv, send = pull.recv, push.send
        for _ in repeat(None):
            send(recv())


def play(stage: Stage, count: int) -> dict[str, float]:
    """One round: the sink's clock."""
    count = max(count, 2)
    source = stage.cast("pool.ventilator", endpoint=stage.address("tcp"), count=count)
    sink = stage.cast("throughput.pull", endpoint=stage.address("tcp"), count=count)
    ends = {"source": source.hear()["endpoint"], "sink": sink.hear()["endpoint"]}
    workers = [stage.cast("pool.worker", **ends) for _ in range(WORKERS)]
    for process in workers:
        process.hear()
    source.cue()
    seconds = sink.hear()["seconds"]
    return {"seconds": seconds, "rate": (count - 1) / seconds}


ROWS = [Row(f"tcp PUSH-{WORKERS} workers-PULL", MESSAGES, play, start=10_000)]
