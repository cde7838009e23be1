cimport cython

from gzmq.zmtp.room cimport Room


@cython.locals(left=Py_ssize_t, size=Py_ssize_t, large=Py_ssize_t, pieces=list, last=list, more=list)
cpdef encode(queue, list buffers, Py_ssize_t limit)

cdef _encode_large(body, int more, list pieces, list buffers)


cdef class Decoder:
    cdef object __weakref__
    cdef public object _limits
    cdef public Py_ssize_t _max_frame
    cdef public Py_ssize_t _fits
    cdef public Py_ssize_t _max_message
    cdef public Py_ssize_t _most
    cdef public object _on_command
    cdef public bytes _tail
    cdef public int _flags
    cdef public Room _room
    cdef public Py_ssize_t _have
    cdef public Py_ssize_t _largest
    cdef public Py_ssize_t wanted
    cdef public Py_ssize_t under_way
    cdef public list _frames
    cdef public Py_ssize_t _held

    cpdef list feed(self, bytes data)

    @cython.locals(pos=Py_ssize_t, end=Py_ssize_t, start=Py_ssize_t, stop=Py_ssize_t, size=Py_ssize_t, flags=int, roomy=bint, more=int, long_more=int, fits=Py_ssize_t, raw=cython.p_uchar, frames=list, held=Py_ssize_t)
    cpdef _decode(self, bytes data, list messages)

    @cython.locals(start=Py_ssize_t, raw=cython.p_uchar)
    cpdef tuple _header(self, bytes data, Py_ssize_t pos, Py_ssize_t end)

    cpdef _check_size(self, int flags, size)

    @cython.locals(count=Py_ssize_t)
    cpdef _begin_body(self, int flags, Py_ssize_t size, bytes data, Py_ssize_t start)

    @cython.locals(count=Py_ssize_t)
    cpdef _keep(self, bytes data, Py_ssize_t start, Py_ssize_t stop)

    @cython.locals(have=Py_ssize_t, room=Room)
    cpdef _make_room(self, Py_ssize_t count)

    @cython.locals(have=Py_ssize_t)
    cpdef room(self, Py_ssize_t most=?)

    cpdef list filled(self, Py_ssize_t count, bytes behind=?)

    cpdef bytes _go_on(self, bytes data, list messages)

    @cython.locals(room=Room)
    cpdef _end_body(self, list messages)

    cpdef _take_body(self, Room room, list messages)

    cpdef _frame(self, int flags, bytes body, list messages)
