"""As `sodium.py`, which says what all this is, with libsodium's functions called as C calls them.

Those of the box itself mix key and nonce anew for every frame; but of CURVE's nonces the half that is mixed is always
the same, so here it is done once for a direction (XSalsa20 is Salsa20 with a key that HSalsa20 makes of the first 16
bytes of the nonce). The stream's first 32 bytes are Poly1305's key, as in crypto_secretbox.
"""

import errno

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE, _PyBytes_Resize
from cpython.object cimport PyObject
from cpython.ref cimport Py_CLEAR, Py_INCREF, Py_XDECREF
from libc.string cimport memcmp, memcpy, memset
from posix.dlfcn cimport RTLD_LAZY, dlopen, dlsym

from ..error import zmq_error
from ..keys import sodium
from . import framing, sealed

from gzmq.zmtp.room cimport Room

ctypedef unsigned char byte
ctypedef unsigned long long u64

cdef int OVERHEAD = sealed.OVERHEAD
cdef int LARGE = framing.LARGE
cdef byte LONG = framing.LONG
cdef enum:
    NONCE_AT = 8
    AUTHENTICATOR_AT = 16
    FLAGS_AT = 32
    BODY_AT = 33
    BLOCK = 64  # of Salsa20's stream
    #: Up to this size one run of the stream over a copy is quicker than two without.
    COPIED = 1 << 12
cdef const byte* MESSAGE = b"\x07MESSAGE"

cdef int (*hsalsa20)(byte*, const byte* nonce, const byte* key, const byte*) noexcept nogil
cdef int (*stream_xor)(byte*, const byte*, u64 size, const byte* nonce, const byte* key) noexcept nogil
cdef int (*stream_xor_from)(byte*, const byte*, u64 size, const byte* nonce, u64 block, const byte* key) noexcept nogil
cdef int (*authenticate)(byte*, const byte*, u64 size, const byte* key) noexcept nogil
cdef int (*verify)(const byte*, const byte*, u64 size, const byte* key) noexcept nogil
cdef void (*wipe)(void*, size_t) noexcept nogil
hsalsa20 = NULL


cdef void* function(void* library, bytes name) except NULL:
    cdef void* address = dlsym(library, name)
    if address == NULL:
        raise zmq_error(
            errno.ENOTSUP, f"the libsodium of PyNaCl hides {name.decode()}: install PyNaCl's wheel, or gzmq uncompiled"
        )
    return address


cdef int load() except -1:
    """Find libsodium's functions in PyNaCl, or in what that is linked with."""
    global hsalsa20, stream_xor, stream_xor_from, authenticate, verify, wipe
    if hsalsa20 != NULL:
        return 0
    sodium()
    from nacl import _sodium

    cdef void* library = dlopen(_sodium.__file__.encode(), RTLD_LAZY)
    if library == NULL:
        raise zmq_error(errno.ENOTSUP, f"{_sodium.__file__} does not load as a library")
    stream_xor = <int (*)(byte*, const byte*, u64, const byte*, const byte*) noexcept nogil> function(
        library, b"crypto_stream_salsa20_xor")
    stream_xor_from = <int (*)(byte*, const byte*, u64, const byte*, u64, const byte*) noexcept nogil> function(
        library, b"crypto_stream_salsa20_xor_ic")
    authenticate = <int (*)(byte*, const byte*, u64, const byte*) noexcept nogil> function(
        library, b"crypto_onetimeauth_poly1305")
    verify = <int (*)(const byte*, const byte*, u64, const byte*) noexcept nogil> function(
        library, b"crypto_onetimeauth_poly1305_verify")
    wipe = <void (*)(void*, size_t) noexcept nogil> function(library, b"sodium_memzero")
    hsalsa20 = <int (*)(byte*, const byte*, const byte*, const byte*) noexcept nogil> function(
        library, b"crypto_core_hsalsa20")
    return 0


