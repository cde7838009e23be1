"""Our sockets and a process with libzmq's."""

import itertools
import tempfile

import gevent
import pytest

import gzmq as zmq

from .claims import address
from .remote import OmqPeer, Peer

_numbers = itertools.count()


@pytest.fixture
def context():
    """A context of its own; at the end nothing of it may be left."""
    with gevent.Timeout(40), zmq.Context() as made:
        yield made
        made.destroy(linger=0)
    assert "sockets=0 lingering=0" in repr(made)


@pytest.fixture
def make(context):
    """Make one of our sockets: ``make("PUSH", bind=..., connect=..., sndhwm=...)``; time-outs keep a failure short."""
    kept = []  # a socket that nobody holds is closed

    def make(kind, bind=None, connect=None, **options):
        socket = context.socket(zmq.SocketType[kind])
        kept.append(socket)
        for name, value in {"rcvtimeo": 5000, "sndtimeo": 5000, **options}.items():
            setattr(socket, name, value)
        if bind:
            socket.bind(bind)
        if connect:
            socket.connect(connect)
        return socket

    return make


@pytest.fixture(scope="session")
def shared():
    """The process that most tests use one after another."""
    pytest.importorskip("zmq")
    processes = [Peer()]
    yield processes
    processes[0].kill()


@pytest.fixture
def peer(shared):
    """A process with libzmq, that has no socket yet."""
    if not shared[0].alive:
        shared[0] = Peer()
    yield shared[0]
    if shared[0].alive:
        shared[0].reset()


@pytest.fixture
def start_peer():
    """Start processes with libzmq that the test may kill or freeze."""
    pytest.importorskip("zmq")
    started = []

    def start_peer():
        started.append(Peer())
        return started[-1]

    yield start_peer
    for process in started:
        process.kill()


@pytest.fixture(scope="session")
def shared_omq():
    """The process of pyomq that most tests use one after another."""
    pytest.importorskip("pyomq")
    process = OmqPeer()
    yield process
    process.kill()


@pytest.fixture
def omq(shared_omq):
    """A process with pyomq, that has no socket yet."""
    yield shared_omq
    shared_omq.reset()


@pytest.fixture
def start_omq():
    """Start processes with pyomq that the test may kill."""
    pytest.importorskip("pyomq")
    started = []

    def start_omq():
        started.append(OmqPeer())
        return started[-1]

    yield start_omq
    for process in started:
        process.kill()


@pytest.fixture(scope="session")
def folder():
    """A folder with a short name, as the path of a socket must be."""
    with tempfile.TemporaryDirectory(prefix="gzmq-") as made:
        yield made


@pytest.fixture(params=["tcp", "ipc"])
def anywhere(request, folder):
    """A bindable endpoint of each transport that reaches another process."""
    return "tcp://127.0.0.1:*" if request.param == "tcp" else f"ipc://{folder}/{next(_numbers)}"


@pytest.fixture(params=["we bind", "libzmq binds"])
def we_bind(request):
    """Either side binds."""
    return request.param == "we bind"


@pytest.fixture
def joined(make, peer, we_bind):
    """One socket of ours and one of libzmq's, either side bound: ``joined("PUSH", "PULL", anywhere)``."""

    def joined(kind, their_kind, endpoint="tcp://127.0.0.1:*", options=(), their_options=()):
        ours, theirs = make(kind, **dict(options)), peer.socket(their_kind, **dict(their_options))
        bound, connected = (ours, theirs) if we_bind else (theirs, ours)
        bound.bind(endpoint)
        connected.connect(address(bound))
        return ours, theirs

    return joined
