"""gzmq at work: a web server, a pool of worker processes, a pipeline of greenlets, and workers on libzmq among gzmq's.

    python demo.py            # about 15 seconds
    python demo.py --quick    # the same with little to do

Each part runs another example of this directory, whose source shows how it is done. Exits with status 1 and a sentence
when anything goes wrong or takes too long.
"""

from gevent import Timeout, get_hub, joinall, monkey, spawn

monkey.patch_all()  # before any other import

import argparse
import http.client
import importlib
import math
import platform
import random
import re
import signal
import sys
from collections.abc import Sequence
from time import monotonic

from _processes import Failed, Script, Scripts
from _terminal import Progress, table

ANY_PORT = "tcp://127.0.0.1:*"

HEADINGS = ("use", "done", "rate", "what happened")
Outcome = tuple[str, str, str]  # all but the first of these


def web_server(scripts: Scripts, count: int) -> Outcome:
    """Twenty visitors ask the web server for prime factors, and check the answers."""
    server = scripts.start("webserver.py", "--port", 0)
    port = int(server.expect(r"listening on http://127.0.0.1:(\d+)")[1])
    numbers = random.Random(2)
    questions = iter([numbers.randrange(2, 10**6) for _ in range(count)])  # shared: each goes to one visitor
    bar = Progress(count, "requests")

    def visit() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for number in questions:
            connection.request("GET", f"/factors/{number}")
            response = connection.getresponse()
            text = response.read().decode().strip()
            if response.status != 200 or math.prod(map(int, text.split(" x "))) != number:
                raise Failed(f"the web server answered /factors/{number} with {response.status} {text!r}")
            bar.update(bar.done + 1)
        connection.close()

    joinall([spawn(visit) for _ in range(20)], raise_error=True)
    server.interrupt()
    return f"{count} requests", f"{bar.rate:,.0f}/s", "every answer was right"


def worker_pool(scripts: Scripts, count: int, libraries: Sequence[str], kill: bool) -> Outcome:
    """Ventilator, workers and sink, each a process. One worker may be killed in mid-work, and started again."""
    counts = ("--count", count, "--workers", len(libraries))
    ventilator = scripts.start("worker_pool.py", "ventilator", ANY_PORT, ANY_PORT, *counts)
    tasks = ventilator.expect(r"^tasks at (\S+)")[1]
    acks = ventilator.expect(r"^acknowledgements at (\S+)")[1]
    sink = scripts.start("worker_pool.py", "sink", ANY_PORT, acks, *counts)
    results = sink.expect(r"^results at (\S+)")[1]

    def start_worker(name: str, library: str) -> Script:
        return scripts.start("worker_pool.py", "worker", tasks, results, "--name", name, "--lib", library)

    workers = [start_worker(f"{library}-{number}", library) for number, library in enumerate(libraries, start=1)]
    for worker in workers:
        worker.expect("works with")
    killed = 0
    bar = Progress(count, "tasks")
    while bar.done < count:
        bar.update(int(sink.expect(r"^(\d+)/\d+$")[1]))
        if kill and not killed and bar.done >= count * 0.4:
            killed += 1
            workers[0].kill()
            bar.say(f"worker gzmq-1, process {workers[0].pid}, was killed; what it was working on is lost")
            workers[0] = start_worker("gzmq-1-again", "gzmq")
            bar.say(f"worker gzmq-1-again, process {workers[0].pid}, takes its place")
    if killed:
        workers[0].expect("works with")  # it may have come too late for a task, but it must have come
    resent = ventilator.expect(r"(\d+) sent again$", lambda line: bar.say(f"ventilator: {line}"))[1]
    shares = sink.expect(r"^by worker: (.*)$", lambda line: bar.say(f"sink: {line}"))[1]
    if idle := [library for library in libraries if f"{library}-" not in shares]:
        raise Failed(f"no task was done by the workers on {idle[0]}")
    for script in (ventilator, sink):
        script.finish()
    for worker in workers:
        worker.interrupt()
    return f"{count} tasks", f"{bar.rate:,.0f}/s", f"{killed} killed, {resent} tasks sent again, all are done"


def pipeline(scripts: Scripts, count: int) -> Outcome:
    """Lines of a log through three stages of greenlets."""
    script = scripts.start("pipeline.py", "--count", count)
    bar = Progress(count, "lines")
    while bar.done < count:
        bar.update(int(script.expect(r"^(\d+)/\d+$")[1]))
    total = int(script.expect(r"^(\d+) bytes")[1])
    owners = script.expect(r"^by owner: (.*)$", bar.say)[1]
    if sum(map(int, re.findall(r"\d+", owners))) != total:
        raise Failed(f"the pipeline's bytes by owner, {owners}, are not {total} together")
    script.finish()
    return f"{count} lines", f"{bar.rate:,.0f}/s", "nothing was lost on the way"


def version(package: str) -> str:
    """The version of a package. Raises ImportError when it is not installed."""
    return importlib.import_module(package).__version__


def play(quick: bool) -> list[tuple[str, ...]]:
    """One part after another; a row of the table about each."""
    share = 20 if quick else 1
    rows: list[tuple[str, ...]] = [HEADINGS]
    with Scripts() as scripts:
        print("1. Web server: 20 visitors, pywsgi, REQ -> ROUTER/DEALER proxy -> 8 REP workers of 5 ms", flush=True)
        rows.append(("web server", *web_server(scripts, 2000 // share)))

        print("2. Worker pool: PUSH -> 3 PULL processes, each 8 tasks of 30 ms at a time -> PULL, over tcp", flush=True)
        rows.append(("worker pool", *worker_pool(scripts, 2000 // share, ["gzmq", "gzmq", "gzmq"], kill=True)))

        print("3. Pipeline: parse, look up (50 greenlets, 1 ms each), add up; one process, over inproc", flush=True)
        rows.append(("pipeline", *pipeline(scripts, 50_000 // share)))

        try:
            pyzmq = version("zmq")
        except ImportError:
            print("4. Left out: workers on libzmq, as pyzmq is not installed (pip install pyzmq)", flush=True)
            return rows
        print(f"4. The same pool, 1 worker on gzmq and 2 on libzmq through pyzmq {pyzmq}", flush=True)
        rows.append(("libzmq workers", *worker_pool(scripts, 2000 // share, ["gzmq", "zmq", "zmq"], kill=False)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="do little, to see that it all runs")
    parser.add_argument("--limit", type=float, default=30, metavar="S", help="give up after so many seconds (30)")
    options = parser.parse_args()
    start = monotonic()
    try:
        print(f"gzmq {version('gzmq')}, gevent {version('gevent')}, Python {platform.python_version()}", flush=True)
        with Timeout(options.limit, Failed(f"it took longer than {options.limit:g} s")):
            rows = play(options.quick)
    except (Failed, ImportError, OSError, http.client.HTTPException) as error:
        sys.exit(f"\nThe demo failed after {monotonic() - start:.1f} s: {error}")
    print(f"\n{table(rows)}\n\nAll of it took {monotonic() - start:.1f} s.")


if __name__ == "__main__":
    get_hub().NOT_ERROR += (Exception, KeyboardInterrupt)  # told at the end in one sentence, not printed by gevent
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which shells ignore for what runs in the background
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("\nThe demo was terminated."))  # and leaves no process behind
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nThe demo was interrupted.")