cdef int mix(byte* subkey, bytes key, bytes prefix) except -1:
    """The key of one direction's stream."""
    if len(key) != 32 or len(prefix) != 16:
        raise ValueError(f"a key of {len(key)} bytes and a nonce that begins with {len(prefix)}; 32 and 16 it takes")
    load()
    hsalsa20(subkey, prefix, key, NULL)
    return 0


cdef inline void put(byte* at, u64 number) noexcept nogil:
    """In the order of the network."""
    cdef int i
    for i in range(8):
        at[i] = (number >> (56 - 8 * i)) & 0xFF


cdef inline u64 get(const byte* at) noexcept nogil:
    cdef u64 number = 0
    cdef int i
    for i in range(8):
        number = number << 8 | at[i]
    return number


cdef void seal(
    byte* message, u64 number, byte flags, const byte* body, size_t size, const byte* subkey
) noexcept nogil:
    """Write a MESSAGE of so many bytes and `OVERHEAD`."""
    cdef byte[8] nonce
    cdef byte[BLOCK] first
    put(nonce, number)
    if size <= COPIED:
        memset(message, 0, FLAGS_AT)
        message[FLAGS_AT] = flags
        memcpy(message + BODY_AT, body, size)
        stream_xor(message, message, BODY_AT + size, nonce, subkey)
        memcpy(first, message, FLAGS_AT)
    else:
        memset(first, 0, FLAGS_AT)
        first[FLAGS_AT] = flags
        memcpy(first + BODY_AT, body, BLOCK - BODY_AT)
        stream_xor(first, first, BLOCK, nonce, subkey)
        memcpy(message + FLAGS_AT, first + FLAGS_AT, BLOCK - FLAGS_AT)
        stream_xor_from(message + BLOCK, body + BLOCK - BODY_AT, size - (BLOCK - BODY_AT), nonce, 1, subkey)
    authenticate(message + AUTHENTICATOR_AT, message + FLAGS_AT, size + 1, first)
    memcpy(message, MESSAGE, NONCE_AT)
    memcpy(message + NONCE_AT, nonce, 8)
    wipe(first, FLAGS_AT)


cdef class Sealer:
    """Seals the frames of one direction, by a shared key and that half of the nonce which is always the same."""

    def __cinit__(self):
        self._piece = NULL

    def __init__(self, bytes key, bytes prefix):
        mix(self._subkey, key, prefix)

    def __dealloc__(self):
        if hsalsa20 != NULL:
            wipe(self._subkey, sizeof(self._subkey))
        Py_XDECREF(self._piece)

    cpdef begin(self, list buffers, Py_ssize_t limit):
        """What is added now goes to these buffers, about so many bytes."""
        self._buffers = buffers
        self._used = 0
        self._limit = limit

    cpdef Py_ssize_t add(self, u64 number, int flags, body) except -1:
        """A frame with this nonce. The number of bytes that it takes. Raises OverflowError at the end of all nonces."""
        cdef Py_buffer view
        cdef Py_ssize_t written
        if isinstance(body, bytes):
            return self._add(number, flags, <const byte*> PyBytes_AS_STRING(body), PyBytes_GET_SIZE(body))
        PyObject_GetBuffer(body, &view, PyBUF_SIMPLE)
        try:
            written = self._add(number, flags, <const byte*> view.buf, view.len)
        finally:
            PyBuffer_Release(&view)
        return written

    cdef Py_ssize_t _add(self, u64 number, byte flags, const byte* body, Py_ssize_t size) except -1:
        cdef Py_ssize_t message = size + OVERHEAD
        cdef Py_ssize_t header = 2 if message < 256 else 9
        cdef byte* at
        cdef Py_ssize_t needed = header + message
        if message >= LARGE:
            self.end()
            self._make_room(needed)
        elif self._piece == NULL or self._used + needed > self._room:
            needed += self._used
            self._make_room(max(needed, min(4 * needed, self._limit)))
        at = <byte*> PyBytes_AS_STRING(<object> self._piece) + self._used
        if message < 256:
            at[0] = 0
            at[1] = <byte> message
        else:
            at[0] = LONG
            put(at + 1, message)
        seal(at + header, number, flags, body, size, self._subkey)
        self._used += header + message
        if message >= LARGE:
            self.end()
        return header + message

    cdef int _make_room(self, Py_ssize_t room) except -1:
        """So many bytes in all; those that are there stay."""
        if self._piece == NULL:
            made = PyBytes_FromStringAndSize(NULL, room)
            Py_INCREF(made)
            self._piece = <PyObject*> made
        else:
            _PyBytes_Resize(&self._piece, room)
        self._room = room
        return 0

    cpdef end(self):
        """All that was added is in the buffers."""
        if self._used:
            if self._used < self._room:
                _PyBytes_Resize(&self._piece, self._used)
            self._buffers.append(<object> self._piece)
            Py_CLEAR(self._piece)
            self._used = 0


