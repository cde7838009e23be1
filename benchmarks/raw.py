"""The limit: bare gevent sockets that move the frames which ZMTP makes of the same messages, and nothing more.

A frame is a byte of flags, the length in one byte or, of a longer body, in eight, and the body, as on a ZMTP
connection after its handshake. A sender makes a frame of each message with a line of Python and writes small ones
joined, 64 KiB at a time; large ones it writes one by one, uncopied. A receiver reads chunks of up to 256 KiB and takes
each body out of them as bytes; a body of 64 KiB and more it reads straight into its place. This is what one would
write by hand for one connection: no routing, no high-water mark, no peer that comes back.
"""

import struct
from time import perf_counter
from typing import Any

from .libs import Library
from .role import say
from .roundtrip import SIZE, trips

_BATCH, _CHUNK, _LARGE = 64 * 1024, 256 * 1024, 64 * 1024
_LONG = struct.Struct("!BQ")


def header(size: int) -> bytes:
    """What precedes a body of so many bytes."""
    return bytes([0, size]) if size < 256 else _LONG.pack(2, size)


def listen(lib: Library, path: str | None) -> Any:
    """A listening socket, told to the stage: of ipc at this path, else of tcp."""
    socket = lib.zmq.socket(lib.zmq.AF_UNIX if path else lib.zmq.AF_INET, lib.zmq.SOCK_STREAM)
    socket.bind(path or ("127.0.0.1", 0))
    socket.listen(100)
    say(address=socket.getsockname())
    return socket


def connect(lib: Library, address: Any) -> Any:
    """A connection to what `listen` told."""
    socket = lib.zmq.socket(lib.zmq.AF_UNIX if isinstance(address, str) else lib.zmq.AF_INET, lib.zmq.SOCK_STREAM)
    socket.connect(address if isinstance(address, str) else tuple(address))
    return _prompt(lib, socket)


def accept(lib: Library, listener: Any) -> Any:
    """The next connection."""
    return _prompt(lib, listener.accept()[0])


def _prompt(lib: Library, socket: Any) -> Any:
    """As ZeroMQ sets its connections."""
    if socket.family == lib.zmq.AF_INET:
        socket.setsockopt(lib.zmq.IPPROTO_TCP, lib.zmq.TCP_NODELAY, 1)
    return socket


def pull(lib: Library, count: int, size: int) -> dict[str, float]:
    """Role: time what arrives."""
    socket = accept(lib, listen(lib, None))
    return {"seconds": (_receive_large if size >= _LARGE else _receive_small)(socket, count)}


def _receive_small(socket: Any, count: int) -> float:
    read, rest, start = socket.recv, b"", 0.0
    while count > 0:
        chunk, at = rest + read(_CHUNK), 0
        start, end = start or perf_counter(), len(chunk)
        while at + 9 <= end or at + 2 <= end and not chunk[at]:
            if chunk[at]:
                first = at + 9
                last = first + int.from_bytes(chunk[at + 1 : first], "big")
            else:
                first = at + 2
                last = first + chunk[at + 1]
            if last > end:
                break
            chunk[first:last]
            count -= 1
            at = last
        rest = chunk[at:]
    return perf_counter() - start


def _receive_large(socket: Any, count: int) -> float:
    start = 0.0
    for _ in range(count):
        prefix = bytearray(9)
        _fill(socket, prefix)
        body = bytearray(_LONG.unpack(prefix)[1])
        _fill(socket, body)
        start = start or perf_counter()
    return perf_counter() - start


def _fill(socket: Any, buffer: bytearray) -> None:
    view = memoryview(buffer)
    while view:
        view = view[socket.recv_into(view) :]


def push(lib: Library, address: Any, count: int, size: int) -> None:
    """Role: send as fast as the connection takes it."""
    socket, body = connect(lib, address), bytes(size)
    if size >= _LARGE:
        for _ in range(count):
            _write(socket, [header(size), body])
        return
    batch, held = [], 0
    for _ in range(count):
        batch += (header(len(body)), body)
        held += size
        if held >= _BATCH:
            socket.sendall(b"".join(batch))
            batch, held = [], 0
    socket.sendall(b"".join(batch))


def _write(socket: Any, parts: list[bytes]) -> None:
    """All of a header and a body, without joining them."""
    sent = socket.sendmsg(parts) - len(parts[0])
    if sent < len(parts[1]):
        socket.sendall(memoryview(parts[1])[sent:])


def echo(lib: Library, path: str | None = None, clients: int = 1) -> None:
    """Role: send back what comes over so many connections, until the stage ends it."""

    def serve(socket: Any) -> None:
        while chunk := socket.recv(_CHUNK):
            socket.sendall(chunk)

    listener = listen(lib, path)
    for served in [lib.spawn(serve, accept(lib, listener)) for _ in range(clients)]:
        served()


def ask(lib: Library, address: Any, count: int) -> dict[str, float]:
    """Role: one frame there and back, one at a time."""
    socket, frame = connect(lib, address), header(SIZE) + bytes(SIZE)

    def receive() -> None:
        got = len(socket.recv(_CHUNK))
        while got < len(frame):
            got += len(socket.recv(_CHUNK))

    return trips(socket.sendall, receive, frame, count)
