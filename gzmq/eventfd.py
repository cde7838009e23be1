"""A descriptor, for pollers that know nothing of sockets, that says when events may have changed: the option FD."""

from __future__ import annotations

import os
from contextlib import suppress


class EventFd:
    """An eventfd, readable from each change until `clear`; closed with its socket, and close-on-exec.

    Changes come from the hub of the socket's thread, so that has to run for the descriptor to become readable: a
    poller that blocks this very thread, and is not gevent's, waits in vain.
    """

    def __init__(self) -> None:
        self.fd = os.eventfd(1, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def notify(self) -> None:
        """Called at every change."""
        os.eventfd_write(self.fd, 1)

    def clear(self) -> None:
        """The owner has looked at the events."""
        with suppress(BlockingIOError):
            os.eventfd_read(self.fd)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.fd)
