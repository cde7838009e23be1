"""The same calls on gzmq and on pyzmq give the same answers, or the same errors.

None of pyzmq's calls here blocks. Programs run on inproc only, where no time passes on the way. libzmq lets a socket
notice what another did at its next call, and closes in a thread of its own; so between two steps all sockets are asked
for their events, and a difference counts only if it is there again when libzmq has more time. Some sequences of calls
end libzmq by an assertion or a crash; so its programs run in a process of their own, and those are not compared.
"""

import errno
import pickle
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import gevent
import pytest
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

import gzmq

libzmq = pytest.importorskip("zmq")

ROOT = Path(__file__).parents[1]

KINDS = ["REQ", "REP", "DEALER", "ROUTER", "PUB", "SUB", "XPUB", "XSUB", "PUSH", "PULL", "PAIR", "STREAM"]
#: Options of ROUTER that libzmq's REP takes too.
OF_ROUTER = {"CONNECT_ROUTING_ID", "PROBE_ROUTER", "ROUTER_HANDOVER", "ROUTER_MANDATORY", "ROUTER_RAW"}


def outcome(call, *args):
    """What a call returned or raised, in words that both libraries share."""
    try:
        return "returns", plain(call(*args))
    except Exception as error:
        return "raises", type(error).__name__, getattr(error, "errno", None)


