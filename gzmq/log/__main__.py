"""Shows what a PUBHandler publishes: ``python -m gzmq.log tcp://127.0.0.1:5555``."""

from __future__ import annotations

import argparse
from contextlib import suppress
from datetime import datetime

from gevent import get_hub

from ..constants import SocketType
from ..context import Context
from ..error import ZMQError

_COLORS = {"DEBUG": "\033[96m", "INFO": "\033[97m", "WARNING": "\033[33m", "ERROR": "\033[91m", "CRITICAL": "\033[91m"}
_RESET = "\033[0m"


def _arguments() -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    parser = argparse.ArgumentParser("python -m gzmq.log", description="Show log messages that a PUBHandler publishes.")
    parser.add_argument("zmq_pub_url", help="where the publisher is, such as tcp://127.0.0.1:5555")
    parser.add_argument("-t", "--topic", default="", help="show only what begins with this topic")
    parser.add_argument("--timestamp", action="store_true", help="begin each line with the time")
    parser.add_argument("--separator", default=" | ", help="what to put between topic and message")
    parser.add_argument("--dateformat", default="%Y-%m-%d %H:%M", help="how to write the time")
    parser.add_argument("--align", action="store_true", help="make columns of the parts of the topics")
    parser.add_argument("--color", action="store_true", help="give each level a color")
    return parser, parser.parse_args()


class Lines:
    """Makes a line of each message."""

    def __init__(self, arguments: argparse.Namespace):
        self._arguments = arguments
        self._widths: list[int] = []

    def line(self, message: list[bytes]) -> str:
        """Topic and text, with what was asked for; a message of another kind shows as well as it can."""
        topic, text = (b"".join(frames).decode("utf-8", "replace").strip() for frames in (message[:1], message[1:]))
        parts = topic.split(".")
        shown = self._aligned(parts) if self._arguments.align else topic
        line = f"{shown}{self._arguments.separator}{text}"
        if self._arguments.color:
            level = next((part for part in parts if part in _COLORS), None)
            line = f"{_COLORS[level]}{line}{_RESET}" if level else line
        if self._arguments.timestamp:
            line = f"{datetime.now().strftime(self._arguments.dateformat)} {line}"
        return line

    def _aligned(self, parts: list[str]) -> str:
        self._widths += [0] * (len(parts) - len(self._widths))
        for column, part in enumerate(parts):
            self._widths[column] = max(self._widths[column], len(part))
        shown = ".".join(part.ljust(width) for part, width in zip(parts, self._widths))
        return shown.ljust(sum(self._widths) + len(self._widths) - 1)


def main() -> None:
    """Show messages until Ctrl-C, or until nobody reads what is printed."""
    get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    parser, arguments = _arguments()
    lines = Lines(arguments)
    with Context() as context:
        subscriber = context.socket(SocketType.SUB)
        subscriber.subscribe(arguments.topic)
        try:
            subscriber.connect(arguments.zmq_pub_url)
        except ZMQError as error:
            parser.error(str(error))
        with suppress(KeyboardInterrupt, BrokenPipeError):
            while True:
                print(lines.line(subscriber.recv_multipart()), flush=True)


if __name__ == "__main__":
    main()
