"""What one library, gzmq or pyzmq, answers to every call on every option: a program, as libzmq may end its process.

``python -m tests.option_answers zmq PUSH`` writes to stdout the pickled answers: {(option, call): outcome}.
"""

import importlib
import pickle
import sys

INTS = [
    *(-(2**63) - 1, -(2**31) - 1, -(2**31), -100, -99, -3, -2, -1, 0, 1, 2, 3, 7, 8, 64, 99, 255, 256, 65_535, 65_536),
    *(10**6, 6_553_599, 6_553_600, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, True, False),
]
BYTES = [
    *(b"", b"\0", b"x", b"\0x", b"x\0", b"x" * 5, b"x" * 15, b"x" * 16, b"x" * 17, b"x" * 32, b"x" * 40),
    *(b"x" * 254, b"x" * 255, b"x" * 256, b"X-a:b", b"X-a:", b"X-:b", b"a:b", b":", b"127.0.0.1", b"127.0.0.1/8"),
    *(b"::1", b"localhost", b"127.0.0.1:1"),
]
OTHERS = ["", "text", "\u00e9", None, 1.5, [1], bytearray(b"x"), memoryview(b"x"), object]
#: Other processes' or moments' values.
CHANGING = {"FD"}


def outcome(call, *args):
    """What a call returned or raised, in words that both libraries share."""
    try:
        return "returns", plain(call(*args))
    except Exception as error:
        return "raises", type(error).__name__, getattr(error, "errno", None)


def plain(value):
    """A value with its type, but not the library's own kind of number."""
    for kind in (bool, int, bytes, str):
        if isinstance(value, kind):
            return kind.__name__, kind(value)
    return None if value is None else "an object"


def of_socket(zmq, kind):
    """The answers of a socket type: by (option's name, what was called)."""
    answers = {}
    context = zmq.Context()
    for option in zmq.SocketOption:
        for call, answer in _calls(zmq, context, kind, option):
            changes = option.name in CHANGING and answer[0] == "returns" and answer[1] is not None
            answers[option.name, call] = answer if not changes else ("returns", answer[1][0])
    with context.socket(zmq.SocketType[kind]) as socket:
        answers["XPUB_MANUAL", "set first"] = outcome(socket.set, zmq.XPUB_MANUAL, 1)
        for option in (zmq.SUBSCRIBE, zmq.UNSUBSCRIBE):
            answers[option.name, "set with XPUB_MANUAL"] = outcome(socket.set, option, b"x")
    context.destroy(linger=0)
    return answers


def _calls(zmq, context, kind, option):
    name, number = option.name, int(option)
    socket = context.socket(zmq.SocketType[kind])
    socket.linger = 0
    yield "get", outcome(socket.get, number)
    yield "get_string", outcome(socket.get_string, number)
    for value in [*INTS, *BYTES, *OTHERS]:
        shown = repr(value) if not isinstance(value, memoryview) else "memoryview"
        yield f"set {shown}", outcome(socket.set, number, value)
        yield f"get after {shown}", outcome(socket.get, number)
    socket.close()
    with context.socket(zmq.SocketType[kind]) as socket:
        for text in ("text", "\u00e9", b"text", 5):
            yield f"set_string {text!r}", outcome(socket.set_string, number, text)
            yield f"get_string after {text!r}", outcome(socket.get_string, number)
        yield "latin1", outcome(socket.set_string, number, "\u00e9", "latin1")
        yield "get after latin1", outcome(socket.get, number)
        yield from _attributes(socket, name)


def _attributes(socket, name):
    for spelling in (name, name.lower()):
        yield f"attribute {spelling}", outcome(getattr, socket, spelling)
        for value in (1, -1, b"name", "text", None):
            if name != "TYPE":  # pyzmq keeps that one as an attribute of the object, which can be overwritten
                yield f"attribute {spelling} = {value!r}", outcome(setattr, socket, spelling, value)
                yield f"attribute {spelling} after {value!r}", outcome(getattr, socket, spelling)
        yield f"del {spelling}", outcome(delattr, socket, spelling) if name != "TYPE" else None


def of_context(zmq):
    """The answers of a context: by (option's name, what was called)."""
    answers = {}
    zero_copy_recv = 10  # ZMQ_ZERO_COPY_RECV, which pyzmq does not name
    for number in (*zmq.ContextOption, zmq.IPV6, zmq.BLOCKY, zero_copy_recv, zmq.LINGER, 0, -1, 9999):
        name = getattr(number, "name", str(number))
        for value in [*INTS, *OTHERS, b"x"]:
            with zmq.Context() as context:
                answers[name, "get"] = outcome(context.get, number)
                shown = repr(value) if not isinstance(value, memoryview) else "memoryview"
                answers[name, f"set {shown}"] = outcome(context.set, number, value)
                answers[name, f"get after {shown}"] = outcome(context.get, number)
    for option in [*zmq.ContextOption, *zmq.SocketOption]:
        with zmq.Context() as context:
            for spelling in (option.name, option.name.lower()):
                for value in (None, 1, 0):
                    if value is not None:
                        answers[option.name, f"{spelling} = {value}"] = outcome(setattr, context, spelling, value)
                    answers[option.name, f"{spelling} after {value}"] = outcome(getattr, context, spelling)
                answers[option.name, f"del {spelling}"] = outcome(delattr, context, spelling)
                answers[option.name, f"{spelling} after del"] = outcome(getattr, context, spelling)
            answers[option.name, "getsockopt"] = outcome(context.getsockopt, option)
    return answers


def main():
    """Write the answers of the library that is named first, of the socket type that is named second, or "Context"."""
    library, kind = sys.argv[1:]
    zmq = importlib.import_module(library)
    sys.stdout.buffer.write(pickle.dumps(of_context(zmq) if kind == "Context" else of_socket(zmq, kind)))


if __name__ == "__main__":
    main()
