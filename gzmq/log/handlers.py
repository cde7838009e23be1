"""What publishes the records of the logging module on a PUB socket, by level and topic."""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import copy
from typing import Any, Final

from gevent import get_hub, getcurrent

from ..constants import Flag, SocketType
from ..context import Context
from ..socket import Socket

__all__ = ["PUBHandler", "TOPIC_DELIM", "TopicLogger"]

#: What separates a topic from the message in what is logged.
TOPIC_DELIM: Final = "::"

_PLAIN = "%(message)s\n"
_PLACED = "%(levelname)s %(filename)s:%(lineno)d - %(message)s\n"
_FORMATS = {
    logging.DEBUG: _PLACED,
    logging.INFO: _PLAIN,
    logging.WARNING: _PLACED,
    logging.ERROR: "%(levelname)s %(filename)s:%(lineno)d - %(message)s - %(exc_info)s\n",
    logging.CRITICAL: _PLACED,
}


class PUBHandler(logging.Handler):
    """Publishes each record as two frames: ``root_topic.LEVEL.topic``, of which the parts may be missing, and the text.

    ``log.info("net.tcp::connected")`` has the topic ``net.tcp``. interface_or_socket: a socket, or where to bind a PUB
    of one's own, in ``context`` or a new one; that is closed with the handler. Any greenlet and any thread may log:
    what other threads log the socket's hub sends in its next turn. What cannot be sent is for `handleError`, as with
    every handler. Source: pyzmq's ``zmq.log.handlers``.
    """

    def __init__(
        self, interface_or_socket: str | Socket, context: Context | None = None, root_topic: str | bytes = ""
    ) -> None:
        super().__init__()
        self.root_topic = root_topic
        self.formatters: dict[int, logging.Formatter | None] = {
            level: logging.Formatter(text) for level, text in _FORMATS.items()
        }
        self._own = not isinstance(interface_or_socket, Socket)
        if isinstance(interface_or_socket, Socket):
            self.socket, self.ctx = interface_or_socket, interface_or_socket.context
        else:
            self.ctx = context or Context()
            self.socket = self.ctx.socket(SocketType.PUB)
            self.socket.bind(interface_or_socket)

    @property
    def root_topic(self) -> str:
        """What all topics begin with; without it they begin with the level."""
        return self._root_topic

    @root_topic.setter
    def root_topic(self, value: str | bytes) -> None:
        self.setRootTopic(value)

    def setRootTopic(self, root_topic: str | bytes) -> None:
        """Set `root_topic`; bytes are UTF-8."""
        self._root_topic = root_topic.decode() if isinstance(root_topic, bytes) else root_topic

    def setFormatter(self, fmt: logging.Formatter | None, level: int = logging.NOTSET) -> None:
        """Format records of one level so; without a level, those of all."""
        for each in list(self.formatters) if level == logging.NOTSET else [level]:
            self.formatters[each] = fmt

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record. A level without a formatter of its own has that of the next lower one."""
        lower = [level for level in self.formatters if level <= record.levelno]
        formatter = self.formatters[max(lower)] if lower else None
        return (formatter or logging.Formatter()).format(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Publish a record. For `handle` to call."""
        try:
            topic, delimiter, text = str(record.msg).partition(TOPIC_DELIM)
            if delimiter:
                record = copy(record)  # others handle it too
                record.msg = text
            parts = [self.root_topic, record.levelname, topic if delimiter else ""]
            frames = [".".join(filter(None, parts)).encode("utf-8", "replace"), self.format(record).encode()]
            self.socket._core.in_own_thread(self._publish, frames, record)
        except Exception:
            self.handleError(record)

    def _publish(self, frames: list[bytes], record: logging.LogRecord) -> None:
        """Send, in the socket's own thread; where that is a callback of its hub, without waiting."""
        try:
            self.socket.send_multipart(frames, Flag.DONTWAIT if getcurrent() is get_hub() else 0)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Close the handler, and the socket if the handler made it."""
        if self._own:
            self.socket.close()
        super().close()


class TopicLogger(logging.Logger):
    """A logger whose methods take a topic before the message: ``logger.info("net.tcp", "port %d", 7)``."""

    def log(self, level: int, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log ``msg % args`` at a level, under a topic."""
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
        super().log(level, f"{topic}{TOPIC_DELIM}{msg}", *args, **kwargs)

    def exception(self, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log an error, under a topic, with the exception that is being handled."""
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
        self.log(logging.ERROR, topic, msg, *args, **{"exc_info": True, **kwargs})


def _at(level: int) -> Callable[..., None]:
    """A method of `TopicLogger` for one level."""

    def log(self: TopicLogger, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
        self.log(level, topic, msg, *args, **kwargs)

    log.__doc__ = f"Log ``msg % args`` as {logging.getLevelName(level)}, under a topic."
    return log


for _name, _level in {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "fatal": logging.CRITICAL,
}.items():
    setattr(TopicLogger, _name, _at(_level))
