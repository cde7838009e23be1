from gzmq.pattern.base cimport Pattern
from gzmq.pattern.routing cimport Distribution, FairQueue
from gzmq.pattern.subscriptions cimport Prefixes, Subscriptions


cdef class XPub(Pattern):
    cdef public Subscriptions _subscriptions
    cdef public Distribution _distribution
    cdef public object _pending
    cdef public object _pending_bytes
    cdef public object _manual
    cdef public object _manual_pipe
    cdef public Subscriptions _asked
    cdef public bint _last_value

    cpdef object _matching(self, topic)


cdef class XSub(Pattern):
    cdef public Prefixes _topics
    cdef public FairQueue _queue
    cdef public Distribution _distribution
    cdef public dict _ready


cdef class Sub(XSub):
    cdef public tuple _next
    cdef public object _source

    cpdef bint readable(self) except -1
    cpdef tuple _wanted(self)
    cpdef bint _wants(self, message) except -1
