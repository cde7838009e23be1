"""Many DEALER clients at one ROUTER: echoed by it, or passed by a proxy to REP workers."""

from collections import deque
from itertools import repeat
from time import perf_counter

from .libs import Library
from .role import bind, say
from .roundtrip import LATENCY, SIZE, answer, spread
from .row import Metric, Row
from .stage import Stage

CLIENTS = 50
WORKERS = 4
WINDOW = 10  # requests of a client on their way


def clients(lib: Library, endpoint: str, count: int, window: int) -> dict[str, float]:
    """Role: CLIENTS dealers in one process send `count` requests each, up to `window` of them unanswered.

    Each has a greenlet of its own, or a thread where the library blocks.
    """

    def client() -> tuple[float, float, list[float]]:
        with context.socket(lib.zmq.DEALER) as socket:
            socket.connect(endpoint)
            send, recv, request = socket.send_multipart, socket.recv_multipart, [b"", bytes(SIZE)]
            send(request)  # untimed: the connection
            recv()
            sent, trips, start = deque[float](), [], perf_counter()
            for number in range(count + window):
                if number >= window:
                    recv()
                    trips.append(perf_counter() - sent.popleft())
                if number < count:
                    sent.append(perf_counter())
                    send(request)
            return start, perf_counter(), trips

    with lib.context() as context:
        starts, ends, trips = zip(*[result() for result in [lib.spawn(client) for _ in range(CLIENTS)]])
    return {"seconds": max(ends) - min(starts)} | spread([trip for each in trips for trip in each])


def router(lib: Library, endpoint: str) -> None:
    """Role: a ROUTER that echoes until the stage ends it."""
    with lib.context() as context, context.socket(lib.zmq.ROUTER) as socket:
        say(endpoint=bind(socket, lib, endpoint))
        send, recv = socket.send_multipart, socket.recv_multipart
        for _ in repeat(None):
            send(recv())


def proxy(lib: Library, front: str, back: str) -> None:
    """Role: the library's own proxy between a ROUTER and a DEALER, until the stage ends it."""
    zmq = lib.zmq
    with lib.context() as context, context.socket(zmq.ROUTER) as router, context.socket(zmq.DEALER) as dealer:
        say(front=bind(router, lib, front), back=bind(dealer, lib, back))
        zmq.proxy(router, dealer)


def workers(lib: Library, endpoint: str) -> None:
    """Role: WORKERS reps in one process answer until the stage ends it."""

    def rep() -> None:
        with context.socket(lib.zmq.REP) as socket:
            socket.connect(endpoint)
            answer(socket)

    with lib.context() as context:
        for result in [lib.spawn(rep) for _ in range(WORKERS)]:
            result()


def play_echo(stage: Stage, count: int) -> dict[str, float]:
    """One round through a ROUTER, with several requests of each client on their way."""
    server = stage.cast("fanin.router", endpoint=stage.address("tcp"))
    return _ask(stage, server.hear()["endpoint"], count, WINDOW)


def play_proxy(stage: Stage, count: int) -> dict[str, float]:
    """One round through a proxy process to workers and back, one request at a time."""
    ends = stage.cast("fanin.proxy", front=stage.address("tcp"), back=stage.address("tcp")).hear()
    stage.cast("fanin.workers", endpoint=ends["back"])
    return _ask(stage, ends["front"], count, 1)


def _ask(stage: Stage, endpoint: str, count: int, window: int) -> dict[str, float]:
    each = max(count // CLIENTS, window)
    answered = stage.cast("fanin.clients", endpoint=endpoint, count=each, window=window).hear()
    return answered | {"rate": each * CLIENTS / answered["seconds"]}


_REPLIES = {"rate": Metric("replies/s")}

ROWS = [
    Row(
        f"tcp {CLIENTS} DEALER-ROUTER 64 B",
        _REPLIES | {"p99": LATENCY["p99"]},
        play_echo,
        start=2000,
    ),
    Row(f"tcp {CLIENTS} DEALER-proxy-{WORKERS} REP", _REPLIES, play_proxy, start=1000),
]
