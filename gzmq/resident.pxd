cdef class Resident:
    cdef dict __dict__
    cdef object __weakref__
    cdef public object thread
    cdef public object owned
    cdef public dict pipes
    cdef public object mail
    cdef public object _door
    cdef public bint _reading
    cdef public object home
    cdef public object hub
