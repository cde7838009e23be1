"""gunicorn: a master that has sockets before it forks, gevent workers with their own, and libzmq in another process."""

import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest

from .conftest import HERE
from .gunicorn_app import max_requests, workers


class Server:
    """gunicorn at work, as a client and an operator see it."""

    def __init__(self, script):
        self.script = script
        self._url = script.expect("Listening at: (http://[^ ]+)")[1]
        self.at_work = set()
        self.gone = set()  # workers that the master has missed
        self.left = set()  # what the master had open itself at those times

    def get(self, path):
        with urlopen(self._url + path, timeout=30) as answer:
            return answer.read().decode()

    def get_many(self, count):
        """As many pages, ten at once, each by a worker's own socket; how many each worker answered."""
        paths = [f"/own/{number}" for number in range(count)]
        with ThreadPoolExecutor(10) as pool:
            answers = [answer.split() for answer in pool.map(self.get, paths)]
        assert [answer for answer, _ in answers] == paths
        return Counter(pid for _, pid in answers)

    def wait_for_workers(self, without=frozenset()):
        """Until all are at work, without some that have to go. gunicorn waits half a minute for one that has just
        begun when it is told to end.
        """
        while without & self.at_work or len(self.at_work) != workers:
            what, pid, left = self.script.expect(r"^(at work|gone): (\d+)(.*)$").groups()
            if what == "gone":
                self.at_work.discard(pid)
                self.gone.add(pid)
                self.left.add(left)
            elif pid not in self.gone:
                self.at_work.add(pid)


@pytest.fixture(params=[False, True], ids=["threads", "greenlets"])
def server(request, start):
    """The master's thread is one, or a greenlet, which is copied into each worker."""
    echo = start("zmq", "gunicorn_echo.py").expect("^zmq at (.+)$")[1]
    words = ("-c", "python:gunicorn_app", "-b", "127.0.0.1:0", f'gunicorn_app:make("{echo}")')
    made = Server(start("gzmq", "-m", "gunicorn", *words, gevent=request.param, path=[HERE]))
    made.wait_for_workers()
    return made


def test_workers_come_and_go_and_the_master_goes_on(server):
    """They end at SIGHUP, and after 50 requests: the new ones start as the first did, and the master keeps nothing. Who
    calls a socket of the master's in a worker is told what to do.
    """
    told = server.get("/inherited")
    assert "gzmq: the socket is of process" in told and "make a new context and sockets of it in the child" in told
    at_first = server.get("/descriptors")
    server.script.process.send_signal(signal.SIGHUP)
    server.wait_for_workers(without=set(server.at_work))
    answered = server.get_many(300)
    tired = {pid for pid, count in answered.items() if count >= max_requests}
    server.wait_for_workers(without=tired)
    assert tired and len(server.gone) == workers + len(tired)
    assert len(server.left) == 1
    assert server.get("/descriptors") == at_first
    server.script.process.terminate()
    server.script.ends()
