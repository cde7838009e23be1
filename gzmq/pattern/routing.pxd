cimport cython

from gzmq.pipe cimport Pipe


cdef class LoadBalancer:
    cdef public Py_ssize_t next
    cdef public list pipes

    @cython.locals(index=Py_ssize_t, pipe=Pipe)
    cpdef object pick(self)

    @cython.locals(index=Py_ssize_t, pipe=Pipe, pipes=list)
    cpdef object send(self, message)


@cython.locals(waited=bint)
cpdef object send_or_drop(Pipe pipe, message)


cdef class FairQueue:
    cdef public list active
    cdef public Py_ssize_t _next
    cdef public Py_ssize_t _turn
    cdef public Pipe source

    cpdef activated(self, Pipe pipe)

    @cython.locals(index=Py_ssize_t)
    cpdef bint readable(self) except -1

    @cython.locals(active=list, last=Pipe)
    cdef object _pass_over(self, Py_ssize_t index)

    @cython.locals(active=list, pipe=Pipe, index=Py_ssize_t)
    cpdef object recv_in_turn(self)


cdef class Distribution:
    cdef public Py_ssize_t _left
    cdef public Py_ssize_t _lowest
    cdef public Py_ssize_t _turn
    cdef public dict pipes
    cdef public bint _direct
    cdef public object _message
    cdef public object _rest
    cdef public object _sharers
    cdef public object _socket
    cdef public double _since
    cdef public Py_ssize_t _then
    cdef public bint _waits

    @cython.locals(pipe=Pipe)
    cpdef object send(self, message, dict pipes)

    cpdef object share(self, message, dict pipes, socket)

    @cython.locals(pipe=Pipe)
    cpdef hand_out(self)

    cpdef _deliver(self, message, Pipe pipe)
