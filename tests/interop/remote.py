"""The tests' end of the pipe to a peer process: its sockets look like ours, and waiting for it lets gzmq go on."""

import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen

import gevent
from gevent.fileobject import FileObjectPosix

from .frames import pack, unpack

ROOT = Path(__file__).parents[2]
#: Seconds for the longest command.
PATIENCE = 20


class RemoteError(Exception):
    """What a call on the other side raised."""

    def __init__(self, text, errno):
        super().__init__(text)
        self.errno = errno


class Peer:
    """A process with real libzmq, or with what else ``module`` serves."""

    module = "tests.interop.peer"

    def __init__(self):
        self._process = Popen([sys.executable, "-m", self.module], cwd=ROOT, stdin=PIPE, stdout=PIPE, bufsize=0)
        self._commands = FileObjectPosix(self._process.stdin.fileno(), "wb", closefd=False)
        self._answers = FileObjectPosix(self._process.stdout.fileno(), "rb", closefd=False)

    @property
    def alive(self):
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, do, **command):
        """Send a command and wait for its answer; a peer that gives none is killed."""
        try:
            with gevent.Timeout(PATIENCE, AssertionError(f"the peer does not answer {do} {command}")):
                self._commands.write(json.dumps({"do": do, **command}).encode() + b"\n")
                self._commands.flush()
                line = self._answers.readline()
        except BaseException:
            self.kill()
            raise
        assert line, "the peer has ended"
        answer = json.loads(line)
        if "error" in answer:
            raise RemoteError(answer["error"], answer["errno"])
        return unpack(answer["value"])

    def socket(self, kind, bind=None, connect=None, **options):
        """A socket there: ``peer.socket("REP", bind="tcp://127.0.0.1:*", rcvhwm=1)``."""
        number = self.ask("socket", kind=kind, options={name.upper(): pack(value) for name, value in options.items()})
        made = RemoteSocket(self, number)
        if bind:
            made.bind(bind)
        if connect:
            made.connect(connect)
        return made

    def reset(self):
        """Close all its sockets."""
        self.ask("reset")

    def freeze(self):
        """Stop it in its tracks: its kernel still answers, it does not."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        """Undo `freeze`."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        """End it without notice."""
        if self.alive:
            self._process.kill()
        self._process.wait()
        for end in (self._commands, self._answers):
            with suppress(OSError):  # a command that it never read
                end.close()
        self._process.stdin.close()
        self._process.stdout.close()


class OmqPeer(Peer):
    """A process with pyomq, which has sockets of the draft types."""

    module = "tests.interop.omqpeer"


class RemoteSocket:
    """A socket of a peer."""

    def __init__(self, peer, number):
        self._peer = peer
        self._number = number

    def _call(self, method, *args):
        return self._peer.ask("call", number=self._number, method=method, args=pack(args))

    def bind(self, addr):
        self._call("bind", addr)

    def connect(self, addr):
        self._call("connect", addr)

    def unbind(self, addr):
        self._call("unbind", addr)

    def disconnect(self, addr):
        self._call("disconnect", addr)

    def set(self, option, value):
        self._call("set", int(option), value)

    def get(self, option):
        return self._call("get", int(option))

    def send_multipart(self, frames, flags=0):
        self._call("send_multipart", frames, int(flags))

    def send(self, frame, flags=0):
        self.send_multipart([frame], flags)

    def recv_multipart(self, flags=0):
        return self._call("recv_multipart", int(flags))

    def recv(self, flags=0):
        (frame,) = self.recv_multipart(flags)
        return frame

    def join(self, group):
        self._call("join", group)

    def leave(self, group):
        self._call("leave", group)

    def say(self, label, body):
        """Send a message to a peer or a group, as its type has them."""
        self._peer.ask("say", number=self._number, label=pack(label), body=pack(body))

    def hear(self):
        """(label, body) of the next message."""
        return tuple(self._peer.ask("hear", number=self._number))

    def recv_metadata(self, *names):
        """Receive a frame, and what libzmq knows of its sender under these names."""
        return self._peer.ask("recv_metadata", number=self._number, names=names)

    def poll(self, timeout, flags=1):
        return self._call("poll", timeout, int(flags))

    def close(self, linger=None):
        self._call("close", linger)

    def watch(self, event):
        """Take note of events of a kind from now on."""
        self._peer.ask("watch", number=self._number, event=int(event))

    def wait_for_event(self):
        """Wait for the next of those."""
        return self._peer.ask("wait_for_event", number=self._number)
