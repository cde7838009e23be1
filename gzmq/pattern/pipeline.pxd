from gzmq.pattern.base cimport Pattern
from gzmq.pattern.routing cimport FairQueue, LoadBalancer


cdef class Push(Pattern):
    cdef public LoadBalancer _balancer


cdef class Pull(Pattern):
    cdef public FairQueue _queue
