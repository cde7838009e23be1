"""A frame of a message as an object, and what tells when it has been sent: pyzmq's Frame and MessageTracker."""

from __future__ import annotations

import errno
import operator
import weakref
from collections.abc import Callable, Mapping
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any

from gevent.event import Event

from .buffers import Body, content, flat
from .constants import MessageOption
from .error import NotDone, zmq_error

if TYPE_CHECKING:
    from typing import Protocol

    from typing_extensions import Buffer

    class _Event(Protocol):
        """An Event of threading or gevent."""

        def is_set(self) -> bool: ...

        def wait(self, timeout: float | None = None) -> object: ...


#: Bytes below which a buffer is copied in any case: keeping it would cost more.
COPY_THRESHOLD = 65536

_Bytes = bytes  # within Frame, "bytes" is its property

MAX_GROUP = 255


class MessageTracker:
    """Whether frames have been let go of, so that their buffers may change.

    That is when nobody has the buffer any more of those it was passed to: no frame, no queue, no connection that has
    yet to write it, and over inproc no frame that received it. What was copied is done from the beginning. A tracker
    waits only for Events, by their own ``wait``: give it gevent's, or the whole thread waits.

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


def _tracker_of(body: Body) -> MessageTracker:
    if isinstance(body, bytes):
        return _DONE
    released = Event()
    weakref.finalize(body, released.set).atexit = False
    return MessageTracker(released)


class Frame:
    """One frame of a message.

    data: bytes, or anything with a contiguous buffer; None is an empty frame. copy: whether to copy it; None: if it
    has fewer bytes than copy_threshold (0: never; None: COPY_THRESHOLD). Bytes need no copy. A buffer that is not
    copied must not change, and cannot be resized, until the ``tracker`` says so. track: whether the frame has one.
    more: whether another frame of its message follows. metadata: what ``frame["Name"]`` gives.

    Equal to every frame, bytes and buffer of the same content. Raises TypeError for a str and for what has no buffer,
    BufferError for a buffer with gaps. Source: pyzmq's ``zmq.Frame``, zmq_msg_get(3), zmq_msg_gets(3).
    """

    __slots__ = ("__weakref__", "_bytes", "_metadata", "_own", "body", "labels", "more", "tracker")

    #: What goes into a message: bytes, or the view that the tracker follows.
    body: Body
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
        self.body = _body(data, track, copy, COPY_THRESHOLD if copy_threshold is None else copy_threshold)
        self._bytes: _Bytes | None = None
        self._metadata = metadata
        self._own = False  # no user has had its bytes
        self.labels = labels
        self.more = more
        self.tracker = _tracker_of(self.body) if track else None

    @property
    def tracker_event(self) -> _Event | None:
        """What the ``tracker`` waits for; None without one, and when there is nothing to wait for."""
        return self.tracker._events[0] if self.tracker is not None and self.tracker._events else None

    @classmethod
    def received(
        cls,
        body: Body,
        track: bool,
        more: bool,
        metadata: Mapping[str, str] | None,
        labels: Mapping[str, _Bytes] | None = None,
    ) -> Frame:
        """A frame of a message that came with this body. One with metadata came over a connection."""
        made = cls.__new__(cls)
        made.body = body
        made._bytes = None
        made._metadata = metadata
        made._own = metadata is not None
        made.labels = labels
        made.more = more
        made.tracker = _tracker_of(body) if track else None
        return made

    @property
    def bytes(self) -> _Bytes:
        """The content; the same object each time."""
        if self._bytes is None:
            self._bytes = content(self.body)
        return self._bytes

    @property
    def buffer(self) -> memoryview:
        """The content as a memoryview of bytes, without a copy.

        It can be written if the frame was made of such a buffer, or was received over a connection; then `bytes`, if
        it was read before, stays as it was.
        """
        if self._own and isinstance(self.body, bytes):
            # A BytesIO lets its bytes be written where they are if nobody else has them, and copies them else.
            owner = BytesIO(self.body)
            self.body = b""
            self.body = owner.getbuffer()
        return memoryview(self.body)

    def __buffer__(self, flags: int, /) -> memoryview:
        """The buffer protocol, from Python 3.12; before that use `buffer`."""
        return self.buffer

    def __bytes__(self) -> _Bytes:
        return self.bytes

    def __len__(self) -> int:
        return len(self.body)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Frame):
            return self.body == other.body
        if isinstance(other, (bytes, bytearray, memoryview)):
            return self.body == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.bytes)

    def __repr__(self) -> str:
        size = len(self.body)
        shown = repr(self.bytes) if size <= 16 else f"{bytes(self.body[:12])!r}...{size}B"
        return f"<gzmq.{type(self).__name__}({shown})>"

    def __copy__(self) -> Frame:
        return self.fast_copy()

    def fast_copy(self) -> Frame:
        """Another frame with the same content, not copied, and the same metadata, labels and tracker."""
        copied = Frame.received(self.body, False, self.more, self._metadata, self.labels)
        copied._bytes = self._bytes
        copied._own = self._own
        copied.tracker = self.tracker
        return copied

    def get(self, option: int | str | _Bytes) -> int | str:
        """A MessageOption as an int, "routing_id", "group", or the metadata of a name, such as "Peer-Address".

        SHARED is 1 when the content lies in memory that can change, 0 when nobody can change it. Raises ZMQError
        EINVAL for what this frame does not have, TypeError for what is no name.
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


def _body(data: Buffer | None, track: bool, copy: bool | None, copy_threshold: int) -> Body:
    if data is None:
        return b""
    if isinstance(data, Frame):
        return data.body
    if isinstance(data, bytes) and (copy or not track):
        return bytes(data)  # itself
    view = flat(data)
    if copy is None:
        copy = len(view) < copy_threshold
    return view if view and not copy else content(view)


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
    MessageOption.SHARED: lambda frame: int(not frame._own and not isinstance(frame.body, bytes)),
}
