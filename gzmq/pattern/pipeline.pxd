from gzmq.pattern.base cimport Pattern
from gzmq.pattern.routing cimport FairQueue


cdef class Push(Pattern):
    pass


cdef class Pull(Pattern):
    cdef public FairQueue _queue
