"""Where the time of a message goes: `python -m benchmarks.profile [--size BYTES] [--out FOLDER]`.

Each stage on the way of a message over tcp is timed by itself, in processor time of the one thread that does it all, so
that the sum of a side is what a core spends there; what belongs to a batch is told for the batch and for each of its
messages. A batch is as large as it is under load: what a sender has queued when the hub comes to write, up to the
high-water mark of 1000.
"""

import argparse
import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from .libs import HOME, LIBRARIES, SUBJECTS, look

BATCH = 1000  # messages
_ROUNDS, _TRIES = 100, 5
STAGES = {
    "send": "`Socket.send`, up to the pipe",
    "encode": "encode",
    "write": "write, one system call for the batch",
    "read": "read, one system call for the batch",
    "decode": "decode",
    "pass": "into the pipe, all at once",
    "recv": "`Socket.recv`, from the pipe",
}
SENDING, RECEIVING = ("send", "encode", "write"), ("read", "decode", "pass", "recv")


def seconds(work: Callable[[Any], Any], prepare: Callable[[], Any]) -> float:
    """Processor seconds of `work(prepare())`, without the preparing: the median of some tries of many rounds."""
    tries = []
    for _ in range(_TRIES):
        took = 0.0
        for _ in range(_ROUNDS):
            thing = prepare()
            start = process_time()
            work(thing)
            took += process_time() - start
        tries.append(took / _ROUNDS)
    return median(tries)


def measure(size: int) -> dict[str, float]:
    """Microseconds of each stage for a batch of messages of `size` bytes, by the gzmq of this process."""
    figures = _protocol(size) | _system_calls(size) | _sockets(size) | _handing_on(size)
    return {stage: figures[stage] * 1e6 for stage in STAGES}


def _protocol(size: int) -> dict[str, float]:
    from gzmq.zmtp.framing import Decoder, encode

    body, everything = bytes(size), 1 << 60
    encoded: list[bytes] = []
    encode(deque([[body]] * BATCH), encoded, everything)
    chunk = b"".join(encoded)

    def decoder() -> Any:
        return Decoder(1 << 30, lambda command: None)

    return {
        "encode": seconds(lambda queue: encode(queue, [], everything), lambda: deque([[body]] * BATCH)),
        "decode": seconds(lambda decoder: decoder.feed(chunk), decoder),
    }


def _system_calls(size: int) -> dict[str, float]:
    """Over a connection of tcp to ourselves, whose buffers hold a batch."""
    import socket

    batch = bytes(BATCH * (size + (2 if size < 256 else 9)))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        other, _ = listener.accept()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(batch))
    other.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * len(batch))

    def drained() -> None:
        other.setblocking(False)
        try:
            while other.recv(1 << 20):
                pass
        except BlockingIOError:
            pass
        other.setblocking(True)

    def filled() -> None:
        drained()
        one.sendall(batch)

    with one, other:
        write = seconds(lambda _: one.send(batch), drained)
        read = seconds(lambda _: other.recv(len(batch)), filled)
    return {"write": write, "read": read}


def _sockets(size: int) -> dict[str, float]:
    """Over inproc, as far as the pipe, whose other end is not looked at meanwhile."""
    import gzmq as zmq

    body = bytes(size)
    with zmq.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        pull.bind("inproc://profile")
        push.connect("inproc://profile")
        send, recv = push.send, pull.recv

        def send_batch(_: Any = None) -> None:
            for _ in range(BATCH):
                send(body)

        def recv_batch(_: Any = None) -> None:
            for _ in range(BATCH):
                recv()

        received = seconds(recv_batch, send_batch)
        send_batch()  # for the first of the next ones to receive
        sent = seconds(send_batch, recv_batch)
        recv_batch()
    return {"send": sent, "recv": received}


def _handing_on(size: int) -> dict[str, float]:
    """What the engine does with the messages of a chunk: into the pipe with them, whose other end is a socket's."""
    from gzmq.pipe import pipe_pair

    class Sink:
        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda *_: None

    def pipe() -> tuple[Any, list[list[bytes]]]:
        far, near = pipe_pair(0, 0)
        far.sink = near.sink = Sink()
        return far, [[bytes(size)]] * BATCH

    return {"pass": seconds(lambda made: made[0].send_all(made[1]), pipe)}


def table(profile: dict[str, Any]) -> str:
    """The profile in Markdown: nanoseconds for a message, microseconds for a batch."""
    builds = profile["stages"]
    lines = ["| | " + " | ".join(f"{name}, ns a message | µs a batch" for name in builds) + " |"]
    lines.append("|---|" + "---:|---:|" * len(builds))

    def line(what: str, stages: tuple[str, ...]) -> str:
        sums = [sum(figures[stage] for stage in stages) for figures in builds.values()]
        return f"| {what} | " + " | ".join(f"{took * 1000 / BATCH:,.0f} | {took:,.0f}" for took in sums) + " |"

    for side, stages in (("sender", SENDING), ("receiver", RECEIVING)):
        lines += [line(STAGES[stage], (stage,)) for stage in stages]
        lines.append(line(f"**{side}**", stages))
    return "\n".join(lines)


def main() -> None:
    """Measure in a process for each build of gzmq, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description="Where a message's time goes.")
    parser.add_argument("--size", type=int, default=64, metavar="BYTES", help="of a message's body (64)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write profile.json there")
    parser.add_argument("--here", action="store_true", help="measure in this process, and print JSON alone")
    options = parser.parse_args()
    if not 0 <= options.size <= 8191:
        parser.error(f"--size {options.size}: 0 to 8191, as what is larger does not travel in batches")
    if options.here:
        print(json.dumps(measure(options.size)))
        return
    stages = {}
    for name in SUBJECTS:
        if LIBRARIES[name].absence:
            print(f"{name} is left out: {LIBRARIES[name].absence}", file=sys.stderr)
            continue
        command = [sys.executable, "-m", "benchmarks.profile", "--here", "--size", str(options.size)]
        environment = LIBRARIES[name].environment
        ran = subprocess.run(command, cwd=HOME, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
        stages[name] = json.loads(ran.stdout)
    build = look(pure=True)
    profile = {"size": options.size, "batch": BATCH, "installed": bool(build and build.installed), "stages": stages}
    print(table(profile))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "profile.json").write_text(json.dumps(profile, indent=1) + "\n")


if __name__ == "__main__":
    main()
