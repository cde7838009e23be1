"""Claims of what ipc does to the file system, and of who may connect there; against libzmq's where that can be."""

import errno
import grp
import os
import pwd
import stat
import subprocess
import sys

import pytest

import gzmq as zmq

from ..scripts import ROOT
from .claims import refuses

#: Binds, and says what there is now. The module is gzmq, or zmq for the real libzmq.
MODE = """
import importlib, os, stat, sys
zmq = importlib.import_module(sys.argv[1])
os.umask(int(sys.argv[2], 8))
socket = zmq.Context().socket(zmq.PULL)
socket.bind("ipc://" + sys.argv[3])
print(oct(stat.S_IMODE(os.lstat(sys.argv[3]).st_mode)))
"""
#: A ZAP handler that says what address it is asked about, and what a frame's metadata says.
ADDRESS = """
import importlib, os, sys, threading
zmq = importlib.import_module(sys.argv[1])
context = zmq.Context()
handler, pull, push = context.socket(zmq.REP), context.socket(zmq.PULL), context.socket(zmq.PUSH)
handler.bind("inproc://zeromq.zap.01")
pull.zap_domain = b"here"
pull.bind("ipc://" + sys.argv[2])
push.connect("ipc://" + sys.argv[2])
request = handler.recv_multipart()
handler.send_multipart([*request[:2], b"200", b"OK", b"", b""])
push.send(b"hello")
ours = f"localhost:{os.getuid()}:{os.getgid()}:{os.getpid()}"
print(request[3].decode() == ours, pull.recv(copy=False)["Peer-Address"] == ours)
context.destroy(linger=0)
"""
#: Whether a message arrives when each filter that is given names us (1) or another (0).
FILTERS = """
import importlib, os, sys
zmq = importlib.import_module(sys.argv[1])
context = zmq.Context()
pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
ours = {"UID": os.getuid(), "GID": os.getgid(), "PID": os.getpid()}
for wanted in sys.argv[3:]:
    kind, named = wanted.split("=")
    pull.set(getattr(zmq, "IPC_FILTER_" + kind), ours[kind] + (named == "other"))
pull.bind("ipc://" + sys.argv[2])
push.connect("ipc://" + sys.argv[2])
push.send(b"hello")
print(bool(pull.poll(400)))
context.destroy(linger=0)
"""
MODULES = ["gzmq", "zmq"]


def said(script, *arguments):
    """What a script prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("umask", ["000", "022", "077", "027"])
def test_a_path_has_the_permissions_that_the_umask_leaves(tmp_path, umask):
    """As with libzmq: who may write to it may connect."""
    modes = [said(MODE, module, umask, tmp_path / module) for module in MODULES]
    assert modes == [oct(0o777 & ~int(umask, 8))] * 2


def test_the_folder_of_a_path_that_we_choose_is_its_owners_alone(make):
    """ipc://*"""
    path = make(zmq.PULL, bind="ipc://*").last_endpoint.decode().removeprefix("ipc://")
    folder = os.path.dirname(path)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700


def test_a_live_socket_keeps_its_path(make, tmp_path):
    """Whoever binds there is refused, and its clients go on."""
    where = f"ipc://{tmp_path}/s"
    pull = make(zmq.PULL, bind=where)
    inode = os.lstat(tmp_path / "s").st_ino
    for _ in range(3):
        assert refuses(errno.EADDRINUSE, make(zmq.PULL).bind, where)
    assert os.lstat(tmp_path / "s").st_ino == inode
    make(zmq.PUSH, connect=where).send(b"hello")
    assert pull.recv() == b"hello"


def test_a_live_socket_of_another_program_keeps_its_path(make, tmp_path):
    """Also when its backlog is full, so that it does not answer."""
    import socket as net

    with net.socket(net.AF_UNIX) as other, net.socket(net.AF_UNIX) as first, net.socket(net.AF_UNIX) as second:
        other.bind(str(tmp_path / "s"))
        other.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(str(tmp_path / "s"))
        assert refuses(errno.EADDRINUSE, make(zmq.PULL).bind, f"ipc://{tmp_path}/s")
        assert (tmp_path / "s").exists()


