"""The half of a Socket that moves messages: whole ones and frame by frame, waiting for room and for what comes.

Rules: every wait goes through `_wait_send` or `_wait_recv`; a message is taken or queued only by the greenlet that goes
on running, never on its behalf, so killing a greenlet anywhere loses and doubles nothing.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, overload

from gevent import getcurrent

from .buffers import Body, Message, content, parts
from .constants import Flag
from .error import ZMQError, zmq_error
from .message import Frame, MessageTracker
from .pipe import FULL, TURN_OVER
from .waitqueue import give_way

if TYPE_CHECKING:
    from .core import SocketCore

_DONTWAIT = int(Flag.DONTWAIT)
_SNDMORE = int(Flag.SNDMORE)


class Messaging:
    """`send` and `recv`, for any number of greenlets. What this is mixed into has `copy_threshold`, and labels."""

    def __init__(self, core: SocketCore, parts: dict[Any, list[Body]], rest: dict[Any, _Rest]):
        self._core = core
        self._parts = parts  # greenlet -> the frames it has sent with SNDMORE
        self._rest = rest  # greenlet -> what it has not received yet of its message
        self._one_part = bool(core.pattern.thread_safe)
        self._labelled = bool(core.pattern.label)
        self._spun_at = -1

    # -- sending ------------------------------------------------------------------------------------------------------

    def send(
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | bytes | None = None,
    ) -> MessageTracker | None:
        """Send one frame; with SNDMORE it waits for the rest of its message, which goes as a whole.

        data: bytes, or a Frame, or anything with a contiguous buffer. flags: SNDMORE, DONTWAIT. routing_id: the peer
        that a SERVER or PEER sends to; group: the one that a RADIO sends to (none: ""); a Frame may have them itself.

        With ``copy=False`` a buffer of at least ``copy_threshold`` bytes is sent from where it is, and must not change
        meanwhile; ``track=True`` then returns a MessageTracker that says when it may. A Frame decided for itself, and
        its tracker is returned. Else None.

        Raises Again (EAGAIN) when no peer can take the message now (DONTWAIT) or within SNDTIMEO milliseconds; EFSM,
        ENOTSUP, EHOSTUNREACH as zmq_msg_send(3) says; EINVAL for SNDMORE on the types whose messages have one frame,
        and for a routing_id or group on a type that has none; TypeError for what has no buffer, BufferError for one
        with gaps; ValueError for ``track=True`` and a Frame without a tracker.
        """
        core = self._core
        owned = core.owned  # what an instance has in place of a method: quicker to load than to call
        if not owned():  # another thread's, or nobody's yet
            core.settle()
        if flags or track or self._parts or type(data) is not bytes or routing_id is not None or group is not None:
            return self._send_frame(data, flags, copy, track, routing_id, group)
        send = core.send
        sent = send(data)
        if not sent:
            self._wait_send(sent, False, self._send_now, data)
        return None

    def _send_frame(
        self,
        data: Any,
        flags: int,
        copy: bool,
        track: bool,
        routing_id: int | None = None,
        group: str | bytes | None = None,
    ) -> MessageTracker | None:
        body, tracker = self._body(data, copy, track)
        labelled = self._labelled or routing_id is not None or group is not None
        self._send_part(body, flags, self._label(data, routing_id, group) if labelled else ())  # type: ignore[attr-defined]
        return tracker

    def _body(self, data: Any, copy: bool, track: bool) -> tuple[Body, MessageTracker | None]:
        """What goes into a message, and what tells when it has been let go of."""
        if type(data) is bytes and not track:
            return data, None
        if data is None:
            raise TypeError("a frame is bytes or has a buffer, None does not")
        if not isinstance(data, Frame):
            data = Frame(data, track and not copy, copy or None, self.copy_threshold)  # type: ignore[attr-defined]
        elif track and data.tracker is None:
            raise ValueError(f"{data!r} is not tracked: make it with track=True")
        body = data.body
        if type(body) is not bytes and not self._core.context.share():
            body = content(body)
        return body, data.tracker

    def _bodies(self, parts: list[Any], copy: bool, track: bool) -> tuple[list[Body], MessageTracker | None]:
        """As `_body`, for all frames of a message."""
        pairs = [self._body(part, copy, track) for part in parts]
        trackers = [tracker for _, tracker in pairs if tracker is not None]
        return [body for body, _ in pairs], MessageTracker(*trackers) if track and trackers else None

    def _send_part(self, body: Body, flags: int, label: Iterable[bytes] = ()) -> None:
        # The greenlet is in no variable: one that is killed here keeps these, and would keep itself and the buffer.
        parts = self._parts.get(getcurrent())
        dontwait = flags & _DONTWAIT
        if flags & _SNDMORE and not (parts and len(parts) + 1 == self._core.pattern.frames):
            if parts is None:
                self._begin_multipart(body, dontwait)
                _forget_dead(self._parts)
                self._parts[getcurrent()] = [body]
            else:
                parts.append(body)
        else:
            try:
                self._send_message([*label, *(parts or ()), body], dontwait)
            except ZMQError as error:
                if error.errno != errno.EAGAIN:
                    self._parts.pop(getcurrent(), None)  # it can never be sent
                raise
            self._parts.pop(getcurrent(), None)

    def _begin_multipart(self, first: Body, dontwait: int) -> None:
        """A socket that could not send the message says so at its first frame, as libzmq's does."""
        self._core.check_usable()
        if not self._core.pattern.sends:
            self._core.send([first])  # raises
        self._core.pattern.may_send(first)
        if not self._core.pattern.writable():
            self._wait_send(FULL, dontwait, self._core.pattern.writable)

    def send_multipart(
        self,
        msg_parts: Iterable[Any],
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | bytes | None = None,
    ) -> MessageTracker | None:
        """Send the frames of an iterable as one message, atomically. Arguments and errors as for `send`.

        The tracker is that of all frames.
        """
        if not self._core.owned():
            self._core.settle()
        if self._one_part or routing_id is not None or group is not None:
            return self._send_one_part(list(msg_parts), flags, copy, track, routing_id, group)
        message = list(msg_parts)
        tracker = None
        for part in message:
            if type(part) is not bytes or track:
                message, tracker = self._bodies(message, copy, track)
                break
        if not message:
            return None
        if flags & _SNDMORE or (self._parts and getcurrent() in self._parts):
            for body in message[:-1]:
                self._send_part(body, flags | _SNDMORE)
            self._send_part(message[-1], flags)
        else:
            self._send_message(message, flags & _DONTWAIT)
        return tracker

    def _send_one_part(
        self,
        parts: list[Any],
        flags: int,
        copy: bool,
        track: bool,
        routing_id: int | None,
        group: str | bytes | None,
    ) -> MessageTracker | None:
        """A message of a type that has one frame in each, or one that was given a label."""
        self._label(None, routing_id, group)  # type: ignore[attr-defined]  # raises first
        for part in parts[:-1]:
            self._send_frame(part, flags | _SNDMORE, copy, False)
        return self._send_frame(parts[-1], flags, copy, track, routing_id, group) if parts else None

    def _send_message(self, message: Message, dontwait: int) -> None:
        sent = self._send_now(message)
        if not sent:
            self._wait_send(sent, dontwait, self._send_now, message)

    def _send_now(self, message: Message) -> bool | None:
        """As far as that goes without waiting, after which it may go another way."""
        return self._core.send(message)

    def _wait_send(self, sent: bool | None, dontwait: int, attempt: Callable[..., bool | None], *args: Any) -> None:
        """The slow half of a send: wait for room, or give way to others, until `attempt` succeeds."""
        self._core.check_usable()
        timeout = 0 if dontwait else self._core.options.sndtimeo
        deadline = None
        again = False
        while not sent:
            woken = True
            if sent is TURN_OVER:
                if not dontwait:
                    give_way(self._core.hub)
            elif timeout < 0:
                self._core.senders.wait(None, again)
            elif timeout == 0:
                woken = self._spins()
            else:
                deadline = deadline or monotonic() + timeout / 1000
                woken = self._core.senders.wait(deadline - monotonic(), again)
            again = True
            self._core.check_usable()
            sent = attempt(*args)
            if sent is FULL and not woken:
                raise zmq_error(errno.EAGAIN, self._why_not("send", timeout))
        if self._core.senders.parked and self._core.pattern.writable():
            self._core.senders.wake()

    # -- receiving ----------------------------------------------------------------------------------------------------

    @overload
    def recv(self, flags: int = ..., copy: Literal[True] = ..., track: bool = ...) -> bytes: ...
    @overload
    def recv(self, flags: int = ..., *, copy: Literal[False], track: bool = ...) -> Frame: ...
    @overload
    def recv(self, flags: int = ..., copy: bool = ..., track: bool = ...) -> bytes | Frame: ...

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False) -> bytes | Frame:
        """Receive one frame; the others of its message follow, to the same greenlet, while RCVMORE is true.

        Returns bytes, or a Frame with ``copy=False``. Raises Again when no message is there now (DONTWAIT) or comes
        within RCVTIMEO milliseconds; EFSM, ENOTSUP as zmq_msg_recv(3) says.
        """
        core = self._core
        owned = core.owned
        if not owned():  # another thread's, or nobody's yet
            core.settle()
        if flags or self._rest or not copy:
            return self._recv_frame(flags, copy, track)
        recv = core.recv_first
        message = recv()
        if type(message) is bytes:  # the only frame
            return message
        if message is None:
            message = self._wait_recv(False)
            if isinstance(message, bytes):
                return message
            message[0] = content(message[0])
        if len(message) > 1:
            self._keep_rest(message)
        return message[0]

    def _recv_frame(self, flags: int, copy: bool, track: bool) -> bytes | Frame:
        greenlet = getcurrent()
        rest = self._rest.get(greenlet)
        if rest is None:
            message = self._recv_message(flags & _DONTWAIT)
            metadata, labels = self._metadata(), self._received_label() if self._labelled else None  # type: ignore[attr-defined]
            if len(message) > 1:
                self._keep_rest(message)
            body = message[0]
        else:
            self._core.check_usable()
            body, metadata, labels = rest.bodies.pop(), rest.metadata, None
            if not rest.bodies:
                self._forget_rest(greenlet)
        if copy:
            return content(body)
        return Frame.received(body, track, greenlet in self._rest, metadata, labels)

    def _keep_rest(self, message: list[Body]) -> None:
        _forget_dead(self._rest)
        self._rest[getcurrent()] = _Rest(message[:0:-1], self._metadata())
        self._core.pattern.partly_read = True

    def _metadata(self) -> Mapping[str, str] | None:
        """What is known of the peer that the message just received came from."""
        source = self._core.pattern.source
        return source.metadata if source is not None else None

    def _forget_rest(self, greenlet: Any) -> _Rest | None:
        rest = self._rest.pop(greenlet, None)
        self._core.pattern.partly_read = bool(self._rest)
        return rest

    @overload
    def recv_multipart(self, flags: int = ..., copy: Literal[True] = ..., track: bool = ...) -> list[bytes]: ...
    @overload
    def recv_multipart(self, flags: int = ..., *, copy: Literal[False], track: bool = ...) -> list[Frame]: ...
    @overload
    def recv_multipart(self, flags: int = ..., copy: bool = ..., track: bool = ...) -> list[bytes] | list[Frame]: ...

    def recv_multipart(self, flags: int = 0, copy: bool = True, track: bool = False) -> list[bytes] | list[Frame]:
        """Receive a whole message: a list of bytes, or of Frames with ``copy=False``. Errors as for `recv`."""
        if not self._core.owned():
            self._core.settle()
        rest = self._forget_rest(getcurrent()) if self._rest else None
        if rest is not None:
            self._core.check_usable()
            message = rest.bodies[::-1]
        elif copy:
            recv = self._core.recv_whole
            message = recv()
            if message is not None:
                return [message] if type(message) is bytes else message
            message = parts(self._wait_recv(flags & _DONTWAIT))
        else:
            message = self._recv_message(flags & _DONTWAIT)
        if copy:
            return [content(body) for body in message]
        last = len(message) - 1
        metadata = rest.metadata if rest is not None else self._metadata()
        labels = self._received_label() if self._labelled else None  # type: ignore[attr-defined]
        return [Frame.received(body, track, at < last, metadata, labels) for at, body in enumerate(message)]

    def _recv_message(self, dontwait: int) -> list[Body]:
        message = self._core.recv()
        return parts(message if message is not None else self._wait_recv(dontwait))

    def _wait_recv(self, dontwait: int) -> Message:
        """The slow half of a receive: wait for a message, or give way to others, until the pattern has one."""
        core = self._core
        readable = core.pattern.readable
        if core.mail:
            core.check_usable()
        timeout = 0 if dontwait else core.options.rcvtimeo
        deadline = None
        again = False
        message = None
        while message is None:
            woken = True
            if readable():
                if not dontwait:
                    give_way(core.hub)
            elif timeout < 0:
                core.receivers.wait(None, again)
            elif timeout == 0:
                woken = self._spins()
            else:
                deadline = deadline or monotonic() + timeout / 1000
                woken = core.receivers.wait(deadline - monotonic(), again)
            again = True
            if not readable():
                core.check_usable()  # its time may be over, or mail have come
                if not woken and not readable():
                    raise zmq_error(errno.EAGAIN, self._why_not("receive", timeout))
            else:
                message = core.recv()  # None if it was only the turn that ended
        if core.receivers.parked and readable():
            core.receivers.wake()
        return message

    def _why_not(self, verb: str, timeout: int) -> str:
        within = f"within {timeout} ms" if timeout else "now"
        where = str(self._core.connections) or "no endpoint"
        what = "no message to receive" if verb == "receive" else "no peer can take a message"
        return f"{what} {within} ({self._core.pattern.name} on {where})"

    def _spins(self) -> bool:
        """Whether the caller asks again and again without ever letting the hub run; then the hub runs once.

        Nothing moves while a greenlet does that, so a loop of `recv(NOBLOCK)` would otherwise wait for ever.
        """
        turn = self._core.hub.loop.iteration
        if turn != self._spun_at or getcurrent() is self._core.hub:
            self._spun_at = turn
            return False
        give_way(self._core.hub)
        self._spun_at = -1
        return True

    def wait_writable(self) -> None:
        """Block until some peer can take a message. Raises ENOTSOCK, ETERM."""
        self._core.settle()
        if not self._core.pattern.writable():
            self._wait_send(FULL, False, self._core.pattern.writable)


class _Rest:
    """The frames of a message that its greenlet has not received yet, last first, and what is known of their sender."""

    __slots__ = ("bodies", "metadata")

    def __init__(self, bodies: list[Body], metadata: Mapping[str, str] | None):
        self.bodies = bodies
        self.metadata = metadata


def _forget_dead(by_greenlet: dict[Any, Any]) -> None:
    """Frames of greenlets that ended in the middle of a multipart belong to nobody."""
    for greenlet in [greenlet for greenlet in by_greenlet if greenlet.dead]:
        del by_greenlet[greenlet]
