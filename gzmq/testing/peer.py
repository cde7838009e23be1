"""A peer that says what a test tells it to: ZMTP of any version by hand, over tcp or ipc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..constants import SocketType
from ..zmtp import command, framing, legacy
from . import address

_SIGNATURE_SIZE, _GREETING_SIZE = 10, 64
_VERSIONS = ((1, 0), (2, 0), (3, 0), (3, 1))


class Heard(NamedTuple):
    """A frame as it came: a part of a message, ``more`` to follow; or a command, whose body begins with its name."""

    body: bytes
    more: bool = False
    is_command: bool = False


class Peer:
    """One connection of a scripted peer. Its calls block the calling greenlet only.

        with Peer("DEALER", connect=router.last_endpoint, version=(2, 0), identity=b"anna") as peer:
            peer.shake_hands()
            peer.send([b"question"])
            print(peer.recv())

    socket_type: what it says it is, such as "DEALER"; before 3.0 one of the eleven that have a number. connect: the
    endpoint it connects to, at once; or bind: the one it listens at (``endpoint`` says which), for `accept`. version:
    (1, 0) without a signature, (2, 0), (3, 0) or (3, 1); it says so whatever the other side says. identity: up to 255
    bytes, or more to see that refused; two peers may have the same. timeout: seconds that each call waits at most.
    buffer: bytes that the kernel holds each way, 0: as it likes.

    Nothing is said before `shake_hands`, and all of it can be said otherwise by `send_raw`. Every call raises
    TimeoutError when nothing moves in time, ConnectionError when the other side has broken or ended the connection.
    Sources: 37/ZMTP, 23/ZMTP 3.0, 15/ZMTP 2.0, 13/ZMTP 1.0.
    """

    def __init__(
        self,
        socket_type: str,
        connect: str | bytes | None = None,
        bind: str | None = None,
        *,
        version: tuple[int, int] = (3, 1),
        identity: bytes = b"",
        timeout: float = 5.0,
        buffer: int = 0,
    ):
        if version not in _VERSIONS:
            raise ValueError(f"version={version!r} is none of {', '.join(map(str, _VERSIONS))}")
        if (connect is None) == (bind is None):
            raise ValueError("a Peer has either connect= or bind=, an endpoint")
        if version < (3, 0) and getattr(SocketType, socket_type, 99) > SocketType.XSUB:
            raise ValueError(f"ZMTP {version[0]}.{version[1]} knows no socket type {socket_type!r}")
        self.socket_type = socket_type
        self.version = version
        self.identity = identity
        self.endpoint = ""
        self.peer_version = (0, 0)
        self.peer_socket_type = ""  # as it says; a peer before 2.0 does not
        self.peer_identity = b""
        self._timeout = timeout
        self._buffer = buffer
        self._sock: Any = None
        self._listener: Any = None
        self._made_up = bind == "ipc://*"
        if bind is not None:
            self._listener, self.endpoint = address.listen(bind, buffer)
            self._listener.settimeout(timeout)
        else:
            self._sock = address.connect(connect or "", timeout, buffer)

    def accept(self) -> Peer:
        """Wait for the next connection, which takes the place of the one before."""
        self.hang_up()
        sock, _ = self._listener.accept()
        address.tune(sock, self._buffer)
        sock.settimeout(self._timeout)
        self._sock = sock
        return self

    # -- hello --------------------------------------------------------------------------------------------------------

    @property
    def greeting(self) -> bytes:
        """All that a peer of this version says before its messages: the greeting, its READY or its identity."""
        if self.version == (1, 0):
            return legacy.frame(self.identity)
        signature = b"\xff" + (len(self.identity) + 1).to_bytes(8, "big") + b"\x7f"
        if self.version == (2, 0):
            return signature + bytes((1, SocketType[self.socket_type])) + framing.frame(self.identity)
        properties = {b"Socket-Type": self.socket_type.encode(), b"Identity": self.identity}
        ready = command.frame(b"READY", command.metadata(properties))
        return signature + bytes(self.version) + b"NULL".ljust(20, b"\0") + bytes(32) + ready

    def shake_hands(self) -> Peer:
        """Say hello, and hear what the other side says of itself. It must be of 3.0 or later, with NULL."""
        self.send_raw(self.greeting)
        signature = self.recv_raw(_SIGNATURE_SIZE)
        if self.version == (1, 0):
            self.peer_version = (1, 0)
            self.peer_identity = self.recv_raw(int.from_bytes(signature[1:9], "big") - 1)
        elif self.version == (2, 0):
            self.peer_version = (self.recv_raw(1)[0], 0)
            self.peer_socket_type = SocketType(self.recv_raw(1)[0]).name
            self.peer_identity = self.recv_frame().body
        else:
            rest = self.recv_raw(_GREETING_SIZE - _SIGNATURE_SIZE)
            self.peer_version = rest[0], rest[1]
            name, data = command.parse(self.recv_frame().body)
            if name != b"READY":
                raise ConnectionError(f"the other side said {name.decode('ascii', 'replace')} for READY: {data!r}")
            metadata = command.parse_metadata(data)
            self.peer_socket_type = metadata.get("Socket-Type", b"").decode()
            self.peer_identity = metadata.get("Identity", b"")
        return self

    # -- sending ------------------------------------------------------------------------------------------------------

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendall(data)

    def send_frame(self, body: bytes, more: bool = False) -> None:
        """Send a frame of a message, in the form of this version."""
        made = legacy.frame if self.version == (1, 0) else framing.frame
        self.send_raw(made(body, framing.MORE if more else 0))

    def send(self, message: Sequence[bytes]) -> None:
        """Send a message, its frames."""
        for frame in message[:-1]:
            self.send_frame(frame, more=True)
        self.send_frame(message[-1])

    def send_command(self, name: bytes, data: bytes = b"") -> None:
        """Send a command such as PING; versions before 3.0 have none, and it is sent all the same."""
        self.send_raw(command.frame(name, data))

    def subscribe(self, topic: bytes) -> None:
        """Subscribe as this version does: by a command, or by a message before 3.1."""
        self._wish(b"\x01", b"SUBSCRIBE", topic)

    def unsubscribe(self, topic: bytes) -> None:
        """Undo `subscribe`."""
        self._wish(b"\x00", b"CANCEL", topic)

    def _wish(self, mark: bytes, name: bytes, topic: bytes) -> None:
        if self.version >= (3, 1):
            self.send_command(name, topic)
        else:
            self.send_frame(mark + topic)

    # -- receiving ----------------------------------------------------------------------------------------------------

    def recv_raw(self, size: int) -> bytes:
        """Exactly so many bytes."""
        data = bytearray()
        while len(data) < size:
            chunk = self._sock.recv(size - len(data))
            if not chunk:
                raise ConnectionError(f"the other side ended the connection {size - len(data)} bytes too early")
            data += chunk
        return bytes(data)

    def recv_frame(self) -> Heard:
        """The next frame, a command's too."""
        if self.version == (1, 0):
            size = self.recv_raw(1)[0]
            if size == 255:
                size = int.from_bytes(self.recv_raw(8), "big")
            flags = self.recv_raw(1)[0]
            return Heard(self.recv_raw(size - 1), bool(flags & framing.MORE))
        flags = self.recv_raw(1)[0]
        size = int.from_bytes(self.recv_raw(8 if flags & framing.LONG else 1), "big")
        return Heard(self.recv_raw(size), bool(flags & framing.MORE), bool(flags & framing.COMMAND))

    def recv(self) -> list[bytes]:
        """The frames of the next message; commands before and in it are passed over."""
        frames = []
        while True:
            heard = self.recv_frame()
            if not heard.is_command:
                frames.append(heard.body)
                if not heard.more:
                    return frames

    def recv_command(self) -> tuple[bytes, bytes]:
        """(name, data) of the next frame, which must be a command. Raises ConnectionError for a message."""
        heard = self.recv_frame()
        if not heard.is_command:
            raise ConnectionError(f"a message came, not a command: {heard.body[:32]!r}")
        return command.parse(heard.body)

    def recv_end(self) -> bytes:
        """What is still there until the other side ends the connection, orderly or not."""
        rest = bytearray()
        try:
            while chunk := self._sock.recv(1 << 16):
                rest += chunk
        except ConnectionError:
            pass
        return bytes(rest)

    # -- the end ------------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """End our half of the connection; what the other side says can still be received."""
        address.end(self._sock)

    def reset(self) -> None:
        """Break the connection: RST."""
        if self._sock is not None:
            address.reset(self._sock)
            self._sock = None

    def hang_up(self) -> None:
        """Close the connection; one that listens can `accept` another."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def close(self) -> None:
        """Close the connection, and what listens."""
        self.hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            address.free(self.endpoint, self._made_up)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        version = ".".join(map(str, self.version))
        return f"<Peer {self.socket_type} {version} {self.endpoint or self.identity!r}>"