@pytest.mark.parametrize("what", ["file", "empty file", "folder", "fifo", "symlink to nothing", "symlink to a file"])
def test_what_is_no_socket_is_never_removed(make, tmp_path, what):
    """EADDRINUSE, and it is as it was."""
    path, target = tmp_path / "s", tmp_path / "target"
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what.startswith("symlink"):
        path.symlink_to(target)
        if what.endswith("file"):
            target.write_text("kept")
    else:
        path.write_text("" if what.startswith("empty") else "kept")
    before = os.lstat(path)
    assert refuses(errno.EADDRINUSE, make(zmq.PULL).bind, f"ipc://{path}")
    assert os.lstat(path)[:9] == before[:9]  # all but the times
    assert target.exists() == (what == "symlink to a file")


@pytest.mark.parametrize("alive", [True, False])
def test_a_symlink_to_a_socket_is_not_removed(make, tmp_path, alive):
    """Nor what it points at, whether somebody listens there or not."""
    target = tmp_path / "target"
    pull = make(zmq.PULL, bind=f"ipc://{target}")
    if not alive:
        os.link(target, tmp_path / "kept")
        pull.close()
        os.rename(tmp_path / "kept", target)
    (tmp_path / "s").symlink_to(target)
    assert refuses(errno.EADDRINUSE, make(zmq.PULL).bind, f"ipc://{tmp_path}/s")
    assert os.path.islink(tmp_path / "s") and stat.S_ISSOCK(os.lstat(target).st_mode)


@pytest.mark.parametrize("what", ["file", "symlink"])
def test_what_has_taken_our_place_stays_when_we_close(make, tmp_path, what):
    """Somebody has removed our path and put something else there."""
    path = tmp_path / "s"
    pull = make(zmq.PULL, bind=f"ipc://{path}")
    path.unlink()
    if what == "file":
        path.write_text("kept")
    else:
        path.symlink_to("/nowhere")
    pull.close()
    assert os.path.lexists(path)


@pytest.mark.parametrize("module", MODULES)
def test_a_zap_handler_hears_who_is_at_the_other_end(tmp_path, module):
    """User, group and process, as SO_PEERCRED has them; in the request, and in Peer-Address."""
    assert said(ADDRESS, module, tmp_path / "s") == "True True"


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    "filters, admitted",
    [
        (["UID=us"], True),
        (["UID=other"], False),
        (["GID=us"], True),
        (["GID=other"], False),
        (["PID=us"], True),
        (["PID=other"], False),
        (["UID=other", "PID=us"], True),  # one that fits will do
        (["UID=other", "GID=other", "PID=other"], False),
        (["UID=other", "UID=us"], True),
    ],
)
def test_ipc_filters(tmp_path, module, filters, admitted):
    """Of SO_PEERCRED: who is named by one of them may connect."""
    assert said(FILTERS, module, tmp_path / "s", *filters) == str(admitted)


#: Whether a peer of this user and group gets so much as a greeting where this group may connect.
MEMBER = """
import importlib, os, socket, sys, time
zmq = importlib.import_module(sys.argv[1])
name, (wanted, uid, gid) = f"gzmq-{os.getpid()}", map(int, sys.argv[2:])
child = os.fork()
if child:
    pull = zmq.Context().socket(zmq.PULL)
    pull.set(zmq.IPC_FILTER_GID, wanted)
    pull.bind("ipc://@" + name)
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        pull.poll(20)
    os._exit(0)
os.setgid(gid)
os.setuid(uid)
sock = socket.socket(socket.AF_UNIX)
while sock.connect_ex("\\0" + name):
    time.sleep(0.01)
try:
    print(bool(sock.recv(10)), flush=True)
except ConnectionError:
    print(False, flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("module", MODULES)
def test_members_of_a_group_may_connect_whatever_their_own_group_is(module):
    """IPC_FILTER_GID: whom the system's list of groups has in it, as in libzmq; and not those whom it does not."""
    named = [(group.gr_gid, name) for group in grp.getgrall() for name in group.gr_mem]
    if os.getuid() or not named:
        pytest.skip("needs root, and a group with a member")
    group, member = named[0][0], pwd.getpwnam(named[0][1])
    assert said(MEMBER, module, group, member.pw_uid, member.pw_gid) == "True"
    assert said(MEMBER, module, group, 54321, 54321) == "False"
