cimport cython

from gzmq.pipe cimport Pipe
from gzmq.transport.engine cimport Engine


@cython.locals(late=bint, pipe=Pipe, engine=Engine, untimed=Py_ssize_t)
cpdef write_gathered(pipes, double since, Py_ssize_t then, Py_ssize_t now, over)
