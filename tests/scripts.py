"""Programs at work in processes of their own: start them, read what they say, end them."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds to wait for anything before the test fails


class Script:
    """A Python program at work. A thread reads its output, errors included, line by line, into a queue."""

    def __init__(self, *words, python=sys.executable, path=(), lines=None):
        path = os.pathsep.join(map(str, [*path, ROOT]))
        self.process = subprocess.Popen(
            [str(python), *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.output = ""
        self.lines = lines or queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.output += line
            self.lines.put(line)
        self.lines.put("(its output ended)")

    def expect(self, pattern):
        """Go through the lines until one matches."""
        line, end = "", monotonic() + PATIENCE
        while line != "(its output ended)":
            try:
                line = self.lines.get(timeout=max(0, end - monotonic()))
            except queue.Empty:
                break
            if match := re.search(pattern, line):
                return match
        pytest.fail(f"no line matches {pattern!r}:\n{self.output}")

    def ends(self, status=0):
        """Wait for the end, which comes by itself, and give all that was printed."""
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive(), f"still running:\n{self.output}"
        assert self.process.wait() == status, self.output
        assert "Traceback" not in self.output, self.output
        return self.output

    def interrupt(self):
        """Press Ctrl-C; it ends well, without a word about that."""
        self.process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" not in self.ends()
        return self.output

    def kill(self):
        """End it at once."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()


@contextmanager
def scripts():
    """Gives what starts a Script and remembers it; none is left behind."""
    started = []

    def start(*words, **kwargs):
        started.append(Script(*words, **kwargs))
        return started[-1]

    # What a shell runs in the background ignores SIGINT, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield start
    signal.signal(signal.SIGINT, before)
    for script in started:
        script.process.terminate()  # the demo then ends its own children
    for script in started:
        with suppress(subprocess.TimeoutExpired):
            script.process.wait(5)
        script.kill()
