cdef class Room:
    cdef readonly Py_ssize_t size
    cdef bytes _bytes
    cdef Py_ssize_t _start  # of what is viewed
    cdef Py_ssize_t _stop

    cpdef put(self, Py_ssize_t at, bytes data, Py_ssize_t start, Py_ssize_t stop)
    cpdef view(self, Py_ssize_t start, Py_ssize_t stop)
    cpdef bytes whole(self)
