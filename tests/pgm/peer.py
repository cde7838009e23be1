"""One end of a group in a process of its own: `python peer.py libzmq|gzmq pub|sub ENDPOINT [option=value ...]`.

A publisher sends `count` messages that say their number, each of `size` bytes and `parts` frames, `burst` at once, then
waits for a line on its standard input. A receiver prints a line "N first last gaps wrong seconds" once it has `count`
messages or nothing has come for `idle` ms. Both print "ready" first.
"""

import ctypes
import functools
import os
import sys
import time

PUB, SUB, SUBSCRIBE, RATE, RECOVERY_IVL, RCVMORE, LINGER, RCVTIMEO = 1, 2, 6, 8, 9, 13, 17, 27
SNDHWM, RCVHWM, MULTICAST_LOOP = 23, 24, 96


class Libzmq:
    """The system's libzmq through ctypes."""

    def __init__(self, kind, name):
        self.z = z = ctypes.CDLL(name)
        z.zmq_ctx_new.restype = z.zmq_socket.restype = ctypes.c_void_p
        z.zmq_socket.argtypes = [ctypes.c_void_p, ctypes.c_int]
        z.zmq_setsockopt.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]
        z.zmq_getsockopt.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        z.zmq_connect.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        z.zmq_send.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
        z.zmq_recv.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        z.zmq_close.argtypes = z.zmq_ctx_term.argtypes = [ctypes.c_void_p]
        self.context = z.zmq_ctx_new()
        self.socket = z.zmq_socket(self.context, kind)
        self.buffer = ctypes.create_string_buffer(1 << 21)

    def set(self, option, value):
        data = value if isinstance(value, bytes) else ctypes.c_int(value).value.to_bytes(4, sys.byteorder, signed=True)
        self.check(self.z.zmq_setsockopt(self.socket, option, data, len(data)))

    def check(self, result):
        if result < 0:
            raise OSError(ctypes.get_errno(), "libzmq refused")

    def connect(self, endpoint):
        self.check(self.z.zmq_connect(self.socket, endpoint.encode()))

    def send(self, frames):
        for at, frame in enumerate(frames):
            self.check(self.z.zmq_send(self.socket, frame, len(frame), 2 if at < len(frames) - 1 else 0))

    def recv(self):
        frames, more, size = [], ctypes.c_int(1), ctypes.c_size_t(4)
        while more.value:
            got = self.z.zmq_recv(self.socket, self.buffer, len(self.buffer), 0)
            if got < 0:
                return None
            frames.append(self.buffer.raw[:got] if got < 4096 else ctypes.string_at(self.buffer, got))
            self.z.zmq_getsockopt(self.socket, RCVMORE, ctypes.byref(more), ctypes.byref(size))
        return frames

    def pause(self, seconds):
        time.sleep(seconds)

    def readline(self):
        return sys.stdin.readline()

    def repaired(self):
        return "who knows"

    def close(self):
        self.z.zmq_close(self.socket)
        self.z.zmq_ctx_term(self.context)


class Gzmq:
    """The same of gzmq."""

    def __init__(self, kind, name):
        import gzmq

        self.context = gzmq.Context()
        self.again = gzmq.Again
        self.socket = self.context.socket(kind)
        self.set, self.connect, self.send = self.socket.set, self.socket.connect, self.socket.send_multipart

    def recv(self):
        try:
            return self.socket.recv_multipart()
        except self.again:
            return None

    def pause(self, seconds):
        import gevent

        gevent.sleep(seconds)

    def readline(self):
        import gevent

        return gevent.get_hub().threadpool.apply(sys.stdin.readline)

    def repaired(self):
        """How many packets were sent again."""
        (end,) = self.socket._core.connections.each()
        return end._source.repaired

    def close(self):
        self.context.destroy()


def message(number, size, parts):
    body = (b"%d;" % number).ljust(size, b"x")
    return [body] if parts == 1 else [body, *[b"part %d" % part for part in range(1, parts)]]


def publish(peer, count, size, parts, burst, gap):
    for start in range(0, count, burst):
        for number in range(start, min(start + burst, count)):
            peer.send(message(number, size, parts))
        peer.pause(gap / 1000)
    print("sent", flush=True)
    peer.readline()
    print("repaired", peer.repaired(), flush=True)


def receive(peer, count, size, parts):
    got, gaps, wrong, last, first = 0, 0, 0, -1, -1
    started = 0.0
    while got < count:
        frames = peer.recv()
        if frames is None:
            break
        started = started or time.monotonic()
        number = int(frames[0].partition(b";")[0])
        wrong += frames != message(number, size, parts) or number <= last
        gaps += number - last - 1 if last >= 0 else 0
        first = number if first < 0 else first
        last = number
        got += 1
    print(got, first, last, gaps, wrong, round(time.monotonic() - started, 4), flush=True)


def main(library, role, endpoint, *settings):
    given = dict(setting.split("=") for setting in settings)
    if "first" in given:  # where the sequence numbers of gzmq's stream begin
        from gzmq.transport.multicast import publisher

        publisher.Source = functools.partial(publisher.Source, first=int(given.pop("first")))
    want = {key: int(given.pop(key, default)) for key, default in DEFAULTS.items()}
    make = Gzmq if library == "gzmq" else Libzmq
    peer = make(PUB if role == "pub" else SUB, library)
    for option, value in ((SNDHWM, 0), (RCVHWM, 0), (RATE, want["rate"]), (RECOVERY_IVL, want["recovery"])):
        peer.set(option, value)
    peer.set(LINGER, want["linger"])
    if library == "gzmq":  # libzmq never loops
        peer.set(MULTICAST_LOOP, want["loop"])
    if role == "sub":
        peer.set(SUBSCRIBE, given.pop("topic", "").encode())
        peer.set(RCVTIMEO, want["idle"])
    peer.connect(endpoint)
    print("ready", flush=True)
    if role == "sub":
        receive(peer, want["count"], want["size"], want["parts"])
    else:
        peer.readline()
        publish(peer, want["count"], want["size"], want["parts"], want["burst"], want["gap"])
    peer.close()


DEFAULTS = {
    "count": 100, "size": 20, "parts": 1, "burst": 10, "gap": 5, "rate": 40_000, "recovery": 2000, "linger": 3000,
    "idle": 5000, "loop": 1,
}  # fmt: skip

if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    main(*sys.argv[1:])
