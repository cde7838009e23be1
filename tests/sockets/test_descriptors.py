"""Claims of the options that act on a file descriptor: each is seen there, whatever the descriptor is for."""

import errno
import socket as net
import struct
from contextlib import ExitStack, contextmanager, suppress

import pytest

import gzmq as zmq

from .claims import until

_SO_BUSY_POLL, _TCP_USER_TIMEOUT = 46, 18

#: Option, value, where it is seen, and what: of every descriptor of tcp.
ALWAYS = [
    ("sndbuf", 40_000, net.SOL_SOCKET, net.SO_SNDBUF, 80_000),  # Linux doubles them
    ("rcvbuf", 40_000, net.SOL_SOCKET, net.SO_RCVBUF, 80_000),
    ("tos", 0x20, net.IPPROTO_IP, net.IP_TOS, 0x20),
    ("priority", 3, net.SOL_SOCKET, net.SO_PRIORITY, 3),
    ("busy_poll", 50, net.SOL_SOCKET, _SO_BUSY_POLL, 50),
    ("bindtodevice", b"lo", net.SOL_SOCKET, net.SO_BINDTODEVICE, b"lo\0"),
]
#: Of a connection.
CONNECTION = [
    ("tcp_keepalive", 1, net.SOL_SOCKET, net.SO_KEEPALIVE, 1),
    ("tcp_keepalive", 0, net.SOL_SOCKET, net.SO_KEEPALIVE, 0),
    ("tcp_keepalive_cnt", 4, net.IPPROTO_TCP, net.TCP_KEEPCNT, 4),
    ("tcp_keepalive_idle", 77, net.IPPROTO_TCP, net.TCP_KEEPIDLE, 77),
    ("tcp_keepalive_intvl", 11, net.IPPROTO_TCP, net.TCP_KEEPINTVL, 11),
    ("tcp_maxrt", 5000, net.IPPROTO_TCP, _TCP_USER_TIMEOUT, 5000),
]
SEEN = "option, value, level, number, seen"


def options_for(option, value):
    """The rest of keep-alive acts only with keep-alive."""
    return {"tcp_keepalive": 1, option: value} if option.startswith("tcp_keepalive_") else {option: value}


@contextmanager
def looking_at(fd):
    """The descriptor as a socket, which stays open."""
    sock = net.socket(fileno=fd)
    try:
        yield sock
    finally:
        sock.detach()


def look(fd, level, number, seen):
    """What a descriptor has of an option, as bytes if ``seen`` is."""
    with looking_at(fd) as sock:
        return sock.getsockopt(level, number, *[16] * isinstance(seen, bytes))


def connection_fd(socket):
    """Of its one connection."""
    (pipe,) = socket._core.pipes
    return pipe.peer.sink.engine.fd


def listening_fd(socket):
    """Of its one listener."""
    (listener,) = socket._core.connections.listeners()
    return listener._sock.fileno()


@pytest.fixture
def full():
    """An endpoint whose backlog is full, so that connecting to it takes long."""
    with net.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as waiting:
        with suppress(TimeoutError):
            while True:
                sock = waiting.enter_context(net.socket())
                sock.settimeout(0.1)
                sock.connect(server.getsockname())
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(SEEN, ALWAYS + CONNECTION)
@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "connected"])
def test_a_connection_has_it(make, option, value, level, number, seen, accepted):
    """Whichever side it was made from."""
    ours, none = options_for(option, value), {}
    pull = make(zmq.PULL, **(ours if accepted else none), bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, **(none if accepted else ours), connect=pull.last_endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    assert look(connection_fd(pull if accepted else push), level, number, seen) == seen


@pytest.mark.parametrize(SEEN, ALWAYS)
def test_a_listener_has_it(make, option, value, level, number, seen):
    """Before it is bound: the window of a connection is decided as it is made."""
    pull = make(zmq.PULL, **{option: value}, bind="tcp://127.0.0.1:*")
    assert look(listening_fd(pull), level, number, seen) == seen


@pytest.mark.parametrize(SEEN, ALWAYS + CONNECTION)
def test_an_attempt_to_connect_has_it(make, full, option, value, level, number, seen):
    """From the first packet on."""
    push = make(zmq.PUSH, linger=0, **options_for(option, value), connect=full)
    (dialer,) = push._core.connections.each()
    until(lambda: dialer._sock is not None)
    assert look(dialer._sock.fileno(), level, number, seen) == seen


@pytest.mark.parametrize("option, number", [("sndbuf", net.SO_SNDBUF), ("rcvbuf", net.SO_RCVBUF)])
def test_buffers_are_of_ipc_too(make, tmp_path, option, number):
    """At both ends."""
    pull = make(zmq.PULL, **{option: 40_000}, bind=f"ipc://{tmp_path}/socket")
    push = make(zmq.PUSH, **{option: 40_000}, connect=pull.last_endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    for fd in (listening_fd(pull), connection_fd(pull), connection_fd(push)):
        assert look(fd, net.SOL_SOCKET, number, 80_000) == 80_000


def test_tos_is_of_ipv6_too(make):
    """As the traffic class."""
    pull = make(zmq.PULL, ipv6=1, tos=0x20, bind="tcp://[::1]:*")
    assert look(listening_fd(pull), net.IPPROTO_IPV6, net.IPV6_TCLASS, 0x20) == 0x20


@pytest.mark.parametrize("backlog", [1, 7])
def test_backlog_is_how_many_may_wait_over_tcp(make, backlog):
    """tcp_info says so of a listener, in the field that counts lost segments of a connection."""
    pull = make(zmq.PULL, backlog=backlog, bind="tcp://127.0.0.1:*")
    with looking_at(listening_fd(pull)) as sock:
        info = sock.getsockopt(net.IPPROTO_TCP, net.TCP_INFO, 32)
    assert struct.unpack("8B6I", info)[-1] == backlog


@pytest.mark.parametrize("backlog", [0, 3])
def test_backlog_is_how_many_may_wait_over_ipc(make, tmp_path, backlog):
    """One more is in the kernel's hands; the next has to try again."""
    make(zmq.PULL, backlog=backlog, bind=f"ipc://{tmp_path}/socket")
    waiting = [net.socket(net.AF_UNIX) for _ in range(backlog + 2)]
    for sock in waiting:
        sock.setblocking(False)
    answers = [sock.connect_ex(f"{tmp_path}/socket") for sock in waiting]
    for sock in waiting:
        sock.close()
    assert answers == [0] * (backlog + 1) + [errno.EAGAIN]


def test_a_device_that_is_not_there_is_enodev(make):
    """To bind; the error names the endpoint."""
    with pytest.raises(zmq.ZMQError, match="127.0.0.1") as caught:
        make(zmq.PULL, bindtodevice=b"nosuch0", bind="tcp://127.0.0.1:*")
    assert caught.value.errno == errno.ENODEV


def test_an_accepted_connection_keeps_its_device(make):
    """Only the superuser may bind it anew, so nobody tries."""
    pull = make(zmq.PULL, bindtodevice=b"lo", bind="tcp://127.0.0.1:*")
    failed = pull.events(zmq.EVENT_ACCEPT_FAILED)
    push = make(zmq.PUSH, connect=pull.last_endpoint)
    push.send(b"x")
    assert pull.recv() == b"x"
    failed.close()
    assert list(failed) == []
