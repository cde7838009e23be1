"""ZeroMQ for gevent: pyzmq's names, written natively on gevent's hub."""

from .constants import *  # noqa: F403
from .constants import (
    ContextOption,
    Errno,
    Event,
    Flag,
    PollEvent,
    SocketOption,
    SocketType,
)
from .context import Context
from .error import (
    Again,
    ContextTerminated,
    NotDone,
    ZMQBaseError,
    ZMQBindError,
    ZMQError,
    ZMQVersionError,
    strerror,
)
from .message import Frame, Message, MessageTracker
from .poll import Poller, select
from .proxy import proxy
from .socket import Socket
from .version import __version__, zmq_version, zmq_version_info

__all__ = [
    "Again", "Context", "ContextOption", "ContextTerminated", "Errno", "Event", "Flag", "Frame", "Message",
    "MessageTracker", "NotDone", "PollEvent", "Poller", "Socket", "SocketOption", "SocketType", "ZMQBaseError",
    "ZMQBindError", "ZMQError", "ZMQVersionError", "__version__", "proxy", "select", "strerror", "zmq_version",
    "zmq_version_info",
]  # fmt: skip
