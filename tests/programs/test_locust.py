"""locust: a master and its workers, on gzmq and on pyzmq, and a web server that they visit."""

import json
import random
import signal
import socket
import threading
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .conftest import HERE


class Page(BaseHTTPRequestHandler):
    """Counts its visits; /good is there, all else is not."""

    protocol_version = "HTTP/1.1"
    visits: Counter

    def do_GET(self):
        self.visits[self.path] += 1
        self.send_response(200 if self.path == "/good" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def site():
    """A web server's address, and how often which of its pages was asked for."""
    page = type("Page", (Page,), {"visits": Counter()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), page)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", page.visits
    server.shutdown()
    server.server_close()


@pytest.fixture
def port():
    """One that is free, and below those that the kernel gives to others: locust does not say which one it took."""
    while True:
        number = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", number)):
            return number


@pytest.fixture
def locust(start, site, port):
    """Starts a master, or a worker of it, and waits until it says on which library it is."""

    def locust(library, role, *words):
        common = ("-m", "locust", "-f", HERE / "locustfile.py")
        at_master = ("--master", "--headless", "--only-summary", "--host", site[0], "--master-bind-port", port)
        at_worker = ("--worker", "--master-port", port)
        script = start(library, *common, *{"Master": at_master, "Worker": at_worker}[role], *words)
        script.expect(f"^{role}Runner on {library}.green$")
        return script

    return locust


def test_the_master_has_all_figures_of_its_workers(locust, site, sides, tmp_path):
    """They visit, tell the master a word of their own, report until all is there, and leave at the master's word."""
    figures = tmp_path / "figures"
    master = locust(sides[0], "Master", "--json-file", figures, "-u", 4, "-r", 100, "--expect-workers", 2)
    workers = [locust(sides[1], "Worker") for _ in range(2)]
    for _ in workers:
        master.expect("^heard hello from a worker$")
    master.expect("^figures of 100 requests$")
    master.process.terminate()
    assert all("Got quit message from master" in worker.ends() for worker in workers)
    master.ends(status=1)  # as some requests failed
    assert site[1] == {"/good": 80, "/bad": 20}
    rows = {row["name"]: row for row in json.loads(figures.with_suffix(".json").read_text())}
    assert {name: row["num_requests"] for name, row in rows.items()} == site[1]
    assert {name: row["num_failures"] for name, row in rows.items()} == {"/good": 0, "/bad": 20}


def test_the_master_misses_a_worker(locust, sides):
    """One that is frozen comes back by itself; one that was killed stays away."""
    master = locust(sides[0], "Master", "-u", 2, "-r", 100, "--expect-workers", 2)
    workers = [locust(sides[1], "Worker") for _ in range(2)]
    master.expect("^figures of 50 requests$")
    workers[0].process.send_signal(signal.SIGSTOP)
    frozen = master.expect(r"Worker (\S+) failed to send heartbeat, setting state to missing")[1]
    workers[0].process.send_signal(signal.SIGCONT)
    master.expect(f"Worker {frozen} self-healed with heartbeat")
    workers[1].kill()
    assert master.expect(r"Worker (\S+) failed to send heartbeat, setting state to missing")[1] != frozen
