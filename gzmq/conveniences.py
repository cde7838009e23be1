"""The ways to send and receive text, JSON, pickles and one's own serialisations, made of `send` and `recv`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from .message import LABELS

if TYPE_CHECKING:
    from .message import MessageTracker

T = TypeVar("T")


class Conveniences:
    """What pyzmq's Socket offers beside frames and multiparts. Errors are those of `send` and `recv`."""

    if TYPE_CHECKING:  # what this is mixed into has
        send: Any
        recv: Any
        send_multipart: Any
        recv_multipart: Any

    def send_string(
        self, u: str, flags: int = 0, copy: bool = True, encoding: str = "utf-8", **kwargs: Any
    ) -> MessageTracker | None:
        """Send text as one frame of ``encoding``."""
        if not isinstance(u, str):
            raise TypeError(f"str objects only, not {type(u).__name__}")
        return self.send(u.encode(encoding), flags=flags, copy=copy, **kwargs)

    def recv_string(self, flags: int = 0, encoding: str = "utf-8") -> str:
        """Receive one frame as text. Raises UnicodeDecodeError when it is none."""
        return self.recv(flags=flags).decode(encoding)

    send_unicode = send_string
    recv_unicode = recv_string

    def send_json(self, obj: Any, flags: int = 0, **kwargs: Any) -> MessageTracker | None:
        """Send an object as one frame of JSON. ``kwargs`` go to json.dumps, but for routing_id and group, to `send`."""
        from .utils import jsonapi  # loaded by who sends some

        labels = {name: kwargs.pop(name) for name in LABELS if name in kwargs}
        kwargs.setdefault("separators", (",", ":"))
        return self.send(jsonapi.dumps(obj, **kwargs), flags=flags, **labels)

    def recv_json(self, flags: int = 0, **kwargs: Any) -> Any:
        """Receive one frame as JSON. ``kwargs`` go to json.loads. Raises ValueError when it is none."""
        from .utils import jsonapi

        return jsonapi.loads(self.recv(flags), **kwargs)

    def send_pyobj(self, obj: Any, flags: int = 0, protocol: int | None = None, **kwargs: Any) -> MessageTracker | None:
        """Send an object as one frame, pickled; ``protocol`` is pickle's, None for its DEFAULT_PROTOCOL."""
        import pickle

        return self.send(pickle.dumps(obj, protocol), flags=flags, **kwargs)

    def recv_pyobj(self, flags: int = 0) -> Any:
        """Receive a pickled object. Unpickling runs code of the sender's choice: trusted peers only."""
        import pickle

        return pickle.loads(self.recv(flags))

    def send_serialized(
        self, msg: T, serialize: Callable[[T], Iterable[Any]], flags: int = 0, copy: bool = True, **kwargs: Any
    ) -> MessageTracker | None:
        """Send ``serialize(msg)``, which gives the frames of a message."""
        return self.send_multipart(serialize(msg), flags=flags, copy=copy, **kwargs)

    def recv_serialized(self, deserialize: Callable[[list[Any]], T], flags: int = 0, copy: bool = True) -> T:
        """Receive a message and give ``deserialize(frames)``."""
        return deserialize(self.recv_multipart(flags=flags, copy=copy))

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> int:
        """Receive one frame into a writable buffer.

        Returns the frame's size; what goes beyond ``nbytes`` (0: the buffer's size) is cut. Raises BufferError
        for a buffer that is read-only or not contiguous, ValueError for an ``nbytes`` that it does not have.
        """
        view = memoryview(buffer)
        if view.readonly:
            raise BufferError("recv_into needs a writable buffer, this one is read-only")
        if not view.contiguous:
            raise BufferError("recv_into needs a contiguous buffer")
        if not isinstance(nbytes, int):
            raise TypeError(f"nbytes is a number of bytes, not {nbytes!r}")
        if nbytes < 0:
            raise ValueError(f"nbytes={nbytes} must not be negative")
        view = view.cast("B")
        room = min(nbytes, len(view)) if nbytes else len(view)
        if nbytes > len(view):
            raise ValueError(f"nbytes={nbytes} is more than the buffer's {len(view)} bytes")
        frame = self.recv(flags, copy=False)
        size = min(len(frame), room)
        with frame.buffer as received:
            view[:size] = received[:size]
        return len(frame)
