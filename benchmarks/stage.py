"""Starts the processes of one round, talks to them, and ends them all, whatever happens."""

import json
import subprocess
import sys
import tempfile
import threading
from typing import Any

from .libs import HOME, Library


class RoundFailed(Exception):
    """A process of the round died, or the round took too long; the text says which, and its last words."""


class Actor:
    """One process of a round; see `role.py` for what the two say to each other."""

    def __init__(self, library: Library, name: str, arguments: list[str]) -> None:
        self.name = f"{library.name} {name}"
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in `close`
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=HOME,
            env=library.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

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

    def __init__(self, library: Library, limit: float) -> None:
        self.library = library
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
            raise RoundFailed(f"{self.library.name}: no end after {self._limit:g} s") from error

    def address(self, scheme: str, name: str = "a") -> str:
        """An endpoint to bind: tcp with a port that the system picks, or ipc in the folder of this round."""
        return "tcp://127.0.0.1:*" if scheme == "tcp" else f"ipc://{self._folder.name}/{name}"

    def cast(self, role: str, library: Library | None = None, **parameters: Any) -> Actor:
        """Start the process of this or another library that plays `role` ("module.function") with `parameters`."""
        library = library or self.library
        return self._enter(library, role, ["-m", "benchmarks.role", library.name, role, json.dumps(parameters)])

    def run(self, name: str, program: str) -> Actor:
        """Start a Python process that is nothing but `program`, the text of a script."""
        return self._enter(self.library, name, ["-c", program])

    def _enter(self, library: Library, name: str, arguments: list[str]) -> Actor:
        actor = Actor(library, name, arguments)
        self._actors.append(actor)
        return actor

    def _time_out(self) -> None:
        self._late = True
        for actor in list(self._actors):
            actor.kill()
