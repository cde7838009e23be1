cimport cython

from gzmq.pattern.base cimport Pattern
from gzmq.pattern.routing cimport Distribution, FairQueue
from gzmq.pattern.subscriptions cimport Prefixes, Subscriptions
from gzmq.pipe cimport Pipe


cdef class XPub(Pattern):
    cdef public Subscriptions _subscriptions
    cdef public Distribution _distribution
    cdef public object _pending
    cdef public object _pending_bytes
    cdef public object _manual
    cdef public object _manual_pipe
    cdef public Subscriptions _asked
    cdef public bint _last_value
    cdef public bint _inverted
    cdef public bint _nodrop

    @cython.locals(pipes=dict)
    cpdef object send(self, message)


cdef class XSub(Pattern):
    cdef public Prefixes _topics
    cdef public FairQueue _queue
    cdef public Distribution _distribution
    cdef public dict _ready
    cdef public Pipe _only


cdef class Sub(XSub):
    cdef public object _next
    cdef public Pipe _source
    cdef public bint _inverted

    @cython.locals(queue=FairQueue, only=Pipe)
    cdef object _wanted(self)
