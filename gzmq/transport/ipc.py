"""ipc://: UNIX domain sockets, by path or by abstract name; zmq_ipc(7)."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
import struct
from _socket import AF_UNIX, SO_PEERCRED, SOCK_STREAM, SOL_SOCKET
from _socket import socket as RawSocket
from contextlib import closing

from ..error import zmq_error
from .tuning import tune_stream as tune

__all__ = [
    "addresses", "admits", "describe", "is_own_echo", "listen", "needs_lookup", "peer_facts", "route",
    "tune", "tune_accepted",
]  # fmt: skip

tune_accepted = tune  # UNIX domain sockets hand nothing on to what they accept


def needs_lookup(endpoint):
    """A path needs no resolver."""
    return False


def route(endpoint, options):
    """Where to connect to, and no script to play there."""
    return endpoint, None


def addresses(endpoint, options):
    """[(family, address, None)] to connect to."""
    return [(AF_UNIX, _address(endpoint.path), None)]


def admits(sock, options):
    """Whether an accepted connection is of a user, group or process that IPC_FILTER_* names, if they name any."""
    filters = options.ipc_filters
    if not filters:
        return True
    pid, uid, gid = _credentials(sock)
    if filters & {("PID", pid), ("UID", uid), ("GID", gid)}:
        return True
    return any(kind == "GID" and _is_member(uid, number) for kind, number in filters)


def _is_member(uid, gid):
    """Whether the system's list of groups has the user in this one, whatever group the peer runs as; as in libzmq."""
    try:
        return pwd.getpwuid(uid).pw_name in grp.getgrgid(gid).gr_mem
    except KeyError:
        return False


def _credentials(sock):
    """(process, user, group) of the peer."""
    return struct.unpack("iII", sock.getsockopt(SOL_SOCKET, SO_PEERCRED, struct.calcsize("iII")))


#: What its address says of a peer: nothing.
located = None


def peer_facts(sock, address=None):
    """What a frame's metadata says of its peer: the user, group and process, in libzmq's form."""
    pid, uid, gid = _credentials(sock)
    return {"Peer-Address": f"localhost:{uid}:{gid}:{pid}", "__fd": str(sock.fileno())}


def describe(address):
    """ipc://path of a socket address, which is bytes when it is abstract."""
    return f"ipc://@{address[1:].decode()}" if isinstance(address, bytes) else f"ipc://{address}"


def is_own_echo(sock):
    """A path that nobody listens at refuses."""
    return False


def listen(endpoint, options, hub):
    """A listening socket, the endpoint that it can be connected to, and what frees its path again."""
    folder = None
    path = endpoint.path
    if path == "*":
        folder = _make_folder()
        path = os.path.join(folder, "socket")
    sock = RawSocket(AF_UNIX, SOCK_STREAM)
    try:
        sock.setblocking(False)
        tune(sock, options)
        _remove_stale(path)
        sock.bind(_address(path))
        sock.listen(options.backlog)
    except OSError as error:
        sock.close()
        if folder:
            _remove_folder(folder)
        raise zmq_error(error.errno, f"cannot bind {endpoint}: {os.strerror(error.errno)}") from None
    if path.startswith("@"):
        return sock, f"ipc://{path}", None
    return sock, f"ipc://{path}", _Release(path, folder)


def _make_folder():
    from tempfile import mkdtemp  # not loaded until somebody binds to "*": it takes longer than this whole module

    return mkdtemp(prefix="gzmq-")


def _remove_folder(folder):
    from shutil import rmtree

    rmtree(folder, ignore_errors=True)


class _Release:
    """Removes the path, if it is still ours, and the folder that was made for it."""

    def __init__(self, path, folder):
        self._path = path
        self._folder = folder
        self._inode = _inode(path)
        self._pid = os.getpid()

    def __call__(self):
        if self._pid != os.getpid():
            return  # a forked child: the parent listens there
        if self._inode is not None and _inode(self._path) == self._inode:
            os.unlink(self._path)
        if self._folder:
            _remove_folder(self._folder)


def _inode(path):
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _remove_stale(path):
    """A socket file that a dead process left is replaced; one that answers, or is no socket, is in use."""
    if path.startswith("@"):
        return
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return
    except OSError:
        return
    with closing(RawSocket(AF_UNIX, SOCK_STREAM)) as probe:
        probe.setblocking(False)
        if probe.connect_ex(path) == errno.ECONNREFUSED:
            os.unlink(path)


def _address(path):
    return "\0" + path[1:] if path.startswith("@") else path
