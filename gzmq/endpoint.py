"""What an endpoint means: ``scheme://address`` taken apart and checked, before anything is opened."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from . import numeric
from .error import ZMQError, zmq_error
from .record import Record

#: What a UNIX socket's address holds, in bytes, without its closing NUL; unix(7).
IPC_PATH_MAX_LEN = 107
#: libzmq asks a host to connect to for no more than this; whether it exists shows when it is looked up.
_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:")
_FURTHER = _FIRST | frozenset(".%_*-")
#: A host to bind is sought among the interfaces, so a bad one is a device that does not exist.
_BAD_HOST = {"bind": errno.ENODEV, "connect": errno.EINVAL}

#: Makes the error of one endpoint from an errno and what is wrong.
_Wrong = Callable[[int, str], ZMQError]


class Endpoint(Record):
    """What all endpoints have: a scheme, and the text that the user wrote, which ``str()`` gives."""

    scheme: ClassVar[str]
    text: str

    def __str__(self) -> str:
        return self.text


class Tcp(Endpoint):
    """A host without brackets ("*" is every address) and a port (0 is any free one), and where to connect from."""

    scheme: ClassVar[str] = "tcp"
    host: str
    port: int
    source_host: str = ""
    source_port: int = 0


class Ipc(Endpoint):
    """A path of the file system, "@name" for an abstract one, "*" for one that bind makes up."""

    scheme: ClassVar[str] = "ipc"
    path: str


class Inproc(Endpoint):
    """A name within a context."""

    scheme: ClassVar[str] = "inproc"
    name: str


class Pgm(Endpoint):
    """A multicast group and port, and the interface: by its address, network or name; empty is the one of the route."""

    scheme: ClassVar[str] = "pgm"
    interface: str
    group: str
    port: int


class Epgm(Pgm):
    """The same in UDP."""

    scheme: ClassVar[str] = "epgm"


class Udp(Endpoint):
    """A host without brackets ("*" is every address) and a port (0 is any free one), and with a multicast address the
    interface: a name or an address, "*" or "" for the system's choice.
    """

    scheme: ClassVar[str] = "udp"
    host: str
    port: int
    interface: str = ""

    @property
    def is_multicast(self) -> bool:
        """Whether the host is a multicast address."""
        return numeric.is_multicast(self.host)


def parse(text: str | bytes, verb: str) -> Endpoint:
    """The endpoint that a text means to ``verb``, which is "bind" or "connect".

    Raises TypeError for what is neither str nor bytes, and ZMQError: EINVAL for what is no endpoint, EPROTONOSUPPORT
    for a transport that gzmq has not, ENODEV for a host that no interface can have, ENAMETOOLONG for a path.
    """
    text = _as_text(text, verb)
    wrong = partial(_error, text, verb)
    scheme, separator, address = text.partition("://")
    if not (scheme and separator):
        raise wrong(errno.EINVAL, f"it has no scheme; write one of {_examples()}")
    if not address:
        raise wrong(errno.EINVAL, f"it has nothing after ://; write {_SCHEMES.get(scheme, (None, _examples()))[1]}")
    if scheme not in _SCHEMES:
        raise wrong(errno.EPROTONOSUPPORT, f"there is no transport {scheme!r}; write one of {_examples()}")
    return _SCHEMES[scheme][0](text, address, verb, wrong)


def _as_text(text: str | bytes, verb: str) -> str:
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"cannot {verb} {text!r}: an endpoint is str or bytes, not {type(text).__name__}")
    try:
        raw = text.encode() if isinstance(text, str) else text
        decoded = raw.decode()
    except UnicodeError:
        raise _error(ascii(text), verb, errno.EINVAL, "it is not UTF-8; write text that is") from None
    if "\0" in decoded:
        # The system would take what is before it for the whole, or for an abstract name.
        raise _error(ascii(text), verb, errno.EINVAL, "it has a NUL in it; leave that out (abstract is ipc://@name)")
    return decoded


def _error(text: str, verb: str, code: int, why: str) -> ZMQError:
    return zmq_error(code, f"cannot {verb} {text or 'an empty text'}: {why}")


def _examples() -> str:
    return ", ".join(example for _, example in _SCHEMES.values())


# -- tcp --------------------------------------------------------------------------------------------------------------


def _tcp(text: str, address: str, verb: str, wrong: _Wrong) -> Tcp:
    source, separator, target = address.rpartition(";")
    if separator and verb == "bind":
        raise wrong(errno.EINVAL, f"a source address is for connect; write tcp://{target}")
    source_host, source_port = _source(source, wrong) if separator else ("", 0)
    host, colon, digits = target.rpartition(":")
    if not digits or not colon or digits.endswith("]"):
        known = target.rstrip(":") or "127.0.0.1"
        free = ", or :* for a free one" if verb == "bind" else ""
        raise wrong(errno.EINVAL, f"it has no port; write tcp://{known}:5555{free}")
    host = _unbracketed(host, verb, wrong)
    if verb == "bind" and not host:
        raise wrong(errno.ENODEV, f"it has no host; write tcp://*:{digits} for every address of this machine")
    if verb == "connect" and "*" in (host, digits):
        raise wrong(errno.EINVAL, "* is for bind; write the host and the port that the other side is bound to")
    if verb == "connect" and host:  # libzmq takes an empty one too: nothing is ever found there
        _check_characters(host, wrong)
    return Tcp(text, host, _port(digits, wrong), source_host, source_port)


def _source(source: str, wrong: _Wrong) -> tuple[str, int]:
    """Where to connect from: ``host``, ``host:port``, or ``*``."""
    host, digits = source, "0"
    if ":" in source and not source.endswith("]"):
        host, _, digits = source.rpartition(":")
    host = _unbracketed(host, "connect", wrong)
    if not host:
        raise wrong(errno.EINVAL, "it has no source address before the ';'; write tcp://source:0;host:port")
    if host != "*":
        _check_characters(host, wrong)
    return host, _port(digits, wrong)


def _unbracketed(host: str, verb: str, wrong: _Wrong) -> str:
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if "[" in bare or "]" in bare:
        raise wrong(_BAD_HOST[verb], f"the brackets of {host!r} do not match; write tcp://[address]:port")
    if ":" in bare and numeric.family(bare) is None:
        raise wrong(_BAD_HOST[verb], f"{bare!r} is no IPv6 address; write tcp://[address]:port")
    return bare


def _check_characters(host: str, wrong: _Wrong) -> None:
    if not (host[:1] in _FIRST and _FURTHER.issuperset(host)):
        legal = "letters, digits, '-', '_' and '.', beginning with a letter or digit"
        raise wrong(errno.EINVAL, f"{host!r} is no host name; write one of {legal}")


def _port(digits: str, wrong: _Wrong) -> int:
    """The number; 0 for ``*`` and ``0``."""
    if digits in ("*", "0"):
        return 0
    significant = digits.lstrip("0")
    # The length first: int() refuses thousands of digits with an error of its own.
    if not (digits.isascii() and digits.isdigit() and 0 < len(significant) <= 5 and int(significant) <= 65535):
        raise wrong(errno.EINVAL, f"{digits!r} is no port; write a number from 1 to 65535")
    return int(significant)


# -- multicast --------------------------------------------------------------------------------------------------------


def _pgm(made: type[Pgm], text: str, address: str, verb: str, wrong: _Wrong) -> Pgm:
    example = f"{made.scheme}://eth0;239.192.1.1:5555"
    rest, colon, digits = address.rpartition(":")
    if not colon:
        raise wrong(errno.EINVAL, f"it has no port; write {example}")
    port = _port(digits, wrong)
    if not port:
        raise wrong(errno.EINVAL, f"a group has a port that all its members know; write {example}")
    interface, _, group = rest.rpartition(";")
    if ";" in interface or "," in interface + group:
        raise wrong(errno.EINVAL, f"it names several groups; open one endpoint for each, such as {example}")
    if ":" in group or not numeric.is_multicast(group):
        why = f"{group!r} is no IPv4 multicast group, 224.0.0.0 to 239.255.255.255; write {example}"
        raise wrong(errno.EINVAL, why)
    return made(text, interface, group, port)


# -- udp --------------------------------------------------------------------------------------------------------------


def _udp(text: str, address: str, verb: str, wrong: _Wrong) -> Udp:
    interface, separator, target = address.rpartition(";")
    host, colon, digits = target.rpartition(":")
    if not digits or not colon or digits.endswith("]"):
        raise wrong(errno.EINVAL, f"it has no port; write udp://{target.rstrip(':') or '127.0.0.1'}:5555")
    host = _unbracketed(host, verb, wrong)
    if not host:
        raise wrong(_BAD_HOST[verb], "it has no host; write udp://127.0.0.1:5555, or bind udp://*:5555")
    port = _port(digits, wrong)
    if verb == "connect" and (host == "*" or port == 0):
        raise wrong(errno.EINVAL, "* and 0 are for bind; write the host and the port that the other side is bound to")
    if verb == "connect":
        _check_characters(host, wrong)
    interface = _interface(interface, host, wrong) if separator else ""
    return Udp(text, host, port, interface)


def _interface(interface: str, host: str, wrong: _Wrong) -> str:
    """What is before the ';': the interface by which a multicast goes, or comes."""
    if not interface:
        raise wrong(errno.ENODEV, f"it has no interface before the ';'; write udp://eth0;{host}:5555")
    if not numeric.is_multicast(host):
        raise wrong(errno.EINVAL, f"an interface is for a multicast address, which {host!r} is not; leave it out")
    if numeric.is_multicast(interface):
        raise wrong(
            errno.EINVAL, f"{interface!r} is a multicast address, too; write the name or address of an interface"
        )
    return interface.strip("[]")


# -- ipc and inproc ---------------------------------------------------------------------------------------------------


def _ipc(text: str, address: str, verb: str, wrong: _Wrong) -> Ipc:
    if address == "@":
        raise wrong(errno.EINVAL, "it has no name after the @; write ipc://@name")
    length = len(address.encode())
    if length > IPC_PATH_MAX_LEN:
        raise wrong(errno.ENAMETOOLONG, f"its path has {length} bytes; write one of at most {IPC_PATH_MAX_LEN}")
    return Ipc(text, address)


def _inproc(text: str, address: str, verb: str, wrong: _Wrong) -> Inproc:
    return Inproc(text, address)


#: Scheme -> what takes its address apart, and an example.
_SCHEMES: dict[str, tuple[Callable[[str, str, str, _Wrong], Endpoint], str]] = {
    "tcp": (_tcp, "tcp://127.0.0.1:5555"),
    "ipc": (_ipc, "ipc:///tmp/name"),
    "inproc": (_inproc, "inproc://name"),
    "pgm": (partial(_pgm, Pgm), "pgm://eth0;239.192.1.1:5555"),
    "epgm": (partial(_pgm, Epgm), "epgm://eth0;239.192.1.1:5555"),
    "udp": (_udp, "udp://127.0.0.1:5555"),
}
