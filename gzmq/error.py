"""The error tree of pyzmq, and the sentence that goes with each number."""

from __future__ import annotations

import errno as _errno
import os
from _contextvars import ContextVar  # contextvars has nothing else

from .constants import Errno

__all__ = [
    "Again",
    "ContextTerminated",
    "DraftFDWarning",
    "InterruptedSystemCall",
    "NotDone",
    "ZMQBaseError",
    "ZMQBindError",
    "ZMQError",
    "ZMQVersionError",
]

#: What the numbers that the system does not know mean (zmq_strerror(3)).
_MEANINGS = {
    Errno.EFSM: "Operation cannot be accomplished in current state",
    Errno.ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
    Errno.ETERM: "Context was terminated",
    Errno.EMTHREAD: "No thread available",
}


def strerror(errno: int) -> str:
    """What an error number means. Source: zmq_strerror(3)."""
    known = _MEANINGS.get(errno)  # type: ignore[call-overload]
    return known if known is not None else os.strerror(errno)


#: The number of the last error that gzmq made, for each greenlet.
_last: ContextVar[int] = ContextVar("zmq_errno", default=0)


def zmq_errno() -> int:
    """The ``errno`` of the last ZMQError that the calling greenlet ran into; 0 before any. Source: zmq_errno(3)."""
    return _last.get()


class DraftFDWarning(RuntimeWarning):
    """pyzmq warns so of the option FD of draft sockets. gzmq never does; programs that filter it go on working."""


class ZMQBaseError(Exception):
    """Every error of this library that is not Python's own."""


class ZMQError(ZMQBaseError):
    """What a call could not do. ``errno`` says why in a number, ``strerror`` and ``str()`` in a sentence.

    Made without a number it has that of `zmq_errno`; with something else in its place it says that, and has none.
    """

    errno: int | None = None
    strerror: str = ""

    def __init__(self, errno: int | object | None = None, msg: str | None = None):
        super().__init__(errno, msg)
        if errno is None:
            errno = zmq_errno()
        if isinstance(errno, int):
            self.errno = int(errno)
            self.strerror = strerror(errno) if msg is None else msg
        else:
            self.strerror = str(errno) if msg is None else msg

    def __str__(self) -> str:
        return self.strerror

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.strerror!r})"


class Again(ZMQError):
    """EAGAIN: not now, or not within the time-out."""

    def __init__(self, errno: int | None = _errno.EAGAIN, msg: str | None = None):
        super().__init__(errno, msg)


class ContextTerminated(ZMQError):
    """ETERM: the context has ended while, or before, the call waited."""

    def __init__(self, errno: int | None = Errno.ETERM, msg: str | None = None):
        super().__init__(errno, msg)


class InterruptedSystemCall(ZMQError, InterruptedError):
    """EINTR. gzmq never raises it; programs that catch it go on working."""

    errno: int | None
    strerror: str

    def __init__(self, errno: int | None = _errno.EINTR, msg: str | None = None):
        super().__init__(errno, msg)


class NotDone(ZMQBaseError):
    """A MessageTracker's messages have not been sent within the time-out."""


class ZMQBindError(ZMQBaseError):
    """`bind_to_random_port` found no free port."""


class ZMQVersionError(NotImplementedError):
    """A feature of another libzmq than the one whose behaviour gzmq has."""

    def __init__(self, min_version: str, msg: str = "Feature"):
        from .version import zmq_version

        super().__init__(min_version, msg)
        self.min_version, self.version, self.msg = min_version, zmq_version(), msg

    def __str__(self) -> str:
        return f"{self.msg} requires libzmq >= {self.min_version}, have {self.version}"


_CLASSES: dict[int, type[ZMQError]] = {
    _errno.EAGAIN: Again,
    _errno.EINTR: InterruptedSystemCall,
    int(Errno.ETERM): ContextTerminated,
}


def zmq_error(errno: int, message: str) -> ZMQError:
    """The error of the class that goes with the number, saying ``message``."""
    _last.set(errno)
    return _CLASSES.get(errno, ZMQError)(errno, message)