cdef class Opener:
    """Opens the MESSAGEs of the other direction. ``last`` is the nonce of the last, ``flags`` what that was."""

    def __init__(self, bytes key, bytes prefix, bytes last):
        mix(self._subkey, key, prefix)
        self._last = int.from_bytes(last, "big")

    def __dealloc__(self):
        if hsalsa20 != NULL:
            wipe(self._subkey, sizeof(self._subkey))

    @property
    def last(self):
        return self._last.to_bytes(8, "big")

    cpdef bytes open(self, bytes data, Py_ssize_t start, Py_ssize_t stop):
        """The body in the MESSAGE at data[start:stop]; None if that is none, comes out of turn or does not open."""
        cdef Py_ssize_t size = stop - start
        if start < 0 or stop > PyBytes_GET_SIZE(data) or size < OVERHEAD:
            return None
        cdef const byte* message = <const byte*> PyBytes_AS_STRING(data) + start
        cdef u64 number = get(message + NONCE_AT)
        if memcmp(message, MESSAGE, NONCE_AT) or number <= self._last:
            return None
        body = self._open_copied(message, size) if size <= COPIED else self._open_large(message, size)
        if body is not None:
            self._last = number
        return body

    cpdef bytes open_in(self, Room room, Py_ssize_t size):
        """As `open`, of the MESSAGE that a room begins with; nobody needs what is there once it is open."""
        return self.open(room.whole(), 0, size)

    cdef bytes _open_copied(self, const byte* message, Py_ssize_t size):
        """Opened before it is verified, where nobody sees it."""
        cdef byte[COPIED] opened
        cdef byte[FLAGS_AT] key
        cdef int i, refused
        stream_xor(opened, message, size, message + NONCE_AT, self._subkey)
        for i in range(FLAGS_AT):
            key[i] = opened[i] ^ message[i]
        refused = verify(message + AUTHENTICATOR_AT, message + FLAGS_AT, size - FLAGS_AT, key)
        wipe(key, FLAGS_AT)
        wipe(opened, FLAGS_AT)
        if refused:
            return None
        self.flags = opened[FLAGS_AT]
        return PyBytes_FromStringAndSize(<char*> opened + BODY_AT, size - BODY_AT)

    cdef bytes _open_large(self, const byte* message, Py_ssize_t size):
        """Verified, and then opened into the bytes that it becomes."""
        cdef byte[BLOCK] first
        cdef int refused
        memset(first, 0, FLAGS_AT)
        memcpy(first + FLAGS_AT, message + FLAGS_AT, BLOCK - FLAGS_AT)
        stream_xor(first, first, BLOCK, message + NONCE_AT, self._subkey)
        refused = verify(message + AUTHENTICATOR_AT, message + FLAGS_AT, size - FLAGS_AT, first)
        wipe(first, FLAGS_AT)
        if refused:
            return None
        body = PyBytes_FromStringAndSize(NULL, size - BODY_AT)
        cdef byte* at = <byte*> PyBytes_AS_STRING(body)
        memcpy(at, first + BODY_AT, BLOCK - BODY_AT)
        at += BLOCK - BODY_AT
        stream_xor_from(at, message + BLOCK, size - BLOCK, message + NONCE_AT, 1, self._subkey)
        self.flags = first[FLAGS_AT]
        return body
