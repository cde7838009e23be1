"""A socket's options, by number, by name and as attributes."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .constants import PollEvent, SocketOption, SocketType
from .error import ZMQError, zmq_error
from .limits import Limits, check_limits
from .options import refuse_unknown

if TYPE_CHECKING:
    from .core import SocketCore

#: pyzmq's attributes that stand for two options at once.
_BOTH_HWM = (SocketOption.SNDHWM, SocketOption.RCVHWM)
#: Their names are those of methods; set as attributes they are options all the same, and take text.
_ALSO_METHODS = {
    spelling: option
    for option in (SocketOption.SUBSCRIBE, SocketOption.UNSUBSCRIBE)
    for spelling in (option.name, option.name.lower())
}


class _Attribute:
    """As a property, for one option. A ``__getattr__`` would slow every access down, those of `send` included."""

    __slots__ = ("_option",)

    def __init__(self, option: SocketOption):
        self._option = option

    def __get__(self, socket: Any, owner: type) -> Any:
        if socket is None:
            return self
        try:
            return socket.get(self._option)
        except ZMQError as error:
            if error.errno != errno.EINVAL:
                raise
            raise AttributeError(str(error)) from None  # so that hasattr says no, as pyzmq has it

    def __set__(self, socket: Any, value: Any) -> None:
        socket.set(self._option, value)

    def __repr__(self) -> str:
        return f"<The option {self._option.name}>"


def _attributes() -> dict[str, Any]:
    """By name, in capitals and in small letters."""
    made: dict[str, Any] = {}
    for name, option in SocketOption.__members__.items():
        made[name] = made[name.lower()] = _Attribute(option)
    return made


class SocketOptions:
    """getsockopt and setsockopt; ``socket.linger = 0`` is ``socket.setsockopt(LINGER, 0)``.

    Values: int for numbers (milliseconds, bytes, messages), bytes for names and addresses. Raises ZMQError EINVAL for
    an option or a value that this type does not take, TypeError for a value of another kind. Source: zmq_setsockopt(3).
    """

    _core: SocketCore
    locals().update(_attributes())  # all at once; what has a name of its own below is that
    # What these are; a test compares them with the table.
    affinity: int
    backlog: int
    busy_poll: int
    conflate: int
    connect_timeout: int
    curve_server: int
    fd: int
    handshake_ivl: int
    heartbeat_ivl: int
    heartbeat_timeout: int
    heartbeat_ttl: int
    immediate: int
    in_batch_size: int
    invert_matching: int
    ipc_filter_gid: int
    ipc_filter_pid: int
    ipc_filter_uid: int
    ipv4only: int
    ipv6: int
    linger: int
    loopback_fastpath: int
    maxmsgsize: int
    mechanism: int
    multicast_hops: int
    multicast_loop: int
    multicast_maxtpdu: int
    only_first_subscribe: int
    out_batch_size: int
    plain_server: int
    priority: int
    probe_router: int
    rate: int
    rcvbuf: int
    rcvhwm: int
    rcvmore: int
    rcvtimeo: int
    reconnect_ivl: int
    reconnect_ivl_max: int
    reconnect_stop: int
    recovery_ivl: int
    req_correlate: int
    req_relaxed: int
    router_handover: int
    router_mandatory: int
    router_notify: int
    router_raw: int
    sndbuf: int
    sndhwm: int
    sndtimeo: int
    stream_notify: int
    tcp_keepalive: int
    tcp_keepalive_cnt: int
    tcp_keepalive_idle: int
    tcp_keepalive_intvl: int
    tcp_maxrt: int
    thread_safe: int
    topics_count: int
    tos: int
    use_fd: int
    xpub_manual: int
    xpub_manual_last_value: int
    xpub_nodrop: int
    xpub_verbose: int
    xpub_verboser: int
    xsub_verbose_unsubscribe: int
    zap_enforce_domain: int
    bindtodevice: bytes
    connect_routing_id: bytes
    curve_publickey: bytes
    curve_secretkey: bytes
    curve_serverkey: bytes
    disconnect_msg: bytes
    hello_msg: bytes
    hiccup_msg: bytes
    identity: bytes
    last_endpoint: bytes
    metadata: bytes
    plain_password: bytes
    plain_username: bytes
    routing_id: bytes
    socks_password: bytes
    socks_proxy: bytes
    socks_username: bytes
    tcp_accept_filter: bytes
    xpub_welcome_msg: bytes
    zap_domain: bytes

    def set(self, option: int, optval: Any) -> None:
        """Set an option."""
        core = self._core
        core.check_usable()
        row, value = core.options.check(option, optval)
        if row.owner == "options":
            core.options.keep(row, value)
            core.pattern.options_changed()
        elif not core.pattern.set_option(row.name, value):
            raise zmq_error(errno.EINVAL, f"{core.pattern.name} sockets have no option {row.name} to set")

    def get(self, option: int) -> Any:
        """An option's value."""
        core = self._core
        core.check_usable()
        row = core.options.row(option)
        if row.owner == "socket":
            row.check_readable(core.pattern.name)
            return _GETTERS[option](self)
        return core.options.get(option)

    setsockopt = set
    getsockopt = get

    def __setattr__(self, name: str, value: Any) -> None:
        option = _ALSO_METHODS.get(name)
        if option is not None:
            self.set(option, value.encode() if isinstance(value, str) else value)
            return
        refuse_unknown(self, name, SocketOption)
        object.__setattr__(self, name, value)

    @property
    def limits(self) -> Limits:
        """What peers may make this socket hold; to be set before it binds or connects. Raises TypeError, EINVAL."""
        return self._core.options.limits

    @limits.setter
    def limits(self, value: Limits) -> None:
        self._core.check_usable()
        self._core.options.limits = check_limits(value)

    def fileno(self) -> int:
        """The option FD: a descriptor for foreign pollers (select, epoll, asyncio), made when first asked for.

        It is readable once the socket's events may have changed, and until EVENTS is read, which says what is there:
        then receive until Again, as the next change, not what is left, makes it readable anew. The hub of the socket's
        thread has to run meanwhile; gevent's patched pollers see to that, others need a thread of their own.
        """
        return self.get(SocketOption.FD)

    @property
    def type(self) -> int:
        """The option TYPE; it can be asked of a closed socket too."""
        return self._core.options.socket_type

    @property
    def socket_type(self) -> SocketType:
        """What the socket is; it can be asked of a closed one too."""
        return self._core.options.socket_type

    def set_string(self, option: int, optval: str, encoding: str = "utf-8") -> None:
        """Set an option of type bytes to text."""
        if not isinstance(optval, str):
            raise TypeError(f"str expected, got {optval!r}")
        self.set(option, optval.encode(encoding))

    def get_string(self, option: int, encoding: str = "utf-8") -> str:
        """An option of type bytes as text, without the C string's closing zero."""
        row = self._core.options.row(option)
        if row.kind is not bytes:
            raise TypeError(f"{row.name} is a number and no text")
        return self.get(option).decode(encoding)

    setsockopt_string = setsockopt_unicode = set_string
    getsockopt_string = getsockopt_unicode = get_string

    def subscribe(self, topic: str | bytes) -> None:
        """Ask for messages that begin with ``topic`` (bytes or str). SUB only, and XPUB with XPUB_MANUAL."""
        self.set(SocketOption.SUBSCRIBE, topic.encode() if isinstance(topic, str) else topic)

    def unsubscribe(self, topic: str | bytes) -> None:
        """Undo one `subscribe`."""
        self.set(SocketOption.UNSUBSCRIBE, topic.encode() if isinstance(topic, str) else topic)

    def set_hwm(self, value: int) -> None:
        """Set SNDHWM and RCVHWM (messages; 0 is no bound) for the connections made from now on."""
        for option in _BOTH_HWM:
            self.set(option, value)

    def get_hwm(self) -> int:
        """SNDHWM."""
        return self.get(SocketOption.SNDHWM)

    hwm = property(get_hwm, set_hwm)


