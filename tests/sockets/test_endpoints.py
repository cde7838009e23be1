"""Claims of binding, connecting and their undoing."""

import errno
import os
import socket as net

import pytest

import gzmq as zmq

from .claims import drain, refuses, until


def last(socket):
    return socket.last_endpoint.decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "*", "lo"])
def test_last_endpoint_can_be_connected_to(make, host):
    """Port * is chosen by the kernel, an interface name means its address."""
    pull = make(zmq.PULL, bind=f"tcp://{host}:*")
    push = make(zmq.PUSH, connect=last(pull).replace("0.0.0.0", "127.0.0.1"))
    push.send(b"x")
    assert pull.recv() == b"x"


@pytest.mark.parametrize("address", ["[::1]:*", "[::1]:0"])
def test_ipv6(make, address):
    """With the option IPV6, brackets and all."""
    pull = make(zmq.PULL, ipv6=1, bind=f"tcp://{address}")
    assert last(pull).startswith("tcp://[::1]:")
    push = make(zmq.PUSH, ipv6=1, connect=last(pull))
    push.send(b"x")
    assert pull.recv() == b"x"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_host_name_is_looked_up(make, host):
    """localhost, through gevent's resolver, to bind and to connect."""
    pull = make(zmq.PULL, bind=f"tcp://{host}:*")
    push = make(zmq.PUSH, connect=last(pull).replace("127.0.0.1", "localhost"))
    push.send(b"x")
    assert pull.recv() == b"x"


def test_a_source_address_is_bound_before_connecting(make):
    """tcp://source;destination."""
    pull = make(zmq.PULL, bind="tcp://127.0.0.1:*")
    push = make(zmq.PUSH, connect="tcp://127.0.0.2:0;" + last(pull)[6:])
    push.send(b"x")
    assert pull.recv() == b"x"


def test_an_abstract_name(make, tmp_path):
    """ipc://@name leaves no file."""
    name = f"ipc://@gzmq-{os.getpid()}-{id(tmp_path)}"
    pull = make(zmq.PULL, bind=name)
    push = make(zmq.PUSH, connect=name)
    push.send(b"x")
    assert pull.recv() == b"x"


@pytest.mark.parametrize("how", ["close", "unbind"])
def test_an_endpoint_is_free_when_the_call_returns(make, anywhere, how):
    """Field note A22: no waiting, no EADDRINUSE."""
    first = make(zmq.PULL, bind=anywhere)
    where = last(first)
    first.close() if how == "close" else first.unbind(where)
    assert last(make(zmq.PULL, bind=where)) == where


def test_a_taken_endpoint_is_in_use(make, anywhere):
    """EADDRINUSE, for a second socket and for the same one."""
    first = make(zmq.PULL, bind=anywhere)
    assert refuses(errno.EADDRINUSE, make, zmq.PULL, bind=last(first))
    assert refuses(errno.EADDRINUSE, first.bind, last(first))


def test_a_stale_ipc_file_is_replaced(make, tmp_path):
    """Left by a process that died."""
    path = tmp_path / "stale"
    with net.socket(net.AF_UNIX) as dead:
        dead.bind(str(path))
    assert make(zmq.PULL, bind=f"ipc://{path}")


def test_a_plain_file_is_never_removed(make, tmp_path):
    """EADDRINUSE, and the file is as it was."""
    path = tmp_path / "file"
    path.write_text("precious")
    assert refuses(errno.EADDRINUSE, make, zmq.PULL, bind=f"ipc://{path}")
    assert path.read_text() == "precious"


def test_only_our_own_ipc_file_is_unlinked(make, tmp_path):
    """Whoever replaced it keeps theirs."""
    path = tmp_path / "s"
    pull = make(zmq.PULL, bind=f"ipc://{path}")
    path.unlink()
    path.write_text("somebody else's")
    pull.close()
    assert path.read_text() == "somebody else's"


def test_an_ipc_file_is_gone_after_close(make, tmp_path):
    """libzmq leaves it, we do not."""
    pull = make(zmq.PULL, bind=f"ipc://{tmp_path}/s")
    pull.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "endpoint, code",
    [
        ("tcp://127.0.0.1", errno.EINVAL),
        ("tcp://127.0.0.1:99999", errno.EINVAL),
        ("nonsense", errno.EINVAL),
        ("carrier-pigeon://home", errno.EPROTONOSUPPORT),
        ("tcp://no-such-interface:5555", errno.ENODEV),
        ("tcp://8.8.8.8:5555", errno.EADDRNOTAVAIL),
        ("ipc:///" + "x" * 120, errno.ENAMETOOLONG),
        ("ipc:///no/such/folder/s", errno.ENOENT),
    ],
)
def test_bad_endpoints_are_refused_as_libzmq_does(make, endpoint, code):
    """With the errno of libzmq and a message that names the endpoint."""
    with pytest.raises(zmq.ZMQError) as caught:
        make(zmq.PULL, bind=endpoint)
    assert caught.value.errno == code
    assert endpoint[:20] in str(caught.value)


@pytest.mark.parametrize("call", ["unbind", "disconnect"])
def test_undoing_what_was_not_done(make, call):
    """ENOENT."""
    assert refuses(errno.ENOENT, getattr(make(zmq.PULL), call), "tcp://127.0.0.1:1234")


