"""An application for gunicorn, and its settings: ``gunicorn -c python:gunicorn_app 'gunicorn_app:make("tcp://...")'``.

It is made before the workers are forked, and then has a context, a socket and a thread with another, all at work with
an echo at the endpoint. A worker makes its own. The master checks all its echoes, and says so when a worker has gone.
"""

import itertools
import os
import threading
from contextlib import suppress

import zmq
from gevent.lock import RLock

workers = 4
worker_class = "gevent"
preload_app = True
max_requests = 50  # of a worker; then there is another
control_socket_disable = True


class Echo:
    """A socket that gets back what it sends."""

    def __init__(self, endpoint, kind):
        self.socket = zmq.Context.instance().socket(kind)
        self.socket.connect(endpoint)
        self.numbers = itertools.count(1)
        self.lock = RLock()

    def ask(self, text):
        """The answer, which has to be to this question."""
        with self.lock:
            self.socket.send_string(text)
            return self.socket.recv_string()

    def check(self):
        """Nothing is lost, doubled or out of order: the number of answers."""
        number = next(self.numbers)
        answer = self.ask(str(number))
        assert answer == str(number), f"{answer} is not {number}"
        return number


class Busy(threading.Thread):
    """Asks all the time. It pauses in a call of ours: as a greenlet, its copies in the workers then never go on."""

    asked = 0
    stopped = False

    def run(self):
        self.echo = Echo(endpoint, zmq.DEALER)
        while not self.stopped and not self.echo.socket.poll(5):
            self.asked = self.echo.check()

    def stop(self):
        """Python ends a daemon thread that has the program's end catch up with it wherever it is, and greenlet crashes
        where that is in a switch.
        """
        self.stopped = True
        self.join()


def say(line):
    """In one write, as many processes share the output."""
    print(f"{line}\n", end="", flush=True)


def descriptors():
    """The sockets, pipes and the like that this process has open, without their numbers, and no files."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the descriptor of the listing itself
            found.append(os.readlink(f"/proc/self/fd/{number}").partition("[")[0])
    return " ".join(sorted(name for name in found if not name.startswith("/")))


def make(where):
    """Called by the master, once."""
    global endpoint, inherited, busy
    endpoint = where
    inherited = Echo(endpoint, zmq.DEALER)
    inherited.check()
    busy = Busy(daemon=True)
    busy.start()
    while not busy.asked:  # a worker forked while it connects would keep a copy of that descriptor, which nobody knows
        inherited.socket.poll(5)
    return app


def app(environ, start_response):
    """/own asks by the worker's socket, /inherited by the master's, /descriptors is what there was at first."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    path = environ["PATH_INFO"]
    if path == "/inherited":
        try:
            return [inherited.ask(path).encode()]
        except zmq.ZMQError as error:
            return [f"{zmq.__name__}: {error}".encode()]
    if path == "/descriptors":
        return [at_first.encode()]
    return [f"{own.ask(path)} {os.getpid()}".encode()]


def post_worker_init(worker):
    """Called by gunicorn in a worker."""
    global own, at_first
    at_first = descriptors()
    own = Echo(endpoint, zmq.REQ)
    say(f"at work: {worker.pid}")


def child_exit(server, worker):
    """Called by gunicorn in the master."""
    before = busy.asked
    while inherited.check() and busy.asked == before:  # the thread goes on as well
        inherited.socket.poll(5)
    say(f"gone: {worker.pid} left: {descriptors()}")


def on_exit(server):
    """Called by gunicorn in the master, at its end."""
    busy.stop()
