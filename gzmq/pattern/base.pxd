cdef class Pattern:
    cdef dict __dict__
    cdef object __weakref__
    cdef public object socket
    cdef public object options
    cdef public bint partly_read