def test_disconnect_ends_the_connection(make, anywhere):
    """Nothing more arrives, and what had arrived is still there."""
    push = make(zmq.PUSH, bind=anywhere)
    pull = make(zmq.PULL, connect=last(push))
    push.send(b"before")
    assert pull.poll(5000)
    pull.disconnect(last(push))
    until(lambda: not push._core.pipes)
    assert refuses(errno.EAGAIN, push.send, b"after", zmq.DONTWAIT)


def test_unbind_closes_what_was_accepted(make, anywhere):
    """As libzmq does."""
    pull = make(zmq.PULL, bind=anywhere)
    push = make(zmq.PUSH, connect=last(pull), reconnect_ivl=-1)
    push.send(b"x")
    assert pull.recv() == b"x"
    pull.unbind(last(pull))
    until(lambda: not pull._core.pipes)


def test_bind_and_connect_as_context_managers(make):
    """``with socket.bind(...)`` undoes it at the end of the block."""
    pull, push = make(zmq.PULL), make(zmq.PUSH)
    with pull.bind("tcp://127.0.0.1:*"):
        where = last(pull)
        with push.connect(where):
            push.send(b"x")
            assert pull.recv() == b"x"
    assert make(zmq.PULL, bind=where)


def test_bind_to_random_port(make):
    """Gives the port; says so when none is free."""
    pull = make(zmq.PULL)
    port = pull.bind_to_random_port("tcp://127.0.0.1")
    assert last(pull) == f"tcp://127.0.0.1:{port}"
    with pytest.raises(zmq.ZMQBindError):
        make(zmq.PULL).bind_to_random_port("tcp://127.0.0.1", min_port=port, max_port=port + 1, max_tries=3)


def test_one_socket_on_many_endpoints(make, tmp_path, inproc):
    """tcp, ipc and inproc at once."""
    pull = make(zmq.PULL)
    pushes = []
    for where in ("tcp://127.0.0.1:*", f"ipc://{tmp_path}/s", inproc):
        pull.bind(where)
        pushes.append(make(zmq.PUSH, connect=last(pull)))
    for number, push in enumerate(pushes):
        push.send(b"%d" % number)
    until(lambda: len(pull._core.pipes) == 3)
    assert sorted(drain(pull)) == [[b"0"], [b"1"], [b"2"]]


@pytest.mark.parametrize("call", ["unbind", "disconnect"])
@pytest.mark.parametrize("kind", ["bind", "connect"])
def test_either_call_undoes_either(make, inproc, call, kind):
    """As in libzmq, where the two are one."""
    pull = make(zmq.PULL, **{kind: inproc})
    getattr(pull, call)(inproc)
    assert refuses(errno.ENOENT, getattr(pull, call), inproc)


@pytest.mark.parametrize("admitted", [True, False])
@pytest.mark.parametrize("kind", ["uid", "gid", "pid"])
def test_ipc_filters_admit_whom_they_name(make, tmp_path, kind, admitted):
    """IPC_FILTER_UID, _GID, _PID: others are not accepted."""
    ours = {"uid": os.geteuid(), "gid": os.getegid(), "pid": os.getpid()}[kind]
    pull = make(zmq.PULL, **{f"ipc_filter_{kind}": ours if admitted else ours + 1}, rcvtimeo=200)
    events = pull.events(zmq.EVENT_ACCEPTED | zmq.EVENT_ACCEPT_FAILED)
    pull.bind(f"ipc://{tmp_path}/s")
    make(zmq.PUSH, connect=pull.last_endpoint, linger=0).send(b"x")
    assert next(events).event == (zmq.EVENT_ACCEPTED if admitted else zmq.EVENT_ACCEPT_FAILED)


@pytest.mark.parametrize("scheme", ["tcp", "ipc"])
def test_a_descriptor_can_be_handed_over(make, tmp_path, scheme):
    """USE_FD: bound and listening already."""
    family, address = (net.AF_INET, ("127.0.0.1", 0)) if scheme == "tcp" else (net.AF_UNIX, f"{tmp_path}/s")
    listening = net.socket(family)
    listening.bind(address)
    listening.listen()
    pull = make(zmq.PULL, use_fd=listening.detach())
    pull.bind("tcp://127.0.0.1:*" if scheme == "tcp" else f"ipc://{tmp_path}/s")
    push = make(zmq.PUSH, connect=last(pull))
    push.send(b"x")
    assert pull.recv() == b"x"


def test_a_bad_descriptor_is_refused(make):
    """With the system's errno, and a sentence that names it."""
    assert refuses(errno.EBADF, make, zmq.PULL, use_fd=987654, bind="tcp://127.0.0.1:*")


def test_an_id_set_after_bind_is_told_to_later_peers(context):
    """What a listener tells its peers is made once, and anew when the option is set anew."""
    bound = context.socket(zmq.ROUTER)
    bound.routing_id = b"one"
    bound.bind("tcp://127.0.0.1:*")
    for name in (b"one", b"two"):
        bound.routing_id = name
        peer = context.socket(zmq.ROUTER)
        peer.connect(bound.last_endpoint)
        until(lambda peer=peer, name=name: [each.routing_id for each in peer.peers()] == [name])
