cdef class Turn:
    cdef object __weakref__
    cdef public object loop
    cdef public object _late
    cdef public dict _owed
    cdef public object _timer
    cdef public bint _waits
    cdef public object _gathered
    cdef public object gatherer
    cdef public object write
    cdef public object write_alike
    cdef public double _gathered_at
    cdef public Py_ssize_t _gathered_in
    cdef public Py_ssize_t number
    cdef public bint reads_first
    cdef public object woken
    cdef public double _until
    cdef public Py_ssize_t _budgeted
    cdef public double _left
    cdef public Py_ssize_t _depth
    cdef public double _since
    cdef public double _look_at

    cpdef bint over(self) except -1
    cpdef wake(self, queue)
