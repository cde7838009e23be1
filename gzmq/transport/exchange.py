"""A scripted exchange over a connected descriptor before its engine gets it; see `socks` for what a script is.

Rules: it runs in callbacks of the hub, which neither block nor switch; it reads no byte that the script does not need.
"""

from __future__ import annotations

import errno

from ..home import unwatch

_READ, _WRITE = 1, 2  # libev's


class Exchange:
    """Plays our part of a script, then calls ``done()``, or ``failed(error)`` with the OSError that ended it."""

    def __init__(self, sock, loop, script, done, failed):
        self._sock = sock
        self._script = script
        self._done = done
        self._failed = failed
        self._unsent = b""
        self._need = 0
        self._answer = b""
        self._read = loop.io(sock.fileno(), _READ)
        self._write = loop.io(sock.fileno(), _WRITE)

    def start(self):
        """Begin."""
        self._take(None)

    def _take(self, answer):
        """Hand the script what it needed, and do what it says next."""
        try:
            self._unsent, self._need = self._script.send(answer)
        except StopIteration:
            self.stop()
            self._done()
            return
        except OSError as error:
            self._fail(error)
            return
        self._answer = b""
        if self._unsent:
            self._write.start(self._on_writable)
        else:
            self._read.start(self._on_readable)

    def _on_writable(self):
        try:
            self._unsent = self._unsent[self._sock.send(self._unsent) :]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._fail(error)
            return
        if not self._unsent:
            self._write.stop()
            self._read.start(self._on_readable)

    def _on_readable(self):
        try:
            data = self._sock.recv(self._need - len(self._answer))
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._fail(error)
            return
        if not data:
            self._fail(ConnectionAbortedError(errno.ECONNABORTED, "the proxy closed the connection"))
            return
        self._answer += data
        if len(self._answer) == self._need:
            self._read.stop()
            self._take(self._answer)

    def _fail(self, error):
        self.stop()
        self._failed(error)

    def stop(self):
        """Play no more; the descriptor is the caller's again."""
        unwatch(self._read)
        unwatch(self._write)
        self._script.close()
