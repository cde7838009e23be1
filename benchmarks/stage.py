"""Starts the processes of one round, talks to them, and ends them all, whatever happens."""

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent


class RoundFailed(Exception):
    """A process of the round died, or the round took too long; the text says which, and its last words."""


class Actor:
    """One process that plays a role; see `role.py` for what the two say to each other."""

    def __init__(self, library: str, role: str, parameters: dict[str, Any]) -> None:
        self.name = f"{library} {role}"
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in `close`
        command = [sys.executable, "-m", "benchmarks.role", library, role, json.dumps(parameters)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=self._errors)

    def hear(self) -> dict[str, Any]:
        """The next thing the process says. Raises RoundFailed when it ended without a word."""
        line = self._process.stdout.readline()
        if not line:
            raise RoundFailed(f"{self.name}: ended with {self._process.wait()}: {self._last_words()}")
        return json.loads(line)

    def cue(self) -> None:
        """Give the process its cue."""
        self._process.stdin.write(b".")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End the process if it still runs; another thread may be in `hear`."""
        self._process.kill()

    def close(self) -> None:
        """End the process, if need be, and free what it took."""
        with self._process:
            self.kill()
        self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        return next((line for line in reversed(self._errors.read().splitlines()) if line.strip()), "no message")


class Stage:
    """The processes of one round of `library`, in a folder of their own, for at most `limit` seconds."""

    def __init__(self, library: str, limit: float = 60) -> None:
        self._library = library
        self._limit = limit
        self._late = False
        self._actors: list[Actor] = []

    def __enter__(self) -> "Stage":
        self._folder = tempfile.TemporaryDirectory(prefix="gzmq-bench-")
        self._clock = threading.Timer(self._limit, self._time_out)
        self._clock.daemon = True
        self._clock.start()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._clock.cancel()
        for actor in self._actors:
            actor.close()
        self._folder.cleanup()
        if self._late and isinstance(error, RoundFailed):
            raise RoundFailed(f"{self._library}: no end after {self._limit:g} s") from error

    def address(self, scheme: str, name: str = "a") -> str:
        """An endpoint to bind: tcp with a port that the system picks, or ipc in the folder of this round."""
        return "tcp://127.0.0.1:*" if scheme == "tcp" else f"ipc://{self._folder.name}/{name}"

    def cast(self, role: str, **parameters: Any) -> Actor:
        """Start the process that plays `role` ("module.function") with `parameters`."""
        actor = Actor(self._library, role, parameters)
        self._actors.append(actor)
        return actor

    def _time_out(self) -> None:
        self._late = True
        for actor in list(self._actors):
            actor.kill()
