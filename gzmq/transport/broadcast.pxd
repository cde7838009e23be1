cimport cython

from gzmq.pipe cimport Pipe, Traffic
from gzmq.transport.engine cimport Engine


@cython.locals(pipe=Pipe, untimed=Py_ssize_t)
cpdef write_gathered(pipes, double since, Py_ssize_t then, Py_ssize_t now, over)


@cython.locals(pipe=Pipe, engine=Engine, traffic=Traffic, late=bint, sent=Py_ssize_t, size=Py_ssize_t)
cpdef bint write_alike(message, pipes, deliver, double since, Py_ssize_t then, over) except -1
