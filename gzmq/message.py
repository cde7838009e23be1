"""A frame of a message as an object, and what tells when it has been sent: pyzmq's Frame and MessageTracker."""

from __future__ import annotations

import errno
import operator
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from .constants import MessageOption
from .error import NotDone, zmq_error

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Bytes below which pyzmq copies what it sends. Here nothing is copied that cannot change, so it decides nothing.
COPY_THRESHOLD = 65536

_Bytes = bytes  # within Frame, "bytes" is its property

MAX_GROUP = 255


class _Event(Protocol):
    """An Event of threading or gevent."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> object: ...


class MessageTracker:
    """Whether frames have been let go of, so that their buffers may change.

    A gzmq frame owns its bytes, which nobody can change: its tracker is done from the beginning. A tracker waits only
    for Events, by their own ``wait``: give it gevent's, or the whole thread waits.

    Raises ValueError for a frame made without ``track=True``, TypeError for what cannot be tracked.
    """

    __slots__ = ("_events",)

    _events: tuple[_Event, ...]

    def __init__(self, *towatch: Frame | MessageTracker | _Event) -> None:
        events: list[_Event] = []
        for each in towatch:
            if isinstance(each, Frame):
                if each.tracker is None:
                    raise ValueError(f"{each!r} is not tracked: make it with track=True")
                events += each.tracker._events
            elif isinstance(each, MessageTracker):
                events += each._events
            elif hasattr(each, "is_set") and hasattr(each, "wait"):
                events.append(each)
            else:
                raise TypeError(f"a Frame, a MessageTracker or an Event can be tracked, not {type(each).__name__}")
        self._events = tuple(events)

    @property
    def done(self) -> bool:
        """Whether everything that is tracked has been let go of."""
        return all(event.is_set() for event in self._events)

    def wait(self, timeout: float = -1) -> None:
        """Return when done. ``timeout`` is in seconds, negative for ever. Raises NotDone when that is over first."""
        deadline = None if timeout is False or timeout < 0 else monotonic() + timeout
        for event in self._events:
            event.wait(None if deadline is None else max(0, deadline - monotonic()))
            if not event.is_set():
                raise NotDone(f"not done within {timeout} s")


_DONE = MessageTracker()


class Frame:
    """One frame of a message.

    data: bytes, or anything with a contiguous buffer, which is copied; None is an empty frame. track: whether it has
    a ``tracker``. more: whether another frame of its message follows. metadata: what ``frame["Name"]`` gives.
    copy and copy_threshold are for pyzmq's sake: they choose how it shares memory, and here bytes are always shared
    and all else is always copied.

    Equal to every frame, bytes and buffer of the same content. Raises TypeError for a str and for what has no buffer,
    BufferError for a buffer with gaps. Source: pyzmq's ``zmq.Frame``, zmq_msg_get(3), zmq_msg_gets(3).
    """

    __slots__ = ("__weakref__", "_bytes", "_metadata", "labels", "more", "tracker")

    labels: Mapping[str, _Bytes] | None
    more: bool
    tracker: MessageTracker | None

    def __init__(
        self,
        data: Buffer | None = None,
        track: bool = False,
        copy: bool | None = None,
        copy_threshold: int | None = None,
        more: bool = False,
        *,
        metadata: Mapping[str, str] | None = None,
        labels: Mapping[str, _Bytes] | None = None,
    ) -> None:
        self._bytes: _Bytes = data if type(data) is bytes else _content(data)
        self._metadata = metadata
        self.labels = labels
        self.more = more
        self.tracker = _DONE if track else None

    @property
    def bytes(self) -> _Bytes:
        """The content; the same object each time."""
        return self._bytes

    @property
    def buffer(self) -> memoryview:
        """The content as a read-only memoryview."""
        return memoryview(self._bytes)

    def __buffer__(self, flags: int, /) -> memoryview:
        """The buffer protocol, from Python 3.12; before that use `buffer`."""
        return memoryview(self._bytes)

    def __bytes__(self) -> _Bytes:
        return self._bytes

    def __len__(self) -> int:
        return len(self._bytes)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Frame):
            return self._bytes == other._bytes
        if isinstance(other, (bytes, bytearray, memoryview)):
            return self._bytes == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __repr__(self) -> str:
        size = len(self._bytes)
        shown = repr(self._bytes) if size <= 16 else f"{self._bytes[:12]!r}...{size}B"
        return f"<gzmq.{type(self).__name__}({shown})>"

    def __copy__(self) -> Frame:
        return self.fast_copy()

    def fast_copy(self) -> Frame:
        """Another frame with the same bytes object, metadata, labels and tracker."""
        copied = Frame(self._bytes, more=self.more, metadata=self._metadata, labels=self.labels)
        copied.tracker = self.tracker
        return copied

    def get(self, option: int | str | _Bytes) -> int | str:
        """A MessageOption as an int, "routing_id", "group", or the metadata of a name, such as "Peer-Address".

        SHARED is 0: no other frame can change this one. Raises ZMQError EINVAL for what this frame does not have,
        TypeError for what is no name.
        """
        if option == "routing_id":
            return self.routing_id
        if option == "group":
            return self.group
        if isinstance(option, int):
            read = _OPTIONS.get(option)
            if read is None:
                known = ", ".join(f"{MessageOption(known).name} ({known:d})" for known in sorted(_OPTIONS))
                raise zmq_error(errno.EINVAL, f"{self!r} has no option {option}; the options are {known}")
            return read(self)
        return self._property(_name(option))

    __getitem__ = get

    def set(self, option: int | str | _Bytes, value: Any) -> None:
        """Set "routing_id" or "group". Raises ZMQError EINVAL for all else: libzmq too has no other to set."""
        if option not in LABELS:
            known = ", ".join(map(str, LABELS))
            raise zmq_error(errno.EINVAL, f"{self!r}: option {option!r} cannot be set to {value!r}; {known} can")
        name = str(option)
        self.labels = {**(self.labels or {}), name: LABELS[name](value)}

    @property
    def routing_id(self) -> int:
        """Whom a SERVER or PEER received the message from, or sends it to: 1 to 2^32 - 1; 0 when there is none.

        Setting raises TypeError for what is no number, OverflowError for one of more than 32 bits, ZMQError EINVAL
        for 0. Source: zmq_msg_routing_id(3).
        """
        return int.from_bytes((self.labels or {}).get("routing_id", b""), "big")

    @routing_id.setter
    def routing_id(self, routing_id: int) -> None:
        self.set("routing_id", routing_id)

    @property
    def group(self) -> str:
        """The group that a DISH received the message of, or that a RADIO sends it to; "" when there is none.

        Reading raises UnicodeDecodeError when it is no UTF-8; ``labels`` has its bytes. It is set to a str or bytes;
        that raises what `packed_group` does. Source: pyzmq's ``zmq.Frame``.
        """
        return (self.labels or {}).get("group", b"").decode()

    @group.setter
    def group(self, group: str | _Bytes) -> None:
        self.set("group", group)

    def _property(self, name: str) -> str:
        metadata = self._metadata or {}
        if name not in metadata:
            known = ", ".join(metadata) or "none"
            raise zmq_error(errno.EINVAL, f"{self!r} has no metadata {name!r}; it has {known}")
        return metadata[name]


Message = Frame


def packed_routing_id(routing_id: Any) -> bytes:
    """A routing id as four bytes. Raises TypeError, OverflowError, or ZMQError EINVAL for 0."""
    number = operator.index(routing_id)
    if number == 0:
        raise zmq_error(errno.EINVAL, "0 is no routing id: give one that a message received, or connect_peer, has")
    if not 0 < number < 1 << 32:
        raise OverflowError(f"routing id {number} does not fit into 32 bits without a sign")
    return number.to_bytes(4, "big")


def packed_group(group: str | bytes) -> bytes:
    """A group as bytes. Raises TypeError for neither str nor bytes, and ZMQError EINVAL for more than 255 bytes or a
    NUL (48/RADIODISH: "Length MUST be between 0 to 255 bytes", of the values 1 to 255).
    """
    if not isinstance(group, (str, bytes)):
        raise TypeError(f"a group is str or bytes, not {type(group).__name__}")
    packed = group.encode() if isinstance(group, str) else group
    if len(packed) > MAX_GROUP:
        raise zmq_error(errno.EINVAL, f"a group has at most {MAX_GROUP} bytes, {group[:20]!r}... has {len(packed)}")
    if b"\0" in packed:
        raise zmq_error(errno.EINVAL, f"group {group!r} has a NUL in it; leave that out")
    return packed


#: What goes beside a message's frames -> its form inside: checks a value of the API and packs it.
LABELS: dict[int | str | bytes, Callable[[Any], bytes]] = {"routing_id": packed_routing_id, "group": packed_group}


def _content(data: Buffer | None) -> bytes:
    if data is None:
        return b""
    if isinstance(data, Frame):
        return data.bytes
    if isinstance(data, str):
        raise TypeError(f"a frame is bytes, not str: encode {data[:40]!r}, or use send_string")
    view = memoryview(data)
    if not view.c_contiguous:
        raise BufferError("a frame needs a contiguous buffer: give it bytes(...) of this one")
    return bytes(view)


def _name(option: object) -> str:
    if isinstance(option, bytes):
        option = option.decode(errors="replace")
    if not isinstance(option, str):
        raise TypeError(f"a frame is read by option (int) or by name (str, bytes), not by {type(option).__name__}")
    return option


#: Every option that can be read, and how. The descriptor is metadata under libzmq's name for it.
_OPTIONS: dict[int, Callable[[Frame], int]] = {
    MessageOption.MORE: lambda frame: int(frame.more),
    MessageOption.SRCFD: lambda frame: int(frame._property("__fd")),
    MessageOption.SHARED: lambda frame: 0,
}
