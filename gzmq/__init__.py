"""ZeroMQ for gevent: pyzmq's names, written natively on gevent's hub."""

from . import constants
from .constants import *  # noqa: F403
from .context import Context
from .error import (
    Again,
    ContextTerminated,
    InterruptedSystemCall,
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
from .version import __version__, has, zmq_version, zmq_version_info

__all__ = [
    "Again", "Context", "ContextTerminated", "Frame", "InterruptedSystemCall", "Message", "MessageTracker", "NotDone",
    "Poller", "Socket", "ZMQBaseError", "ZMQBindError", "ZMQError", "ZMQVersionError", "__version__", "has", "proxy",
    "select", "strerror", "zmq_version", "zmq_version_info", *constants.__all__,
]  # fmt: skip
