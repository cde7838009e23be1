"""A child process that inherits nothing, runs one object and ends with its parent; greenlets can wait for it."""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import struct
import sys
from _socket import MSG_WAITALL, socketpair
from _socket import socket as RawSocket
from contextlib import closing, suppress
from typing import Any, Protocol

import gevent
from gevent.socket import wait_read

from ..constants import PollEvent
from ..originals import original
from ..poll import Poller

_waitpid = original("os", "waitpid")
_LENGTH = struct.Struct("=Q")
#: The children of this process that nobody has seen end. One whose device nobody holds any more runs on, like a thread.
_running: set[ChildProcess] = set()


class Runnable(Protocol):
    """What a child process can run."""

    def run(self) -> Any:
        """Do it."""

    def abandon(self) -> None:
        """End `run` without delay: there is nobody any more for whom it could be done."""


class ChildProcess:
    """A new interpreter that unpickles one object and calls its ``run()``; it ends when the program does.

    Nothing is inherited: no hub, no greenlet, no descriptor but one end of a socket pair. Each side notices at once
    when the other is gone, as the other end closes then.
    """

    def __init__(self, task: Runnable):
        self._task = task
        self.daemon = True
        self.pid: int | None = None
        self.exitcode: int | None = None

    def start(self) -> None:
        """Begin. A child that is no daemon is waited for at the end of the program.

        Raises TypeError when the child cannot import the class of the task.
        """
        kind = type(self._task)
        if kind.__module__ == "__main__":
            raise TypeError(
                f"{kind.__name__} is defined in the program itself, which the child process does not run: "
                "put it in a module"
            )
        data = pickle.dumps(self._task)
        program = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import run_child; run_child()"
        ours, theirs = socketpair()
        with closing(theirs):
            self.pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-c", program],
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)],
            )
        with suppress(ConnectionError):  # it has ended already, which `join` will find out
            ours.sendall(_LENGTH.pack(len(data)) + data)
        ours.setblocking(False)
        self._line = ours.detach()
        _running.add(self)
        if not self.daemon:
            atexit.register(self.join)

    def is_alive(self) -> bool:
        """Whether it has begun and not ended."""
        self.join(0)
        return self in _running

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, when ``exitcode`` is known, or for ``timeout`` seconds. Blocks the calling greenlet only.

        ``exitcode`` is 0 also when somebody else, who collects all children of the program, has got it.
        """
        if self in _running and not self._has_ended():
            poller = Poller()
            poller.register(self._line, PollEvent.POLLIN)
            poller.poll(None if timeout is None else timeout * 1000)
        if self in _running and self._has_ended():
            self.exitcode = 0
            with suppress(ChildProcessError):
                self.exitcode = os.waitstatus_to_exitcode(_waitpid(self.pid, 0)[1])
            os.close(self._line)
            _running.remove(self)
            atexit.unregister(self.join)

    def _has_ended(self) -> bool:
        """Whether the child's end of the line is closed, which it never writes to."""
        try:
            return os.read(self._line, 1) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def terminate(self) -> None:
        """Ask it to end: SIGTERM."""
        self._kill(signal.SIGTERM)

    def kill(self) -> None:
        """End it: SIGKILL."""
        self._kill(signal.SIGKILL)

    def _kill(self, number: int) -> None:
        if self.is_alive() and self.pid is not None:
            os.kill(self.pid, number)


def _forsake_children() -> None:
    """In a forked child: they are its siblings, and notice when their parent ends, though it lives on."""
    for child in _running:
        os.close(child._line)
    _running.clear()


os.register_at_fork(after_in_child=_forsake_children)


def run_child() -> None:
    """Run what the parent sends, until that ends or the parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, and its end is ours
    line = RawSocket(fileno=os.dup(0))  # not for children of the child
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    (length,) = _LENGTH.unpack(line.recv(_LENGTH.size, MSG_WAITALL))
    task: Runnable = pickle.loads(line.recv(length, MSG_WAITALL))
    gevent.spawn(_end_with_parent, line, task)
    task.run()


def _end_with_parent(line: RawSocket, task: Runnable) -> None:
    wait_read(line.fileno())
    task.abandon()
