"""What a forked child does and finds out, told to its parent."""

import os
import pickle
import traceback
from contextlib import suppress

import gevent
from gevent.os import fork_gevent, tp_read

#: Ways to fork; gevent's own prepares its hub for the child.
FORKS = [os.fork, fork_gevent]


def in_child(call, fork=os.fork):
    """Fork, and call there: what it returns or raises. The parent's hub runs meanwhile, and the child ends at once."""
    reading, writing = os.pipe()
    pid = fork()
    if pid == 0:
        try:
            told = call(), ""
        except BaseException:
            told = None, traceback.format_exc()
        try:
            os.write(writing, pickle.dumps(told))
        finally:
            os._exit(0)
    os.close(writing)
    data = b""
    with gevent.Timeout(30):
        while chunk := tp_read(reading, 65536):
            data += chunk
    os.close(reading)
    os.waitpid(pid, 0)
    result, error = pickle.loads(data)
    assert not error, f"in the child: {error}"
    return result


def socket_descriptors():
    """The names of the sockets that this process has open."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the descriptor of the listing itself
            found.add(os.readlink(f"/proc/self/fd/{number}"))
    return {name for name in found if name.startswith("socket:")}
