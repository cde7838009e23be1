"""PUSH -> PULL over tcp with CURVE, from one process to another."""

from functools import partial

from .libs import Library
from .role import bind, say
from .row import MESSAGES, Row
from .stage import Stage
from .throughput import VOLUME, receive, send


def pull(lib: Library, endpoint: str, count: int) -> dict[str, float]:
    """Role: the server, who times what arrives."""
    public, secret = lib.zmq.curve_keypair()
    with lib.context() as context, context.socket(lib.zmq.PULL) as socket:
        socket.curve_publickey, socket.curve_secretkey, socket.curve_server = public, secret, True
        say(endpoint=bind(socket, lib, endpoint), key=public.decode())
        return {"seconds": receive(socket, count)}


def push(lib: Library, endpoint: str, key: str, count: int, size: int) -> None:
    """Role: the client, who sends as fast as the high-water mark lets it."""
    with lib.context() as context, context.socket(lib.zmq.PUSH) as socket:
        socket.curve_publickey, socket.curve_secretkey = lib.zmq.curve_keypair()
        socket.curve_serverkey = key.encode()
        socket.connect(endpoint)
        send(socket, count, size)


def play(stage: Stage, count: int, size: int) -> dict[str, float]:
    """One round: the receiver's clock."""
    count = max(count, 2)
    puller = stage.cast("curve.pull", endpoint=stage.address("tcp"), count=count)
    place = puller.hear()
    pusher = stage.cast("curve.push", endpoint=place["endpoint"], key=place["key"], count=count, size=size)
    seconds = puller.hear()["seconds"]
    pusher.hear()
    rate = (count - 1) / seconds
    return {"seconds": seconds, "rate": rate, "volume": rate * size / 1e6}


ROWS = [
    Row("tcp CURVE PUSH-PULL 64 B", MESSAGES, partial(play, size=64), start=10_000),
    Row("tcp CURVE PUSH-PULL 1 KiB", MESSAGES, partial(play, size=1024), start=5000),
    Row("tcp CURVE PUSH-PULL 64 KiB", MESSAGES | VOLUME, partial(play, size=64 * 1024), start=500),
]
