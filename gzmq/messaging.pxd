cimport cython

from gzmq.core cimport SocketCore


cdef class Messaging:
    cdef public SocketCore _core
    cdef public dict _parts
    cdef public dict _rest
    cdef public bint _one_part
    cdef public bint _labelled
    cdef public object _spun_at
