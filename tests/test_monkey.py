"""Claims of programs that gevent has patched."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
from gevent import monkey; monkey.patch_all()
import threading, time
import gzmq as zmq

context = zmq.Context()
server, turns = context.socket(zmq.REP), []
server.bind("tcp://127.0.0.1:*")

def serve():
    for request in server:
        server.send(request.upper())

def ask(number):
    client = context.socket(zmq.REQ)
    client.connect(server.last_endpoint)
    client.send_string(f"q{number}")
    turns.append(client.recv_string())

threads = [threading.Thread(target=serve, daemon=True), *(threading.Thread(target=ask, args=(n,)) for n in range(20))]
for thread in threads:
    thread.start()
for thread in threads[1:]:
    thread.join(10)
time.sleep(0.01)
print(sorted(turns) == sorted(f"Q{n}" for n in range(20)))
context.destroy()
"""


@pytest.mark.parametrize("python", [[], ["-X", "dev"]], ids=["plain", "dev"])
def test_patched_threads_share_sockets(python):
    """Threads are greenlets then; nothing is printed, not even by Python's development mode."""
    command = [sys.executable, *python, "-c", PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=Path(__file__).parents[1])
    assert (ran.stdout, ran.stderr) == ("True\n", "")
