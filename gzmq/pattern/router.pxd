from gzmq.pattern.base cimport Pattern
from gzmq.pattern.routing cimport FairQueue


cdef class Router(Pattern):
    cdef public FairQueue _queue
    cdef public dict _routes
    cdef public object _next_id
