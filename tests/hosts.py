"""Two or more hosts on one network, made of network namespaces that vanish with their holders."""

import ctypes.util
import os
import shutil
import subprocess
import time

PREFIX = "10.77.0."


def why_not():
    """Why hosts cannot be made here, or an empty string."""
    missing = [tool for tool in ("ip", "unshare", "nsenter") if shutil.which(tool) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    tried = subprocess.run(["unshare", "-n", "ip", "link", "add", "va", "type", "veth"], capture_output=True, text=True)
    return f"no network namespaces here: {tried.stderr.strip()}" if tried.returncode else ""


class Hosts:
    """``count`` hosts, numbered from 1, with one address each, joined by a bridge."""

    def __init__(self, count):
        self._holders = [_hold() for _ in range(count + 1)]  # the first is the switch
        switch = self._holders[0].pid
        self._ip(switch, "link add switch0 type bridge mcast_snooping 0")
        self._ip(switch, "link set switch0 up")
        for number, holder in enumerate(self._holders[1:], 1):
            self._ip(switch, f"link add p{number} type veth peer name eth0 netns {holder.pid}")
            self._ip(switch, f"link set p{number} master switch0 up")
            self._ip(holder.pid, f"addr add {PREFIX}{number}/24 dev eth0")
            self._ip(holder.pid, "link set lo up")
            self._ip(holder.pid, "link set eth0 up multicast on")
            self._ip(holder.pid, "route add 224.0.0.0/4 dev eth0")

    def _ip(self, pid, arguments):
        subprocess.run(["nsenter", "-t", str(pid), "-n", "ip", *arguments.split()], check=True, timeout=10)

    def address(self, number):
        return f"{PREFIX}{number}"

    def readdress(self, number, last):
        """Give a host another address, of which this is the last byte, in the place of the one it has."""
        self._ip(self._holders[number].pid, "addr flush dev eth0")
        self._ip(self._holders[number].pid, f"addr add {PREFIX}{last}/24 dev eth0")

    def there(self, number):
        """The words to put before a command that shall run on a host."""
        return ["nsenter", "-t", str(self._holders[number].pid), "-n"]

    def popen(self, number, command, **how):
        """Start a command on a host."""
        return subprocess.Popen([*self.there(number), *command], **how)

    def close(self):
        for holder in self._holders:
            holder.kill()
            holder.wait()


def _hold():
    """A process with a network namespace of its own."""
    holder = subprocess.Popen(["unshare", "-n", "sleep", "600"])
    ours = os.readlink("/proc/self/ns/net")
    end = time.monotonic() + 10
    while os.readlink(f"/proc/{holder.pid}/ns/net") == ours:
        if time.monotonic() > end:
            raise TimeoutError("unshare made no namespace")
        time.sleep(0.005)
    return holder


def libzmq_with_pgm():
    """The path of a system libzmq that has pgm, or an empty string."""
    name = ctypes.util.find_library("zmq")
    if not name:
        return ""
    library = ctypes.CDLL(name)
    return name if library.zmq_has(b"pgm") == 1 else ""
