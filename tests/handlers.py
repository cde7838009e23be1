"""A ZAP handler for tests, in a greenlet, that writes down what it is asked and says what it is told."""

from contextlib import suppress

import gevent

import gzmq as zmq

ADDRESS = "inproc://zeromq.zap.01"
OK = (b"200", b"OK", b"anna", b"")


class Handler:
    """``answer(request)`` gives the frames behind the request id, or None to be silent."""

    def __init__(self, context, answer=lambda request: OK, kind=zmq.REP):
        self.asked = []
        self._answer = answer
        self.socket = context.socket(kind)
        self.socket.linger = 0
        self.socket.bind(ADDRESS)
        self._greenlet = gevent.spawn(self._serve)

    def _serve(self):
        with suppress(zmq.ZMQError):  # the socket is closed, or its context has ended
            while True:
                self._serve_one()

    def _serve_one(self):
        message = self.socket.recv_multipart()
        start = message.index(b"") + 1 if self.socket.socket_type == zmq.ROUTER else 0
        request = message[start:]
        self.asked.append(request)
        frames = self._answer(request)
        if frames is not None:
            self.say(message[:start], request, frames)

    def say(self, route, request, frames):
        """One reply."""
        self.socket.send_multipart([*route, *request[:2], *frames])

    def stop(self):
        """Leave, answered or not."""
        self._greenlet.kill()
        self.socket.close()
