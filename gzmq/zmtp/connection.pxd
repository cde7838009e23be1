from gzmq.zmtp.framing cimport Decoder


cdef class Connection:
    cdef object __weakref__
    cdef public object config
    cdef public object state
    cdef public list output
    cdef public object peer_version
    cdef public object peer_identity
    cdef public object peer_socket_type
    cdef public object peer_metadata
    cdef public bint alike
    cdef public bint introduced
    cdef public object verdict
    cdef public object peer_ttl
    cdef public Decoder decoder
    cdef public object encode
    cdef public Py_ssize_t under_way
    cdef public object _command
    cdef public object _question
    cdef public object _early
    cdef public object _script
    cdef public object _step
    cdef public object _need

    cpdef list receive_data(self, bytes data)

    cpdef list filled(self, Py_ssize_t count, bytes behind=?)
