from cpython.object cimport PyObject

from gzmq.zmtp.room cimport Room


cdef class Sealer:
    cdef unsigned char _subkey[32]
    cdef list _buffers
    cdef PyObject* _piece  # bytes that nobody else has yet, with room for more
    cdef Py_ssize_t _used  # of those
    cdef Py_ssize_t _room
    cdef Py_ssize_t _limit

    cpdef begin(self, list buffers, Py_ssize_t limit)
    cpdef Py_ssize_t add(self, unsigned long long number, int flags, body) except -1
    cdef Py_ssize_t _add(self, unsigned long long number, unsigned char flags, const unsigned char* body, Py_ssize_t size) except -1
    cdef int _make_room(self, Py_ssize_t room) except -1
    cpdef end(self)


cdef class Opener:
    cdef unsigned char _subkey[32]
    cdef unsigned long long _last
    cdef readonly int flags

    cpdef bytes open(self, bytes data, Py_ssize_t start, Py_ssize_t stop)
    cpdef bytes open_in(self, Room room, Py_ssize_t size)
    cdef bytes _open_copied(self, const unsigned char* message, Py_ssize_t size)
    cdef bytes _open_large(self, const unsigned char* message, Py_ssize_t size)
