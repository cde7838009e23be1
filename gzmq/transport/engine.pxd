cimport cython

from gzmq.pipe cimport Pipe, Traffic
from gzmq.turn cimport Turn


cdef class Engine:
    cdef object __weakref__
    cdef public object _session
    cdef public Traffic traffic
    cdef public object sock
    cdef public object _loop
    cdef public Py_ssize_t fd
    cdef public object connection
    cdef public Py_ssize_t _chunk
    cdef public Py_ssize_t _large
    cdef public Py_ssize_t _batch
    cdef public Pipe pipe
    cdef public bint ready
    cdef public bint closed
    cdef public Py_ssize_t heard
    cdef public object heartbeat
    cdef public list _buffers
    cdef public Py_ssize_t _written
    cdef public int due
    cdef public double _asked_at
    cdef public Py_ssize_t _asked_in
    cdef public bint _prompt
    cdef public bint _alone
    cdef public Py_ssize_t _prompt_in
    cdef public Py_ssize_t _flushed_at
    cdef public bint paused
    cdef public bint _late
    cdef public Turn _turn
    cdef public bint _finishing
    cdef public object _close_clock
    cdef public object _read
    cdef public object _write

    @cython.locals(before=Py_ssize_t, turn=Turn)
    cpdef on_readable(self)

    @cython.locals(count=Py_ssize_t)
    cpdef _read_some(self)

    cpdef _go_on(self, list messages)

    @cython.locals(turn=Py_ssize_t)
    cpdef schedule_flush(self)

    cpdef write_gathered(self, double since, Py_ssize_t then, Py_ssize_t now)

    @cython.locals(pipe=Pipe, buffers=list)
    cpdef bint _write_now(self, Py_ssize_t turn) except -1

    cpdef flush(self)

    @cython.locals(pipe=Pipe, before=Py_ssize_t)
    cpdef bint _fill(self) except -1

    @cython.locals(done=Py_ssize_t, left=Py_ssize_t, sent=Py_ssize_t, size=Py_ssize_t, alone=bint)
    cpdef Py_ssize_t _write_some(self) except -1
