"""Multicast of 1 kB messages between hosts: `python -m benchmarks.multicast [--rounds N] [--rate KBITS ...]`.

The hosts are network namespaces, so this needs root, `ip` and `nsenter`; libzmq is the system's, built with pgm
(Debian's libzmq5). The publishers send all at once. A round that stands still for five seconds counts what had
arrived by then.
"""

import argparse
import itertools
import subprocess
import sys
from pathlib import Path
from statistics import median

from tests.hosts import Hosts, libzmq_with_pgm, why_not

_ROOT = Path(__file__).resolve().parent.parent
_PEER = "tests/pgm/peer.py"
_UNLIMITED = 10_000_000  # kbit/s


def play(hosts: Hosts, publisher: str, receiver: str, count: int, rate: int) -> tuple[int, float]:
    """One round: how many messages arrived, and messages per second."""
    settings = [f"count={count}", "size=1000", f"burst={count}", "gap=0", f"rate={rate}", "recovery=10000"]
    peers = []
    for host, library, role in ((2, receiver, "sub"), (1, publisher, "pub")):
        endpoint = f"epgm://{hosts.address(host)};239.192.1.1:5555"
        command = [sys.executable, _PEER, library, role, endpoint, *settings]
        pipe = subprocess.PIPE
        peers.append(hosts.popen(host, command, stdin=pipe, stdout=pipe, text=True, cwd=_ROOT))
        assert peers[-1].stdout.readline() == "ready\n"
    sub, pub = peers
    print("go", file=pub.stdin, flush=True)
    arrived, *_, seconds = sub.stdout.readline().split()
    for peer in peers:
        peer.kill()
        peer.communicate()
    return int(arrived), int(arrived) / float(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multicast", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=20_000, help="messages of a round (20000)")
    parser.add_argument("--rate", type=int, nargs="+", default=[_UNLIMITED, 400_000], help="kbit/s")
    options = parser.parse_args()
    reason = why_not()
    if reason:
        parser.exit(1, f"cannot measure multicast: {reason}\n")
    libzmq = libzmq_with_pgm()
    libraries = {"gzmq": "gzmq", **({"libzmq": libzmq} if libzmq else {})}
    hosts = Hosts(2)
    try:
        for rate in options.rate:
            measured: dict[str, list[float]] = {}
            short: dict[str, int] = {}
            for _ in range(options.rounds):
                for one, other in itertools.product(libraries, repeat=2):
                    arrived, speed = play(hosts, libraries[one], libraries[other], options.count, rate)
                    measured.setdefault(f"{one} -> {other}", []).append(speed)
                    short[f"{one} -> {other}"] = short.get(f"{one} -> {other}", 0) + (arrived < options.count)
            for name, speeds in measured.items():
                stood = f"  ({short[name]} of {options.rounds} rounds stood still)" if short[name] else ""
                print(f"{rate:>9} kbit/s  {name:<16}  {median(speeds):>9,.0f} messages/s{stood}", flush=True)
    finally:
        hosts.close()


if __name__ == "__main__":
    main()