def _events(socket: Any) -> int:
    """What a foreign poller's owner asks for; who asks again and again without letting the hub run lets it run so."""
    core, pattern = socket._core, socket._core.pattern
    all_there_may_be = pattern.receives * PollEvent.POLLIN | pattern.sends * PollEvent.POLLOUT
    events = 0
    for attempt in range(2):
        if core.event_fd is not None:
            core.event_fd.clear()
        events = socket.ready_events()
        if attempt or events == all_there_may_be or not socket._spins():
            break
    return int(events)


def _fd(socket: Any) -> int:
    core = socket._core
    core.settle()
    if core.event_fd is None:
        from .eventfd import EventFd  # for this option alone

        core.event_fd = EventFd()
        core.watchers[core.event_fd.notify] = None
    return core.event_fd.fd


#: What only the socket knows.
_GETTERS: dict[int, Callable[[Any], Any]] = {
    SocketOption.TYPE: lambda socket: int(socket._core.options.socket_type),
    SocketOption.RCVMORE: lambda socket: int(socket.more_frames),
    SocketOption.EVENTS: _events,
    SocketOption.FD: _fd,
    SocketOption.TOPICS_COUNT: lambda socket: socket._core.pattern.topics_count,
    SocketOption.THREAD_SAFE: lambda socket: int(socket._core.pattern.thread_safe),
    SocketOption.LAST_ENDPOINT: lambda socket: socket._core.last_endpoint,
}
