"""A SOCKS 5 proxy in greenlets, as good or as bad as a test wants it."""

import socket as net
from contextlib import suppress

import gevent
from gevent import socket as green
from gevent.pool import Pool
from gevent.server import StreamServer

REFUSED = 5


class Proxy:
    """Serves at ``address`` ("host:port") until `stop`.

    username, password: what clients have to say (None: nothing). hosts: the addresses of names that only the proxy
    knows. behave(sock, number): takes the place of all that, for the number-th connection. ``asked`` is what clients
    asked for: (address type, host, port).
    """

    def __init__(self, username=None, password=None, hosts=(), behave=None, listen="127.0.0.1"):
        self._login = None if username is None else (username, password)
        self._hosts = dict(hosts)
        self._behave = behave
        self.asked = []
        self.connections = 0
        family = net.AF_INET6 if ":" in listen else net.AF_INET
        sock = green.socket(family)
        sock.bind((listen, 0))
        sock.listen()
        self._server = StreamServer(sock, self._serve, spawn=Pool())
        self._server.start()
        self.port = sock.getsockname()[1]
        self.address = (f"[{listen}]:{self.port}" if ":" in listen else f"{listen}:{self.port}").encode()

    def stop(self):
        """End, and close all connections."""
        self._server.stop(timeout=0)

    def _serve(self, sock, _):
        self.connections += 1
        with suppress(OSError, EOFError), sock:
            if self._behave is not None:
                self._behave(sock, self.connections)
            elif self._let_in(sock):
                self._forward(sock)

    def _let_in(self, sock):
        """RFC 1928 and RFC 1929 up to the request; whether the client may make one."""
        version, count = read(sock, 2)
        methods = read(sock, count)
        wanted = 0 if self._login is None else 2
        assert version == 5
        sock.sendall(bytes((5, wanted if wanted in methods else 0xFF)))
        if self._login is None or wanted not in methods:
            return wanted in methods
        assert read(sock, 1) == b"\x01"
        login = tuple(read(sock, read(sock, 1)[0]) for _ in range(2))
        sock.sendall(bytes((1, login != self._login)))
        return login == self._login

    def _forward(self, sock):
        assert read(sock, 3) == b"\x05\x01\x00"
        kind = read(sock, 1)[0]
        if kind == 3:
            host = read(sock, read(sock, 1)[0]).decode()
        else:
            family, size = {1: (net.AF_INET, 4), 4: (net.AF_INET6, 16)}[kind]
            host = net.inet_ntop(family, read(sock, size))
        port = int.from_bytes(read(sock, 2), "big")
        self.asked.append((kind, host, port))
        try:
            far = green.create_connection((self._hosts.get(host, host), port))
        except OSError:
            sock.sendall(bytes((5, REFUSED, 0, 1)) + bytes(6))
            return
        with far:
            # The reply's address as a name, and in two pieces: clients have to take that.
            sock.sendall(b"\x05\x00\x00\x03\x05")
            gevent.sleep(0)
            sock.sendall(b"proxy\x00\x01")
            back = gevent.spawn(copy, far, sock)
            copy(sock, far)
            back.join()


def read(sock, size):
    """So many bytes. Raises EOFError when there are no more."""
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def copy(source, target):
    """All that comes, and its end."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(net.SHUT_WR)
