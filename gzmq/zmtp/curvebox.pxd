cimport cython

from gzmq.zmtp.framing cimport Decoder
from gzmq.zmtp.room cimport Room
from gzmq.zmtp.sodium cimport Opener, Sealer


cdef class CurveCipher:
    cdef object __weakref__
    cdef public Sealer _sealer
    cdef public object _sent
    cdef Opener _opener

    @cython.locals(sealer=Sealer, left=Py_ssize_t)
    cpdef encode(self, queue, list buffers, Py_ssize_t limit)


cdef class CurveDecoder(Decoder):
    cdef Decoder _inner
    cdef Opener _opener

    @cython.locals(pos=Py_ssize_t, end=Py_ssize_t, start=Py_ssize_t)
    cpdef _decode(self, bytes data, list messages)

    @cython.locals(opener=Opener, start=Py_ssize_t, stop=Py_ssize_t, body=bytes)
    cdef Py_ssize_t _decode_single(self, bytes data, Py_ssize_t pos, Py_ssize_t end, list messages) except -1

    cpdef _make_room(self, Py_ssize_t count)

    @cython.locals(room=Room)
    cdef bint _take_spare(self) except -1

    cpdef _take_body(self, Room room, list messages)

    cdef _sealed_frame(self, int flags, bytes data, Py_ssize_t start, Py_ssize_t stop, list messages)

    @cython.locals(inside=int)
    cdef _opened(self, bytes body, bytes data, Py_ssize_t start, Py_ssize_t stop, list messages)
