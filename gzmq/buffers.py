"""What messages are made of: bytes, or views of large buffers that stay where they are.

Rules: a message is the list of its frames; or, as most have but one, the bytes of that alone, which saves an object for
every message that waits. Who makes a message may choose; who looks into one asks for its `parts`. A view in a message
is passed on as the very object that it is, never as a slice or a view of it: whoever waits until a buffer is free again
waits for the end of that object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

Body = bytes | memoryview
Message = bytes | list[Body]


def flat(data: Buffer) -> memoryview:
    """The bytes of a buffer, whatever its format and shape, in the order in which they lie in memory.

    Raises TypeError for what has no buffer, BufferError for one with gaps.
    """
    if isinstance(data, str):
        raise TypeError(f"a frame is bytes, not str (unicode not allowed): encode {data[:40]!r}, or use send_string")
    view = memoryview(data)
    if view.format == "B" and view.ndim == 1 and view.contiguous:
        return view
    from _pickle import PickleBuffer  # for arrays alone; of the C module: pickle loads much more

    try:
        return PickleBuffer(data).raw()
    except BufferError:
        raise BufferError("a frame needs a contiguous buffer: give it bytes(...) of this one") from None


def parts(message: Message) -> list[Body]:
    """The frames of a message."""
    return message if isinstance(message, list) else [message]


def content(body: Body) -> bytes:
    """A body as bytes; a copy unless it is some already."""
    if type(body) is bytes:
        return body
    owner = body.obj  # type: ignore[union-attr]  # of a memoryview
    return owner if type(owner) is bytes and len(owner) == len(body) else bytes(body)
