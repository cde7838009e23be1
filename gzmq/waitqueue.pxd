cdef class WaitQueue:
    cdef public object _hub
    cdef public object _generation
    cdef public object parked

    cpdef wake(self)
