from gzmq.resident cimport Resident


cdef class DataPath(Resident):
    cdef public object context
    cdef public object options
    cdef public object pattern
    cdef public object _watch
    cdef public bint _refuses
    cdef public bint _writes_through
    cdef public object _unwatched
    cdef public object send
    cdef public object recv
    cdef public object recv_first
    cdef public object recv_whole
