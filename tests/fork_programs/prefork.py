"""A server that forks its workers, as gunicorn does: each serves HTTP by gevent, and asks a backend over gzmq."""

import gevent.monkey

gevent.monkey.patch_all()

import os  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import urllib.request  # noqa: E402

import gevent  # noqa: E402
from gevent.lock import RLock  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402

import gzmq  # noqa: E402

WORKERS = 3


def work(listener, backend):
    """A worker's life."""
    asking = gzmq.Context.instance().socket(gzmq.REQ)
    asking.connect(backend)
    turn = RLock()

    def answer(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        with turn:
            asking.send(b"%d" % os.getpid())
            return [asking.recv()]

    server = WSGIServer(listener, answer, log=None)
    gevent.signal_handler(signal.SIGTERM, server.stop)
    server.serve_forever()


def serve(backend):
    """What the workers ask: the parent's own, which it made before it forked."""
    for message in backend:
        backend.send(b"for " + message)


def main():
    backend = gzmq.Context.instance().socket(gzmq.REP)
    port = backend.bind_to_random_port("tcp://127.0.0.1")
    gevent.spawn(serve, backend)
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    listener.setblocking(False)
    children = []
    for _ in range(WORKERS):
        pid = os.fork()
        if pid == 0:
            work(listener, f"tcp://127.0.0.1:{port}")
            raise SystemExit
        children.append(pid)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    seen = set()
    with gevent.Timeout(50):
        while len(seen) < WORKERS:
            answers = [gevent.spawn(lambda: urllib.request.urlopen(url).read()) for _ in range(10)]
            seen |= {answer.get() for answer in answers}
    for pid in children:
        os.kill(pid, signal.SIGTERM)
        assert os.waitpid(pid, 0)[1] == 0
    print("every worker has answered:", seen == {b"for %d" % pid for pid in children})


if __name__ == "__main__":
    main()
