"""A peer process of the soak, and the books in which it is written what happened."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from time import monotonic

import gevent
from gevent.fileobject import FileObjectPosix

_ROOT = Path(__file__).parents[2]


class Process:
    """A peer process, its lanes' names, and what it has said."""

    def __init__(self, library, plan, books):
        self._command = [sys.executable, "-m", "tests.soak.peer", library, json.dumps(plan)]
        self._books = books
        self.library = library
        self.lanes = plan["lanes"]
        self.start()

    def start(self):
        """A new life."""
        self._wanted = True
        self._process = subprocess.Popen(self._command, cwd=_ROOT, stdout=subprocess.PIPE)
        self._listener = gevent.spawn(self._listen, self._process.stdout, Counter())

    def _listen(self, stdout, before):
        for line in FileObjectPosix(stdout.fileno(), "rb", closefd=False):
            said = json.loads(line)
            self._books.bad += said["bad"]
            now = Counter(said["received"])
            self._books.there.update(now - before)
            before = now
        stdout.close()
        self._wait()
        if self._wanted:
            self._ended_by_itself(self._process.returncode)

    def _ended_by_itself(self, status):
        """libzmq gives itself up now and then by an assertion of its own; nothing else may end."""
        if self.library == "zmq" and status == -signal.SIGABRT:
            self._books.did["zmq aborted"] += 1
            self.start()
        else:
            self._books.bad.append(f"a process of {self.library} has ended by itself, with {status}")

    def _wait(self, seconds=20):
        end = monotonic() + seconds
        while self._process.poll() is None and monotonic() < end:
            gevent.sleep(0.01)
        return self._process.poll() is not None

    def end(self, number):
        """By a signal; SIGTERM lets it close its sockets, over which others may hang, and gzmq may not."""
        self._wanted = False
        self._process.send_signal(number)
        if not self._wait():
            self._process.kill()
            self._wait()
            if self.library != "gzmq":
                self._books.did[f"{self.library} hung"] += 1
            else:
                self._books.bad.append(f"a process of {self.library} does not end")
        self._listener.join(10)


class Books:
    """What happened."""

    def __init__(self):
        self.there = Counter()  # lane -> messages that the other side received
        self.bad = []
        self.did = Counter()
