"""A thread of the operating system that greenlets can wait for."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from typing import Any

import gevent

from ..originals import original

_start_new_thread = original("_thread", "start_new_thread")


class Ending:
    """Something that ends once, in any thread, and that greenlets of any thread wait for."""

    def __init__(self) -> None:
        self.reached = False
        self._waiting: list[Any] = []  # what wakes the hubs of those who wait

    def reach(self) -> None:
        """It has ended."""
        self.reached = True
        for watcher in tuple(self._waiting):
            watcher.send()

    def wait(self, timeout: float | None = None) -> None:
        """Wait for that, or for ``timeout`` seconds. Blocks the calling greenlet only."""
        hub = gevent.get_hub()
        watcher = hub.loop.async_()
        self._waiting.append(watcher)
        try:
            if not self.reached:
                with gevent.Timeout(timeout, False):
                    hub.wait(watcher)
        finally:
            self._waiting.remove(watcher)
            watcher.close()


class NativeThread:
    """A thread of the operating system, with a hub; it ends when that hub has nothing left to do.

    So what its sockets have sent still leaves, as LINGER says.
    """

    def __init__(self, target: Callable[[], Any]):
        self._target = target
        self._started = False
        self._pid = os.getpid()  # a forked child has none of its parent's threads
        self._ending = Ending()
        self.daemon = True

    def start(self) -> None:
        """Begin. A thread that is no daemon is waited for at the end of the program."""
        self._started = True
        _start_new_thread(self._run, ())
        if not self.daemon:
            atexit.register(self.join)

    def _run(self) -> None:
        hub = gevent.get_hub()
        try:
            self._target()
        except Exception:
            sys.excepthook(*sys.exc_info())
        finally:
            hub.join()
            hub.destroy(destroy_loop=True)
            self._ending.reach()

    def is_alive(self) -> bool:
        """Whether it has begun and not ended."""
        return self._started and not self._ending.reached and self._pid == os.getpid()

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, or for ``timeout`` seconds. Blocks the calling greenlet only."""
        if self.is_alive():
            self._ending.wait(timeout)
