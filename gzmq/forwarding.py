"""Forwarding between two sockets, both ways, as fast as the slower side takes it (zmq_proxy(3)), and steering that."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import gevent
from gevent.event import AsyncResult, Event

from .constants import Errno, Flag, PollEvent, SocketOption, SocketType
from .error import ZMQError, zmq_error
from .home import here_only
from .socket import Socket

if TYPE_CHECKING:
    from .message import Frame

_POLLIN = int(PollEvent.POLLIN)
_DONTWAIT = int(Flag.DONTWAIT)


def proxy(frontend: Socket, backend: Socket, capture: Socket | None = None) -> NoReturn:
    """Pass messages from each socket to the other, and a copy of each to ``capture``, until an error or a kill.

    Blocks the calling greenlet. Raises ContextTerminated when the context ends, ZMQError ENOTSOCK when a socket is
    closed, TypeError for what is no socket; killing the greenlet ends it too. Source: zmq_proxy(3).
    """
    _check_sockets(frontend, backend, capture=capture)
    sockets = [socket for socket in (frontend, backend, capture) if socket is not None]
    jobs = [partial(forward, *way, capture) for way in ways(frontend, backend)]
    until_one_ends(sockets, jobs)
    raise AssertionError("a forwarder ended without an error")


def proxy_steerable(
    frontend: Socket, backend: Socket, capture: Socket | None = None, control: Socket | None = None
) -> int:
    """`proxy`, obeying commands that ``control`` receives: PAUSE, RESUME, TERMINATE and STATISTICS, each one frame.

    Returns 0 after TERMINATE; errors are those of `proxy`. A REP control answers every command, with an empty frame if
    there is nothing to say; STATISTICS is answered on any control, which must be able to send (else: ENOTSUP), with
    eight frames, each an unsigned number of 64 bits in native order: the messages and bytes that the frontend
    received, those it sent, and the same of the backend. Every frame of a message counts as one. While it is paused,
    messages stay where they are, under their sockets' high-water marks. Without ``control`` it is `proxy`.

    Source: zmq_proxy_steerable(3). libzmq 4.3.5 itself takes RESUME for PAUSE; this follows the man page.
    """
    if control is None:
        proxy(frontend, backend, capture)
    _check_sockets(frontend, backend, capture=capture, control=control)
    sockets = [socket for socket in (frontend, backend, capture, control) if socket is not None]
    steering = Steering()
    gates = {backend: steering.back, frontend: steering.front}
    jobs = [partial(forward, *way, capture, gates[way[0]]) for way in ways(frontend, backend)]
    until_one_ends(sockets, [*jobs, partial(steering.obey, control)], steering.look)
    return 0


def device(device_type: int, frontend: Socket, backend: Socket) -> NoReturn:
    """`proxy` under its old name. ``device_type`` (QUEUE, FORWARDER, STREAMER) has no effect, as in pyzmq."""
    proxy(frontend, backend)


def _check_sockets(frontend: object, backend: object, **more: object) -> None:
    """Raise TypeError for an argument that is no socket; those of ``more`` may be None."""
    given = {"frontend": frontend, "backend": backend, **{name: one for name, one in more.items() if one is not None}}
    for name, one in given.items():
        if not isinstance(one, Socket):
            raise TypeError(f"{name} is a gzmq.Socket, not {one!r}")


def ways(one: Socket, other: Socket) -> list[tuple[Socket, Socket]]:
    """From where to where messages can go between two sockets: (source, target), once if both are the same."""
    pairs = {(one, other): None, (other, one): None}
    return [(source, target) for source, target in pairs if source.can_receive and target.can_send]


def until_one_ends(
    sockets: list[Socket], jobs: Iterable[Callable[[], Any]], on_change: Callable[[Socket], None] | None = None
) -> None:
    """Run ``jobs`` in greenlets of their own, until one of them returns; then end the others.

    Raises what a job raised, or ENOTSOCK when one of ``sockets`` was closed. ``on_change`` is called with every socket
    at any change of one; it must not block, and what it raises ends all too.
    """
    end = AsyncResult()

    def look() -> None:
        """At any change: a forwarder that waits for one socket does not notice that another is closed."""
        for socket in sockets:
            if socket.closed:
                end.set(zmq_error(Errno.ENOTSOCK, f"a socket of the proxy was closed: {socket!r}"))
            elif on_change is not None:
                try:
                    on_change(socket)
                except ZMQError as error:
                    end.set(error)

    runners = [gevent.spawn(here_only(_until_error, job, end)) for job in jobs]
    for socket in sockets:
        socket.watch(look)
    thrown: BaseException | None
    try:
        look()
        thrown = end.get()
    except BaseException as error:
        thrown = error
    for socket in sockets:
        socket.unwatch(look)
    gevent.killall(runners, block=False)
    while not all(runner.ready() for runner in runners):
        try:
            gevent.joinall(runners)
        except BaseException as error:  # a kill is not to be lost to a time-out that comes while it is obeyed
            if not isinstance(thrown, gevent.GreenletExit):
                thrown = error
    if thrown is not None:
        try:
            raise thrown
        finally:
            del thrown  # which would keep this frame, and itself


def _until_error(job: Callable[[], Any], end: AsyncResult) -> None:
    """A greenlet: the error that ends the forwarding is for the caller of `proxy`, not for the hub to print."""
    try:
        end.set(job())
    except Exception as error:
        end.set(error)


def forward(source: Socket, target: Socket, capture: Socket | None = None, gate: Gate | None = None) -> NoReturn:
    """Pass messages one way for ever. Takes a message only when the target has room for one."""
    copy = not source.labelled  # frames know their group or routing id, bytes do not
    while True:
        if target is not source:  # a REP that answers itself can send only once it has received
            target.wait_writable()
        if gate is None:
            message = source.recv_multipart(copy=copy)
        else:
            taken = gate.take(source, copy)
            if taken is None:
                continue
            message = taken
        try:
            if capture is not None:
                capture.send_multipart(message)
            target.send_multipart(message)
        except gevent.GreenletExit:  # ended with a message in hand, which is not to be lost if there is room for it
            with suppress(ZMQError):
                target.send_multipart(message, _DONTWAIT)
            raise
        if gate is not None:
            gate.sent.add(message)


class Count:
    """How many frames, and how many bytes in them."""

    def __init__(self) -> None:
        self.frames = self.bytes = 0

    def add(self, message: Sequence[bytes | Frame]) -> None:
        self.frames += len(message)
        self.bytes += sum(map(len, message))

    def pack(self) -> list[bytes]:
        return [struct.pack("=Q", self.frames), struct.pack("=Q", self.bytes)]


class Gate:
    """What the forwarder of one way asks before it takes a message; it counts what came in and what went out."""

    def __init__(self, going: Event):
        self._going = going
        self.received = Count()
        self.sent = Count()

    def take(self, source: Socket, copy: bool) -> list[bytes] | list[Frame] | None:
        """A message that may pass now; None after a wait, as anything may have changed during that.

        The socket is asked only when it has a message, so no PAUSE can come between the question and the message.
        """
        if not self._going.is_set():
            self._going.wait()
        elif not source.ready_events() & _POLLIN:
            source.poll()
        else:
            message = source.recv_multipart(_DONTWAIT, copy)
            self.received.add(message)
            return message
        return None


class Steering:
    """Two gates, and who opens and shuts them; ``front`` lets pass what the frontend receives."""

    def __init__(self) -> None:
        self._going = Event()
        self._going.set()
        self.front = Gate(self._going)
        self.back = Gate(self._going)

    def look(self, socket: Socket) -> None:
        """Raise ETERM: nobody else notices the end of a context while all forwarders pause."""
        if not self._going.is_set():
            socket.ready_events()

    def obey(self, control: Socket) -> None:
        """Do what ``control`` says until that is TERMINATE. Each frame is a command; of several the last is answered.

        Words that are no command do nothing.
        """
        answers_all = control.getsockopt(SocketOption.TYPE) == SocketType.REP
        command = b""
        while command != b"TERMINATE":
            for command in control.recv_multipart():
                if command == b"PAUSE":
                    self._going.clear()
                elif command == b"RESUME":
                    self._going.set()
                elif command == b"TERMINATE":
                    break
            if command == b"STATISTICS":
                control.send_multipart(self._statistics())
            elif answers_all:
                control.send(b"")

    def _statistics(self) -> list[bytes]:
        front, back = self.front, self.back
        counts = (front.received, back.sent, back.received, front.sent)
        return [frame for count in counts for frame in count.pack()]
