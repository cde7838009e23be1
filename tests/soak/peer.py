"""The other side of many lanes, in a process of its own, on gzmq or pyzmq: ``python -m tests.soak.peer zmq '{...}'``.

It may be killed at any time. Once a second it says on stdout what each lane has received, and what was wrong.
"""

import importlib
import json
import os
import signal
import sys
from time import monotonic

from . import roles


def main():
    library, plan = sys.argv[1], json.loads(sys.argv[2])
    zmq = importlib.import_module(library)
    context = zmq.Context()
    auth = importlib.import_module(f"{library}.auth")
    authenticator = importlib.import_module(f"{library}.auth.thread").ThreadAuthenticator(context)
    authenticator.start()
    roles.admit(authenticator, auth)
    poller = zmq.Poller()
    lanes = {}
    for name, (pattern, mechanism, endpoint) in plan["lanes"].items():
        _, _, role, kind, binds = roles.PATTERNS[pattern]
        socket = roles.make(zmq, context, kind, mechanism, binds, plan["keys"])
        made = role(zmq, socket, name)
        made.join(endpoint, binds)
        lanes[socket] = made
        poller.register(socket, zmq.POLLIN)
    over = []
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    parent = os.getppid()
    next_tick = next_word = monotonic()
    while not over and os.getppid() == parent:
        for socket, _ in poller.poll(max(0, round((next_tick - monotonic()) * 1000))):
            lanes[socket].readable()
        if monotonic() >= next_tick:
            next_tick = monotonic() + plan["pace"]
            for role in lanes.values():
                role.tick()
        if monotonic() >= next_word:
            next_word = monotonic() + 1
            report(lanes.values())
    authenticator.stop()
    context.destroy(0)


def report(lanes):
    bad = [line for role in lanes for line in role.bad]
    print(json.dumps({"received": {role.name: role.received for role in lanes}, "bad": bad}), flush=True)
    for role in lanes:
        role.bad.clear()


if __name__ == "__main__":
    main()
