"""As blank.py, which has the comments."""

from cpython.bytes cimport PyBytes_FromStringAndSize


cpdef bytes blank(Py_ssize_t size):
    return PyBytes_FromStringAndSize(NULL, size)
