from gzmq.pipe cimport Pipe
from gzmq.resident cimport Resident
from gzmq.waitqueue cimport WaitQueue


cdef class SocketCore(Resident):
    cdef public object context
    cdef public object options
    cdef public object connections
    cdef public object pattern
    cdef public object _watch
    cdef public bint _writes_through
    cdef public object _unwatched
    cdef public bint _refuses
    cdef public object send
    cdef public object recv
    cdef public object recv_first
    cdef public object recv_whole
    cdef public dict watchers
    cdef public object event_fd
    cdef public object last_endpoint
    cdef public dict monitors
    cdef public dict drops
    cdef public bint closed
    cdef public bint leaving
    cdef public bint left_open
    cdef public object _small
    cdef public object _news
    cdef public object _closing
    cdef public WaitQueue receivers
    cdef public WaitQueue senders

    cpdef read_activated(self, pipe)
    cpdef write_activated(self, Pipe pipe)
    cpdef _changed(self, WaitQueue queue)
