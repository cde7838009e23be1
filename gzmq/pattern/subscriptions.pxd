cimport cython


cdef class Prefixes:
    cdef public dict counts
    cdef public tuple _few
    cdef public dict _lengths

    @cython.locals(counts=dict, whole=bytes, raw=cython.p_uchar, length=Py_ssize_t)
    cpdef bint match(self, topic) except -1


cdef class Names(Prefixes):
    cpdef bint match(self, topic) except -1


cdef class Subscriptions:
    cdef public dict _table
    cdef public dict _by_pipe
    cdef public dict _bytes
    cdef public dict _lengths
    cdef public dict _parting

    @cython.locals(table=dict, whole=bytes, raw=cython.p_uchar, length=Py_ssize_t, found=dict, pipes=dict)
    cpdef dict match(self, topic)


cdef class Groups(Subscriptions):
    cdef public dict all

    cpdef dict match(self, topic)


cdef dict _NONE
