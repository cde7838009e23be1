cpdef bytes blank(Py_ssize_t size)
