from gzmq.datapath cimport DataPath
from gzmq.pipe cimport Pipe
from gzmq.waitqueue cimport WaitQueue


cdef class SocketCore(DataPath):
    cdef public object connections
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
