"""The ways to send and receive text, JSON, pickles and one's own serialisations, made of `send` and `recv`."""

from __future__ import annotations

import json
import pickle


class Conveniences:
    """What pyzmq's Socket offers beside frames and multiparts. Errors are those of `send` and `recv`."""

    def send_string(self, u, flags=0, copy=True, encoding="utf-8", **kwargs):
        """Send text as one frame of ``encoding``."""
        if not isinstance(u, str):
            raise TypeError(f"str objects only, not {type(u).__name__}")
        return self.send(u.encode(encoding), flags=flags, copy=copy, **kwargs)

    def recv_string(self, flags=0, encoding="utf-8"):
        """Receive one frame as text. Raises UnicodeDecodeError when it is none."""
        return self.recv(flags=flags).decode(encoding)

    send_unicode = send_string
    recv_unicode = recv_string

    def send_json(self, obj, flags=0, **kwargs):
        """Send an object as one frame of JSON. ``kwargs`` go to json.dumps; routing_id and group to `send`."""
        send_kwargs = {key: kwargs.pop(key) for key in ("routing_id", "group") if key in kwargs}
        kwargs.setdefault("separators", (",", ":"))
        return self.send(json.dumps(obj, **kwargs).encode("utf-8"), flags=flags, **send_kwargs)

    def recv_json(self, flags=0, **kwargs):
        """Receive one frame as JSON. ``kwargs`` go to json.loads. Raises ValueError when it is none."""
        return json.loads(self.recv(flags), **kwargs)

    def send_pyobj(self, obj, flags=0, protocol=pickle.DEFAULT_PROTOCOL, **kwargs):
        """Send an object as one frame, pickled."""
        return self.send(pickle.dumps(obj, protocol), flags=flags, **kwargs)

    def recv_pyobj(self, flags=0):
        """Receive a pickled object. Unpickling runs code of the sender's choice: trusted peers only."""
        return pickle.loads(self.recv(flags))

    def send_serialized(self, msg, serialize, flags=0, copy=True, **kwargs):
        """Send ``serialize(msg)``, which gives the frames of a message."""
        return self.send_multipart(serialize(msg), flags=flags, copy=copy, **kwargs)

    def recv_serialized(self, deserialize, flags=0, copy=True):
        """Receive a message and give ``deserialize(frames)``."""
        return deserialize(self.recv_multipart(flags=flags, copy=copy))

    def recv_into(self, buffer, /, *, nbytes=0, flags=0):
        """Receive one frame into a writable buffer; the number of bytes written.

        ``nbytes`` bounds it (0: the buffer's size). Raises ValueError when the frame is larger, as no part of it
        would be of use; the frame is then lost.
        """
        view = memoryview(buffer)
        if view.readonly:
            raise ValueError("recv_into needs a writable buffer, this one is read-only")
        if not view.contiguous:
            raise BufferError("recv_into needs a contiguous buffer")
        if nbytes < 0:
            raise ValueError(f"nbytes={nbytes} must not be negative")
        view = view.cast("B")
        room = min(nbytes, len(view)) if nbytes else len(view)
        if nbytes > len(view):
            raise ValueError(f"nbytes={nbytes} is more than the buffer's {len(view)} bytes")
        frame = self.recv(flags)
        size = min(len(frame), room)
        view[:size] = frame[:size]
        return len(frame)
