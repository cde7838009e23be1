"""pyzmq's Socket on gevent: messages, options, endpoints and polling around a pattern that does the routing."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from gevent import getcurrent

from .bases import Generic
from .binding import Binding
from .constants import Errno, PollEvent
from .conveniences import Conveniences
from .core import SocketCore
from .error import ZMQError, zmq_error
from .labels import Labels
from .message import COPY_THRESHOLD
from .messaging import Messaging
from .observing import Observing
from .pattern import PATTERNS
from .poll import Poller
from .shadows import Shadows
from .socketoptions import SocketOptions

if TYPE_CHECKING:
    from .context import Context

    S = TypeVar("S", bound="Socket[Any]")

#: What `recv` gives, for annotations as pyzmq has them: ``Socket[bytes]``.
T = TypeVar("T", covariant=True)

_sockets = Shadows(
    "socket", "there is no libzmq behind gzmq: give another gzmq Socket, or the `underlying` of one that is there"
)


class Socket(Observing, SocketOptions, Binding, Labels, Conveniences, Messaging, Generic[T]):
    """A ZeroMQ socket of one type, for any number of greenlets of the hub (the thread) that made it.

    shadow: a socket, also as first argument, or the `underlying` of one: this is another handle to the same socket
    then; forgetting it does not close the socket. A socket that is forgotten without having been closed is, with a
    ResourceWarning.

    Raises ZMQError: EINVAL for no such type, EFAULT for a number that is no socket's; and those of `Context.socket`.
    Source: zmq_socket(3), and pyzmq's ``zmq.Socket`` for names and arguments.
    """

    _poller_class = Poller
    _shadow = False
    _shadow_obj: Any = None

    #: Bytes from which on ``copy=False`` sends a buffer from where it is; smaller ones are copied.
    copy_threshold = COPY_THRESHOLD

    def __init__(
        self: Socket[bytes],
        ctx_or_socket: Context[Any] | Socket[Any] | None = None,
        socket_type: int = 0,
        *,
        shadow: Socket[Any] | int = 0,
        copy_threshold: int | None = None,
    ):
        if isinstance(ctx_or_socket, Socket):
            shadow, context = ctx_or_socket, None
        else:
            context = ctx_or_socket
        if shadow:
            shadowed = _sockets.find(shadow)
            self._shadow = True
            self._shadow_obj = shadow if isinstance(shadow, Socket) else None  # which is not forgotten before us
            object.__setattr__(self, "context", shadowed.context)
            super().__init__(shadowed._core, shadowed._parts, shadowed._rest)
        elif context is None:
            raise TypeError("context must be specified: Socket(context, socket_type), or context.socket(socket_type)")
        else:
            object.__setattr__(self, "context", context)
            super().__init__(_new_core(context, socket_type), {}, {})
            _sockets.add(self._core, self)
        if copy_threshold is not None:
            self.copy_threshold = copy_threshold

    @classmethod
    def shadow(cls: type[S], address: Socket[Any] | int) -> S:
        """Another handle to a socket. Arguments and errors as for the class."""
        return cls(shadow=address)

    @property
    def underlying(self) -> int:
        """A number that `shadow` finds the socket by; it is no address."""
        return id(self._core)

    def __copy__(self: S, memo: Any = None) -> S:
        return self.shadow(self)

    __deepcopy__ = __copy__

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object: a socket is its process's own")

    # -- what it can do ----------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Any]:
        """Whole messages, one after another: bytes when a message has one frame, else a list of frames.

        Ends when the socket or its context is closed.
        """
        while True:
            try:
                message = self.recv_multipart()
            except ZMQError as error:
                if error.errno in (Errno.ETERM, Errno.ENOTSOCK):
                    return
                raise
            yield message[0] if len(message) == 1 else message

    @property
    def more_frames(self) -> bool:
        """Whether the calling greenlet has received part of a message: the option RCVMORE."""
        return bool(self._rest) and getcurrent() in self._rest

    @property
    def can_send(self) -> bool:
        """Whether sockets of this type send."""
        return self._core.pattern.sends

    @property
    def can_receive(self) -> bool:
        """Whether sockets of this type receive."""
        return self._core.pattern.receives

    # -- polling ------------------------------------------------------------------------------------------------------

    def poll(self, timeout: float | None = None, flags: int = PollEvent.POLLIN) -> int:
        """Wait for events: the mask of those that are there, 0 after ``timeout`` milliseconds (None: no limit)."""
        self._core.settle()
        poller = self._poller_class()
        poller.register(self, flags)
        return dict(poller.poll(timeout)).get(self, 0)

    def ready_events(self) -> int:
        """The events that are there now, as the option EVENTS has them."""
        self._core.settle()
        pattern = self._core.pattern
        events = 0
        if self.more_frames or (pattern.receives and pattern.readable()):
            events |= PollEvent.POLLIN
        if pattern.sends and pattern.writable():
            events |= PollEvent.POLLOUT
        return events

    def watch(self, notify: Callable[[], None]) -> None:
        """Call ``notify()`` at every change until `unwatch`. It must neither block nor switch."""
        self._core.watchers[notify] = None

    def unwatch(self, notify: Callable[[], None]) -> None:
        """Undo `watch`."""
        self._core.watchers.pop(notify, None)

    # -- the end ------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether the socket can be used no more."""
        return self._core.leaving

    def close(self, linger: int | None = None) -> None:
        """Close the socket and wake all who wait on it with ENOTSOCK. Never blocks.

        Unsent messages live on for ``linger`` (default: the option LINGER) milliseconds; the context's `term` waits
        for them.
        """
        self._core.leave(linger)
        self._parts.clear()
        self._rest.clear()

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        core = getattr(self, "_core", None)
        if core is None or self._shadow or (core.leaving and not core.left_open):
            return
        if warnings is not None:  # as it is at the very end of the interpreter
            warnings.warn(f"Unclosed socket {self!r}", ResourceWarning, stacklevel=2, source=self)
        core.leave()

    def __repr__(self) -> str:
        cls = type(self)
        name = "gzmq.Socket" if cls is Socket else f"{cls.__module__}.{cls.__qualname__}"
        return f"<{name} {self._core!r}{' shadow' if self._shadow else ''}>"


def _new_core(context: Context[Any], socket_type: int) -> SocketCore:
    if socket_type not in PATTERNS:
        known = ", ".join(f"{known.name} ({known:d})" for known in sorted(PATTERNS))
        raise zmq_error(errno.EINVAL, f"no socket type {socket_type!r}; the types are {known}")
    return SocketCore(context._core, socket_type)
