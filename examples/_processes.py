"""The other examples, each running in a process of its own whose output the demo reads line by line."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Failed(Exception):
    """Something went wrong; the text is a sentence for whoever looks at the demo."""


class Script:
    """An example at work. Its errors come with its output, so that the last line says what went wrong."""

    def __init__(self, name: str, *arguments: object) -> None:
        self.name = " ".join([name, *map(str, arguments[:1])])
        self._last_line = "it printed nothing"
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / name), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def __iter__(self) -> Iterator[str]:
        """What it prints from now on, to its end."""
        for line in self._process.stdout:
            self._last_line = line.strip() or self._last_line
            yield line.rstrip("\n")

    def expect(self, pattern: str, tell: Callable[[str], None] | None = None) -> re.Match[str]:
        """Read what it prints, and pass it on to ``tell``, until a line matches. Raises Failed when none does."""
        for line in self:
            if tell:
                tell(line)
            if match := re.search(pattern, line):
                return match
        raise Failed(f"{self.name} ended with status {self._process.wait()}: {self._last_line}")

    def finish(self) -> None:
        """Wait for it to end by itself. Raises Failed unless all went well."""
        for _ in self:
            pass
        if status := self._process.wait():
            raise Failed(f"{self.name} ended with status {status}: {self._last_line}")

    def kill(self) -> None:
        """End it at once, without a chance to clean up."""
        self._process.kill()
        self._process.wait()

    def interrupt(self) -> None:
        """Press Ctrl-C, and see it end well. Raises Failed when it does not."""
        self._process.send_signal(signal.SIGINT)
        self.finish()


class Scripts:
    """Starts scripts, and leaves none behind: ``with Scripts() as scripts: scripts.start(...)``."""

    def __init__(self) -> None:
        self._started: list[Script] = []

    def start(self, name: str, *arguments: object) -> Script:
        """Run an example with these arguments."""
        script = Script(name, *arguments)
        self._started.append(script)
        return script

    def __enter__(self) -> "Scripts":
        return self

    def __exit__(self, *exc_info: object) -> None:
        for script in self._started:
            script.kill()
