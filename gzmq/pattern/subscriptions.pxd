cimport cython


cdef class Prefixes:
    cdef public dict counts
    cdef public dict _lengths

    @cython.locals(counts=dict)
    cpdef bint match(self, topic) except -1


cdef class Subscriptions:
    cdef public dict _table
    cdef public dict _by_pipe
    cdef public dict _bytes
    cdef public dict _lengths
    cdef public dict _parting

    @cython.locals(table=dict)
    cpdef object match(self, topic)
