cimport cython

from gzmq.pattern.base cimport Pattern
from gzmq.pattern.routing cimport FairQueue, LoadBalancer
from gzmq.pipe cimport Pipe


cdef class Dealer(Pattern):
    cdef public LoadBalancer _balancer
    cdef public FairQueue _queue


cdef class Req(Pattern):
    cdef public LoadBalancer _balancer
    cdef public FairQueue _queue
    cdef public Pipe _only
    cdef public object _come
    cdef public object _take
    cdef public bint _awaiting
    cdef public Pipe _asked
    cdef public object _reply
    cdef public Pipe _source
    cdef public object _request_id

    cpdef may_send(self, first)
    cpdef _forget_replies(self)

    @cython.locals(pipe=Pipe)
    cpdef bint readable(self) except -1

    @cython.locals(message=list)
    cpdef _open(self, message)


cdef class Rep(Pattern):
    cdef public FairQueue _queue
    cdef public object _come
    cdef public object _take
    cdef public Pipe _asker
    cdef public list _envelope
    cdef public tuple _request

    cpdef may_send(self, first)

    @cython.locals(cut=Py_ssize_t)
    cpdef bint readable(self) except -1
