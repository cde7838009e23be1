cimport cython


cdef object _append, _popleft
cdef object NO_QUEUE


cdef class Traffic:
    cdef public bint connected
    cdef public Py_ssize_t messages_in
    cdef public Py_ssize_t messages_out
    cdef public Py_ssize_t bytes_in
    cdef public Py_ssize_t bytes_out


cdef class Pipe:
    cdef object __weakref__
    cdef public object inbox
    cdef public object outbox
    cdef public object sink
    cdef public Pipe peer
    cdef public bint closed
    cdef public bint peer_waits
    cdef public bint queued
    cdef public Py_ssize_t _left
    cdef public bint direct
    cdef public bint subscribe_to_all
    cdef public Py_ssize_t hwm
    cdef public Py_ssize_t room
    cdef public object announced_id
    cdef public object assigned_id
    cdef public object routing_id
    cdef public object endpoint
    cdef public object largest
    cdef public object told
    cdef public dict lost
    cdef public object writer

    @cython.locals(room=Py_ssize_t)
    cpdef bint _take_room(self) except -1

    @cython.locals(room=Py_ssize_t, peer=Pipe)
    cpdef object send(self, message)

    cpdef object _no_room(self)
    cpdef _make_queue(self)
    cpdef object opened(self)
    cpdef bint has_room(self) except -1
    @cython.locals(room=Py_ssize_t, peer=Pipe)
    cpdef bint send_all(self, messages) except -1
    cpdef object recv(self)

    @cython.locals(left=Py_ssize_t)
    cpdef object recv_in_turn(self)

    cpdef object drained(self)
