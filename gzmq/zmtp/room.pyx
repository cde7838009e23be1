"""As `room.py`, which says what this is; but nothing is made zeros first, which takes half as long as to read to it."""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.memoryview cimport PyMemoryView_FromObject
from libc.string cimport memcpy


cdef class Room:
    """So many bytes, whatever they are."""

    def __cinit__(self, Py_ssize_t size):
        self._bytes = PyBytes_FromStringAndSize(NULL, size)
        self.size = size

    cpdef put(self, Py_ssize_t at, bytes data, Py_ssize_t start, Py_ssize_t stop):
        """Write data[start:stop] there."""
        if data is None or not (0 <= start <= stop <= PyBytes_GET_SIZE(data) and 0 <= at <= self.size - (stop - start)):
            raise ValueError(f"{start} to {stop} of some bytes do not go to {at} in a room of {self.size}")
        memcpy(PyBytes_AS_STRING(self._bytes) + at, PyBytes_AS_STRING(data) + start, stop - start)

    cpdef view(self, Py_ssize_t start, Py_ssize_t stop):
        """A part of it to write to; to be released before anything else is called."""
        if not 0 <= start <= stop <= self.size:
            raise ValueError(f"{start} to {stop} is not in a room of {self.size}")
        self._start = start
        self._stop = stop
        return PyMemoryView_FromObject(self)

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, PyBytes_AS_STRING(self._bytes) + self._start, self._stop - self._start, 0, flags)

    cpdef bytes whole(self):
        """All of it."""
        return self._bytes
