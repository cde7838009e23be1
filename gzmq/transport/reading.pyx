"""As `reading.py`, which says what this is, with readv(2) called as C calls it."""

from cpython.buffer cimport PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals, PyErr_SetFromErrno
from libc.errno cimport EINTR, errno

cdef extern from "<sys/uio.h>" nogil:
    struct iovec:
        void* iov_base
        size_t iov_len
    Py_ssize_t readv(int fd, const iovec* places, int count)

cdef enum:
    _AHEAD = 1 << 12
AHEAD = _AHEAD


def read_into(int fd, room, Py_ssize_t wanted):
    """Read to the room for a frame of which so many bytes are missing: how many came, and then some of what follows it.

    Only if there is room for all that is missing, one system call takes both. Raises OSError.
    """
    cdef char[_AHEAD] ahead
    cdef iovec[2] places
    cdef Py_buffer view
    cdef Py_ssize_t count
    PyObject_GetBuffer(room, &view, PyBUF_WRITABLE)
    try:
        places[0].iov_base, places[0].iov_len = view.buf, <size_t> view.len
        places[1].iov_base, places[1].iov_len = ahead, _AHEAD
        while True:
            with nogil:
                count = readv(fd, places, 1 if view.len < wanted else 2)
            if count >= 0:
                break
            if errno != EINTR:
                PyErr_SetFromErrno(OSError)
            PyErr_CheckSignals()
    finally:
        PyBuffer_Release(&view)
    if count <= wanted:
        return count, b""
    return wanted, PyBytes_FromStringAndSize(ahead, count - wanted)
