cimport cython


cdef class Traffic:
    cdef public bint connected
    cdef public object messages_in
    cdef public object messages_out
    cdef public object bytes_in
    cdef public object bytes_out


cdef class Engine:
    cdef object __weakref__
    cdef public object _session
    cdef public Traffic _traffic
    cdef public object sock
    cdef public object _loop
    cdef public object fd
    cdef public object connection
    cdef public object _chunk
    cdef public object _batch
    cdef public object pipe
    cdef public bint ready
    cdef public bint closed
    cdef public object heard
    cdef public object heartbeat
    cdef public list _buffers
    cdef public Py_ssize_t _written
    cdef public bint _scheduled
    cdef public double _asked_at
    cdef public object _asked_in
    cdef public object _flushed_at
    cdef public bint _writing
    cdef public bint _paused
    cdef public bint _late
    cdef public object _turn
    cdef public bint _finishing
    cdef public object _close_clock
    cdef public object _read
    cdef public object _write

    cpdef schedule_flush(self)
    cpdef flush(self)
