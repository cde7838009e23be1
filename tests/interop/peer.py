"""The other side: a process of plain pyzmq, so of the real libzmq, which the tests drive.

It takes one command per line of its stdin and gives one answer per line of its stdout, both JSON. It ends when its
stdin ends, or when nobody has spoken to it for a while, so it outlives no test.
"""

import json
import signal
import sys

import zmq

from .frames import pack, unpack

#: Seconds without a command, or within one, after which the process ends by itself.
LIFE = 60
#: What a command may call on a socket.
METHODS = frozenset(
    {"bind", "close", "connect", "disconnect", "get", "poll", "recv_multipart", "send_multipart", "set", "unbind"}
)
#: Milliseconds that a send or receive waits for at most.
PATIENCE = 5000


class Sockets:
    """The sockets that the tests asked for, by number."""

    methods = METHODS

    def __init__(self):
        self._context = zmq.Context()
        self._sockets = {}
        self._monitors = {}
        self._authenticator = None

    def socket(self, kind, options):
        """Make one; the answer is its number."""
        made = self._context.socket(zmq.SocketType[kind])
        for name, value in {"RCVTIMEO": PATIENCE, "SNDTIMEO": PATIENCE, **options}.items():
            made.set(zmq.SocketOption[name], unpack(value))
        number = len(self._sockets)
        self._sockets[number] = made
        return number

    def call(self, number, method, args):
        """Call a method of a socket."""
        if method not in self.methods:
            raise ValueError(f"no command {method!r}")
        answer = getattr(self._sockets[number], method)(*unpack(args))
        return None if method in ("bind", "connect") else pack(answer)

    def recv_metadata(self, number, names):
        """Receive a frame, and what is known of its sender under these names."""
        frame = self._sockets[number].recv(copy=False)
        return [frame.get(name) for name in names]

    def watch(self, number, event):
        """Take note of events of a kind from now on."""
        monitor = self._monitors[number] = self._sockets[number].get_monitor_socket(event)
        monitor.set(zmq.RCVTIMEO, PATIENCE)

    def wait_for_event(self, number):
        """Wait for the next of those."""
        return pack(self._monitors[number].recv_multipart())

    def authenticate(self, passwords=None, keys=None, denied=()):
        """Run pyzmq's own ZAP handler in a thread, as programs do."""
        from zmq.auth.thread import ThreadAuthenticator

        made = self._authenticator = ThreadAuthenticator(self._context)
        made.start()
        if denied:
            made.deny(*denied)
        made.configure_plain(passwords=passwords)
        if keys is not None:
            known = [unpack(key) for key in keys]
            made.configure_curve_callback(credentials_provider=_Known(known))

    def attend_until_readable(self, fd):
        """Wait, and let the sockets do meanwhile what libzmq leaves to a call: take up new peers, subscribe at them."""
        poller = zmq.Poller()
        poller.register(fd, zmq.POLLIN)
        for socket in self._sockets.values():
            if not socket.closed:
                poller.register(socket, zmq.POLLERR)
        poller.poll()

    def reset(self):
        """Forget all, for the next test."""
        if self._authenticator is not None:
            self._authenticator.stop()
        self._context.destroy(linger=0)
        self.__init__()


class _Known:
    """Knows some public keys."""

    def __init__(self, keys):
        self._keys = keys

    def callback(self, domain, key):
        return key in self._keys


def answer(sockets, command):
    """What to say to one command."""
    do = command.pop("do")
    try:
        return {"value": getattr(sockets, do)(**command)}
    except zmq.ZMQError as error:
        return {"error": str(error), "errno": error.errno}
    except Exception as error:
        return {"error": repr(error), "errno": 0}


def main(sockets):
    """Serve until stdin ends."""
    while True:
        signal.alarm(LIFE)
        sockets.attend_until_readable(sys.stdin.fileno())
        line = sys.stdin.readline()
        if not line:
            break
        print(json.dumps(answer(sockets, json.loads(line))), flush=True)
    sockets.reset()


if __name__ == "__main__":
    main(Sockets())