def plain(value):
    """A result without the library that it comes from."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes):
        return value if len(value) != 5 or value[:1] != b"\0" else b"<a generated routing id>"
    return value if isinstance(value, str) else "an object"


# -- endpoints, one by one --------------------------------------------------------------------------------------------

_LONG = "inproc://" + "x" * 300
ENDPOINTS = [
    "tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://*:*", "tcp://*:0", "tcp://lo:*", "tcp://[::1]:*", "tcp://::1:*",
    "tcp://[::]:*", "tcp://127.0.0.1:1", "tcp://127.0.0.1:65535", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1",
    "tcp://127.0.0.1:", "tcp://127.0.0.1", "tcp://127.0.0.1:port", "tcp://:5555", "tcp://", "tcp:/127.0.0.1:1", "tcp",
    "tcp://nosuchif0:*", "tcp://192.0.2.1:*", "tcp://300.0.0.1:1", "tcp://127.0.0.1:0;127.0.0.1:1",
    "tcp://127.0.0.1:*;127.0.0.1:1", "TCP://127.0.0.1:*", " tcp://127.0.0.1:*", "tcp://127.0.0.1:* ", "", "://",
    "x://y", "inproc://", "inproc://x", _LONG, "inproc:x", "ipc://", "ipc://*", "ipc://@", "ipc://@gzmq-%d",
    "ipc:///nonexistent/x", "ipc:///", "ipc:///" + "x" * 107, "ipc://@" + "x" * 120, "udp://127.0.0.1:*",
    "norm://127.0.0.1:1", "tipc://{1,2}", "vmci://*:*", "ws://*:*",
    b"inproc://bytes", b"\xff", "inproc://\N{SNOWMAN}", None, 5, 1.5,
]  # fmt: skip
#: Endpoints that differ on purpose: (verb, endpoint) -> why.
ELSEWHERE = {
    ("bind", "tcp://127.0.0.1:1"): "somebody may be there, and libzmq's own thread unbinds after a while",
    ("bind", "tcp://127.0.0.1:65535"): "the same",
    ("bind", "ipc://@gzmq-%d"): "the same",
    ("connect", "tcp://127.0.0.1:65536"): "libzmq takes a port that no connection can have",
    ("bind", "tcp://127.0.0.1:-1"): "libzmq takes -1 for 65535",
    ("bind", "tcp://127.0.0.1:0;127.0.0.1:1"): "libzmq binds what is behind the semicolon, which is for connect",
    ("bind", "tcp://127.0.0.1:*;127.0.0.1:1"): "the same",
    ("bind", _LONG): "pyzmq cannot read a LAST_ENDPOINT of more than 255 bytes",
    ("connect", _LONG): "the same",
    (
        "connect",
        "udp://127.0.0.1:*",
    ): "gzmq looks at the address first, libzmq at the type",
    ("bind", "tipc://{1,2}"): "gzmq does not have tipc; libzmq's answer is the kernel's",
    ("connect", "tipc://{1,2}"): "the same",
}


_PLACES = [
    (verb, endpoint) for verb in ("bind", "connect") for endpoint in ENDPOINTS if (verb, endpoint) not in ELSEWHERE
]


@pytest.fixture(scope="module")
def contexts():
    """One context of each library."""
    both = gzmq.Context(), libzmq.Context()
    yield both
    for context in both:
        context.destroy(linger=0)


def differences(contexts, kinds, calls):
    """Where the two libraries differ, for each type: what the function `calls` gives of a socket."""
    found = {}
    for kind in kinds:
        answers = []
        for context in contexts:
            socket = context.socket(int(libzmq.SocketType[kind]))
            answers.append(calls(socket))
            socket.close(linger=0)
        for ours, theirs in zip(*answers, strict=True):
            if ours != theirs:
                found.setdefault(f"gzmq {ours}, libzmq {theirs}", []).append(kind)
    return found


@pytest.mark.parametrize("kind", ["PUSH", "SUB", "PAIR"])
@pytest.mark.parametrize("verb, endpoint", _PLACES, ids=lambda part: repr(part)[:30])
def test_endpoints_are_the_same(contexts, tmp_path, monkeypatch, verb, endpoint, kind):
    """What can be bound, connected and undone, what LAST_ENDPOINT says of it, and the errors otherwise."""
    undo = "unbind" if verb == "bind" else "disconnect"
    monkeypatch.chdir(tmp_path)  # where libzmq puts ipc://*

    def calls(socket):
        answers = [outcome(getattr(socket, verb), endpoint)]
        if answers == [("returns", "an object")]:
            last = outcome(socket.getsockopt, libzmq.LAST_ENDPOINT)[1]
            answers.append(re.sub(rb":[1-9][0-9]*$", b":port", re.sub(rb"ipc://.*/socket$", b"ipc://path", last)))
            answers += [outcome(getattr(socket, undo), last) for _ in range(2)]
        return answers

    assert differences(contexts, [kind], calls) == {}


# -- programs ---------------------------------------------------------------------------------------------------------

PAIRS = [
    ("REQ", "REP"), ("REQ", "ROUTER"), ("DEALER", "REP"), ("DEALER", "ROUTER"), ("DEALER", "DEALER"),
    ("ROUTER", "ROUTER"), ("PUB", "SUB"), ("PUB", "XSUB"), ("XPUB", "SUB"), ("XPUB", "XSUB"), ("PUSH", "PULL"),
    ("PAIR", "PAIR"),
]  # fmt: skip
FRAMES = [b"", b"x", b"\1", b"\0", b"\1x", b"\0x", b"xyz", b"me", b"you", b"z" * 1000]
_frames = st.sampled_from(FRAMES)
_messages = st.lists(_frames, min_size=1, max_size=3)
_names = st.sampled_from(["inproc://one", "inproc://one", "inproc://two", "inproc://", "nonsense", "no://thing"])
_readable = st.sampled_from([
    "EVENTS", "RCVMORE", "TYPE", "LAST_ENDPOINT", "LINGER", "SNDHWM", "RCVHWM", "ROUTING_ID", "RCVTIMEO", "SNDTIMEO",
    "IMMEDIATE", "MECHANISM",
])  # fmt: skip
#: Set before anything is connected only: libzmq tells the other end, and crashes now and then when that has closed.
_HWMS = [(name, value) for name in ("SNDHWM", "RCVHWM") for value in (0, 1, 2, -1)]
_FLAGS = [
    "CONFLATE", "ROUTER_MANDATORY", "ROUTER_HANDOVER", "PROBE_ROUTER", "REQ_RELAXED", "REQ_CORRELATE", "XPUB_VERBOSE",
    "XPUB_VERBOSER", "XPUB_NODROP", "XPUB_MANUAL", "INVERT_MATCHING",
]  # fmt: skip
_SETTINGS = [
    *((name, value) for name in ("ROUTING_ID", "SUBSCRIBE", "UNSUBSCRIBE") for value in (b"", b"me", b"x", "x", 5)),
    *((name, 1) for name in _FLAGS),
    *(("LINGER", value) for value in (0, -2, "x")),
    ("XPUB_WELCOME_MSG", b"hi"),
    ("TYPE", 1),
]

_steps = st.one_of(
    st.tuples(st.just("send"), _frames),
    st.tuples(st.just("send_more"), _frames),
    st.tuples(st.just("send_multipart"), _messages),
    st.tuples(st.just("send_back"), _messages),
    st.tuples(st.sampled_from(["recv", "recv", "recv_multipart", "recv_multipart", "recv_frame"])),
    st.tuples(st.just("poll"), st.integers(0, 3)),
    st.tuples(st.just("get"), _readable),
    st.tuples(st.just("set"), st.sampled_from(_SETTINGS)).map(lambda step: (step[0], *step[1])),
    st.tuples(st.sampled_from(["bind", "connect", "unbind", "disconnect"]), _names),
    st.tuples(st.sampled_from(["subscribe", "unsubscribe"]), st.sampled_from([b"", b"x", "x"])),
    st.tuples(st.sampled_from(["close", "closed", "send_text", "send_none", "more"])),
)


def _raises(result, name, errno=None):
    return result[0] == "raises" and result[1] == name and errno in (None, result[2])


def _done(verb, before):
    """Whether an earlier step has this verb."""
    return any(step[1] == verb for step in before)


_SENDS = ("send_multipart", "send_back")
#: What programs do otherwise on purpose: why, and how to know it (the types, the steps before, the step, gzmq's result,
#: libzmq's). The steps that follow are not compared.
PURPOSES = [
    (
        "two types that do not talk are refused at once over inproc, also a socket and itself",
        lambda pair, before, step, ours, theirs: step[1] == "connect" and _raises(ours, "ZMQError", errno.EPROTO),
    ),
    (
        "unbind parts what it had joined on inproc as it does on tcp; libzmq's inproc goes on",
        lambda pair, before, step, ours, theirs: _done("unbind", before),
    ),
    (
        "a closed socket is ENOTSOCK to poll too; pyzmq says ENOTSUP",
        lambda pair, before, step, ours, theirs: step[1] == "poll" and _raises(ours, "ZMQError", errno.ENOTSOCK),
    ),
    (
        "of two mistakes, text sent and the socket closed, the other is named first",
        lambda pair, before, step, ours, theirs: _raises(ours, "TypeError") and _raises(theirs, "ZMQError"),
    ),
    (
        "libzmq's REP takes options of its ROUTER",
        lambda pair, before, step, ours, theirs: step[1] == "set" and pair[step[0]] == "REP" and step[2] in OF_ROUTER,
    ),
    (
        "a subscription is a message of one frame; libzmq's XSUB takes any frame that begins like one",
        lambda pair, before, step, ours, theirs: any(
            pair[done[0]] == "XSUB" and (done[1] == "send_more" or (done[1] in _SENDS and len(done[2]) > 1))
            for done in before
        ),
    ),
    (
        "a message goes as a whole, so it is at its last frame that it finds its peer gone",
        lambda pair, before, step, ours, theirs: (
            _done("send_more", before) and (_done("close", before) or _done("disconnect", before))
        ),
    ),
    (
        "a PUB's user hears of no subscription and decides on none, so XPUB_MANUAL gives it none to set",
        lambda pair, before, step, ours, theirs: (
            pair[step[0]] == "PUB"
            and (step[1] in ("subscribe", "unsubscribe") or step[2:3] in (("SUBSCRIBE",), ("UNSUBSCRIBE",)))
        ),
    ),
    (
        "a PAIR takes the next peer once the first has left; libzmq's, once it has also read what that had said",
        lambda pair, before, step, ours, theirs: (
            pair[0] == "PAIR" and _done("close", before) and _done("connect", before)
        ),
    ),
    (
        "what XSUBs say to an XPUB is bounded by its RCVHWM; libzmq's keeps all of it",
        lambda pair, before, step, ours, theirs: pair[0] == "XPUB" and any(done[2:3] == ("RCVHWM",) for done in before),
    ),
    (
        "what REQ and REP will drop is nothing to receive; libzmq says POLLIN",
        lambda pair, before, step, ours, theirs: (
            pair[step[0]] in ("REQ", "REP")
            and (step[1] == "poll" or step[1:] == ("get", "EVENTS"))
            and theirs[1] & ~ours[1] == libzmq.POLLIN
        ),
    ),
]


def on_purpose(pair, steps, index, step, ours, theirs):
    """Why a step may differ, if it may."""
    return next((why for why, is_it in PURPOSES if is_it(pair, steps[:index], step, ours, theirs)), "")


#: How a program begins, so that most of them get somewhere.
_JOINED = [(0, "bind", "inproc://one"), (1, "connect", "inproc://one")]
_OPENINGS = [
    _JOINED,
    [(1, "bind", "inproc://one"), (0, "connect", "inproc://one")],
    [(0, "connect", "inproc://one"), (1, "bind", "inproc://one")],
    [(1, "connect", "inproc://one"), (0, "bind", "inproc://one")],
    [],
]


def _program(pair, presets, opening, steps):
    """A program: its types, and its steps, each (socket, verb, arguments...)."""
    presets = [(who, "set", *setting) for who, setting in presets]
    return pair, presets + _without_loops(opening + [(who, *step) for who, step in steps])


def _without_loops(steps):
    """The steps without those that join a socket to itself, where libzmq aborts now and then."""
    kept, opposite = [], {"bind": "connect", "connect": "bind"}
    for step in steps:
        who, verb, *args = step
        if verb not in opposite or (who, opposite[verb], *args) not in kept:
            kept.append(step)
    return kept


_who = st.integers(0, 1)
_programs = st.builds(
    _program,
    st.sampled_from(PAIRS),
    st.lists(st.tuples(_who, st.sampled_from(_SETTINGS + _HWMS)), max_size=2),
    st.sampled_from(_OPENINGS),
    st.lists(st.tuples(_who, _steps), min_size=1, max_size=12),
)


class Machine:
    """Two sockets of one library, and the steps of a program on them."""

    def __init__(self, library, pair):
        self._library = library
        self._context = library.Context()
        self._sockets = [self._context.socket(int(libzmq.SocketType[kind])) for kind in pair]
        self._route = {}
        for socket in self._sockets:
            socket.linger = 0

    def end(self):
        self._context.destroy(linger=0)

    def settle(self, patience):
        """Let the sockets notice what was done to them."""
        if self._library is gzmq:
            for _ in range(3):
                gevent.sleep(0)
            return
        for _ in range(3):
            for socket in self._sockets:
                if not socket.closed:
                    socket.getsockopt(libzmq.EVENTS)
        if patience or any(socket.closed for socket in self._sockets):
            time.sleep(patience or 0.002)  # libzmq's own thread closes it
            for socket in self._sockets:
                if not socket.closed:
                    socket.getsockopt(libzmq.EVENTS)

    def step(self, who, verb, *args):
        """Do a step; what it gave."""
        return outcome(getattr(self, "_" + verb, self._call), self._sockets[who], verb, *args)

    def _call(self, socket, verb, *args):
        return getattr(socket, verb)(*args)

    def _send(self, socket, verb, frame):
        return socket.send(frame, self._library.NOBLOCK)

    def _send_more(self, socket, verb, frame):
        return socket.send(frame, self._library.NOBLOCK | self._library.SNDMORE)

    def _send_multipart(self, socket, verb, frames):
        return socket.send_multipart(frames, self._library.NOBLOCK)

    def _send_back(self, socket, verb, frames):
        """Send to whoever the last message came from."""
        return socket.send_multipart(self._route.get(socket, []) + frames, self._library.NOBLOCK)

    def _send_text(self, socket, verb):
        return socket.send("text", self._library.NOBLOCK)

    def _send_none(self, socket, verb):
        return socket.send(None, self._library.NOBLOCK)

    def _recv(self, socket, verb):
        return socket.recv(self._library.NOBLOCK)

    def _recv_frame(self, socket, verb):
        frame = socket.recv(self._library.NOBLOCK, copy=False)
        return [frame.bytes, bool(frame.more)]

    def _recv_multipart(self, socket, verb):
        message = socket.recv_multipart(self._library.NOBLOCK)
        self._route[socket] = message[: 2 if message[1:2] == [b""] else 1]
        return message

    def _poll(self, socket, verb, events):
        return socket.poll(0, events)

    def _get(self, socket, verb, name):
        return socket.get(libzmq.SocketOption[name])

    def _set(self, socket, verb, name, value):
        return socket.set(libzmq.SocketOption[name], value)

    def _more(self, socket, verb):
        return socket.getsockopt(libzmq.RCVMORE)

    def _closed(self, socket, verb):
        return socket.closed


def results(library, pair, steps, patience):
    """What the steps of a program give, one after another."""
    machine = Machine(library, pair)
    try:
        found = []
        for step in steps:
            found.append(machine.step(*step))
            machine.settle(patience)
        return found
    finally:
        machine.end()


class Apart:
    """Programs on pyzmq, in another process."""

    def __init__(self):
        self._process = None

    def results(self, *program):
        """As the function `results` gives them; None when libzmq has ended its process."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        try:
            pickle.dump(program, self._process.stdin)
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.end()
            return None

    def end(self):
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    @staticmethod
    def serve():
        """What the other process does."""
        while True:
            signal.alarm(30)
            try:
                program = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            pickle.dump(results(libzmq, *program), sys.stdout.buffer)
            sys.stdout.buffer.flush()


