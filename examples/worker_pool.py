"""A pool of worker processes: a ventilator deals out tasks, workers do them, a sink collects the results.

    python worker_pool.py ventilator tcp://127.0.0.1:5557 tcp://127.0.0.1:5559 --count 1000
    python worker_pool.py sink       tcp://127.0.0.1:5558 tcp://127.0.0.1:5559 --count 1000
    python worker_pool.py worker     tcp://127.0.0.1:5557 tcp://127.0.0.1:5558 --name ada     # and as many as you like

    ventilator PUSH --tasks--> PULL worker PUSH --results--> PULL sink PUSH --acknowledgements--> PULL ventilator

Start them in any order, add workers at any time, kill them at any time. What a killed worker held is lost, so the
ventilator sends a task again when its result is not acknowledged in time: every task is done at least once. The sink
counts by task and drops what comes twice. `worker --lib zmq` runs on libzmq, through pyzmq: the wire is the same.
Ventilator and sink end when all is done, a worker at Ctrl-C.
"""

import argparse
import importlib
import itertools
from collections import Counter
from contextlib import suppress
from time import monotonic

import gevent
from gevent.pool import Pool

import gzmq as zmq

LIBRARIES = {"gzmq": "gzmq", "zmq": "zmq.green"}  # zmq.green is pyzmq for gevent


def ventilator(options: argparse.Namespace) -> None:
    """Once --workers are there, keep up to --window tasks under way; send one again when its result does not come."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as tasks, context.socket(zmq.PULL) as acks:
        arrivals = tasks.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        tasks.bind(options.urls[0])
        acks.bind(options.urls[1])
        print(f"tasks at {tasks.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        print(f"acknowledgements at {acks.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        for _ in range(options.workers):
            arrivals.recv_multipart()
        tasks.disable_monitor()
        todo = iter(range(options.count))
        under_way: dict[int, float] = {}  # task -> when it was last sent
        resent = done = 0

        def send(task: int) -> None:
            tasks.send_json({"task": task, "seconds": options.ms / 1000})
            under_way[task] = monotonic()

        while done < options.count:
            for task in itertools.islice(todo, options.window - len(under_way)):
                send(task)
            if acks.poll(100):
                done += under_way.pop(int(acks.recv()), None) is not None
            long_ago = monotonic() - options.patience
            overdue = [task for task, sent in under_way.items() if sent < long_ago]
            if overdue:
                print(f"no result of {len(overdue)} tasks in {options.patience} s: sending them again", flush=True)
            for task in overdue:
                send(task)
            resent += len(overdue)
    print(f"{done} tasks done, {resent} sent again", flush=True)


def worker(options: argparse.Namespace) -> None:
    """Do up to --pool tasks at a time, a greenlet each."""
    lib = importlib.import_module(LIBRARIES[options.lib])
    with lib.Context() as context, context.socket(lib.PULL) as tasks, context.socket(lib.PUSH) as results:
        results.linger = 1000
        tasks.connect(options.urls[0])
        results.connect(options.urls[1])
        print(f"{options.name} works with {options.lib} on tasks of {options.urls[0]}", flush=True)
        pool = Pool(options.pool)

        def work(task: int, seconds: float) -> None:
            gevent.sleep(seconds)  # stands for what makes a task slow: a query, a download
            results.send_json({"task": task, "square": task**2, "worker": options.name})

        try:
            while True:
                pool.spawn(work, **tasks.recv_json())  # waits while the pool is full
        finally:
            pool.kill()


def sink(options: argparse.Namespace) -> None:
    """Collect the results of --count tasks and acknowledge each to the ventilator."""
    seen: set[int] = set()
    twice = 0
    workers: Counter[str] = Counter()
    with zmq.Context() as context, context.socket(zmq.PULL) as results, context.socket(zmq.PUSH) as acks:
        acks.linger = 1000
        results.bind(options.urls[0])
        acks.connect(options.urls[1])
        print(f"results at {results.get_string(zmq.LAST_ENDPOINT)}", flush=True)
        while len(seen) < options.count:
            result = results.recv_json()
            task = result["task"]
            acks.send_string(str(task))
            if task in seen:
                twice += 1
                continue
            seen.add(task)
            workers[result["worker"]] += 1
            if len(seen) % max(1, options.count // 50) == 0 or len(seen) == options.count:
                print(f"{len(seen)}/{options.count}", flush=True)
    print(f"{len(seen)} results, {twice} came twice", flush=True)
    print("by worker:", ", ".join(f"{name} {count}" for name, count in sorted(workers.items())), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=["ventilator", "worker", "sink"])
    parser.add_argument("urls", nargs=2, metavar="URL", help="TASKS ACKS, TASKS RESULTS, and RESULTS ACKS respectively")
    parser.add_argument("--count", type=int, default=1000, metavar="N", help="ventilator, sink: how many tasks (1000)")
    parser.add_argument("--ms", type=float, default=30, help="ventilator: how long a task takes (30)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="ventilator: wait for so many workers (1)")
    parser.add_argument("--window", type=int, default=64, metavar="N", help="ventilator: tasks under way at most (64)")
    parser.add_argument("--patience", type=float, default=1.0, metavar="S", help="ventilator: send again after (1.0)")
    parser.add_argument("--name", default="worker", help="worker: what it signs its results with")
    parser.add_argument("--pool", type=int, default=8, metavar="N", help="worker: tasks at a time (8)")
    parser.add_argument("--lib", choices=LIBRARIES, default="gzmq", help="worker: what to run on (gzmq)")
    options = parser.parse_args()
    {"ventilator": ventilator, "worker": worker, "sink": sink}[options.role](options)


if __name__ == "__main__":
    gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # gevent is not to print Ctrl-C
    with suppress(KeyboardInterrupt):
        main()
