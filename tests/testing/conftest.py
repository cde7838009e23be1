"""Sockets, and streams without ZMTP, at the ends of a wire."""

import gevent
import pytest
from gevent import socket as green

from gzmq.testing import Wire

from ..sockets.conftest import context, hub_errors, make

__all__ = ["context", "hub_errors", "make"]


class Ends:
    """Two streams of bytes with a wire between them: ``near`` connected to the wire, ``far`` accepted from it."""

    def __init__(self, **how):
        self._server = green.socket()
        self._server.bind(("127.0.0.1", 0))
        self._server.listen()
        self.wire = Wire(f"tcp://127.0.0.1:{self._server.getsockname()[1]}", **how)
        self.near, self.far = self.more()

    def more(self):
        """One more connection."""
        host, port = self.wire.endpoint[6:].split(":")
        near = green.create_connection((host, int(port)))
        far, _ = self._server.accept()
        near.settimeout(5)
        far.settimeout(5)
        return near, far

    def close(self):
        self.wire.close()
        for sock in (self.near, self.far, self._server):
            sock.close()


@pytest.fixture
def ends():
    """Make some: ``ends(seed=1)``."""
    made = []

    def make(**how):
        with gevent.Timeout(5):
            made.append(Ends(**how))
        return made[-1]

    yield make
    for each in made:
        each.close()


def read_to_end(sock):
    """All until the other side ends, and whether it ended in order."""
    found = b""
    try:
        while data := sock.recv(1 << 16):
            found += data
    except (TimeoutError, ConnectionResetError) as error:
        return found, type(error)
    return found, None