@pytest.fixture(scope="module")
def apart():
    """One process for all programs, as long as it lives."""
    process = Apart()
    yield process
    process.end()


def test_programs_run_apart(apart):
    """The other process gives the results that this one would."""
    steps = [*_JOINED, (0, "send", b"x"), (1, "recv"), (1, "recv"), (0, "close"), (0, "send", b"x")]
    found = apart.results(("PUSH", "PULL"), steps, 0)
    assert found == results(gzmq, ("PUSH", "PULL"), steps, 0)
    assert [result[0] for result in found] == ["returns"] * 4 + ["raises", "returns", "raises"]


def first_difference(apart, pair, steps):
    """(index, step, gzmq's result, libzmq's) of the first step that differs, or None."""
    for patience in (0, 0.03):
        theirs = apart.results(pair, steps, patience)
        if theirs is None:
            return None
        ours = results(gzmq, pair, steps, patience)
        differ = [index for index, step in enumerate(steps) if ours[index] != theirs[index]]
        if not differ:
            return None
    index = differ[0]
    return index, steps[index], ours[index], theirs[index]


@settings(derandomize=True, max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(program=_programs)
@example(program=(("REQ", "REP"), [*_JOINED, (0, "send_multipart", [b"x", b"x"]), (1, "recv"), (1, "send", b"early")]))
@example(program=(("DEALER", "ROUTER"), [(1, "set", "ROUTER_MANDATORY", 1), (1, "send", b"an address only")]))
def test_programs_give_the_same(apart, program):
    """A random program of calls on two sockets of a pair of types over inproc, each step's result."""
    pair, steps = program
    found = first_difference(apart, pair, steps)
    if found is not None and not on_purpose(pair, steps, *found):
        index, step, ours, theirs = found
        note(f"{pair}: {steps[:index]}")
        raise AssertionError(f"step {step}: gzmq {ours}, libzmq {theirs}")


if __name__ == "__main__":
    Apart.serve()
