cdef class WaitQueue:
    cdef public object _hub
    cdef public object _pid
    cdef public object parked

    cpdef wake(self)
