"""Sockets for claims about them: one context per test, destroyed and checked at its end."""

import itertools

import gevent
import pytest

import gzmq as zmq

from .siege import Siege

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def hub_errors(monkeypatch):
    """What reaches the hub's error printer: nothing of ours ever may."""
    errors = []

    def record(source, kind, error, traceback):
        if not (isinstance(source, gevent.Greenlet) and isinstance(error, zmq.ZMQError)):  # the test's own greenlet
            errors.append(error)

    monkeypatch.setattr(gevent.get_hub(), "print_exception", record)
    yield errors
    assert errors == []


@pytest.fixture
def context():
    """A context of its own; at the end nothing of it may be left."""
    with gevent.Timeout(20), zmq.Context() as made:
        yield made
        made.destroy(linger=0)
    assert "sockets=0 lingering=0" in repr(made)


@pytest.fixture(params=["tcp", "ipc", "inproc"])
def anywhere(request, tmp_path):
    """A bindable endpoint of each transport."""
    return endpoint(request.param, tmp_path)


@pytest.fixture
def inproc():
    """A name of its own."""
    return f"inproc://test-{next(_numbers)}"


def endpoint(scheme, tmp_path):
    """An endpoint that nobody else uses."""
    return {
        "tcp": "tcp://127.0.0.1:*",
        "ipc": f"ipc://{tmp_path}/s",
        "inproc": f"inproc://test-{next(_numbers)}",
    }[scheme]


@pytest.fixture
def make(context):
    """Make a socket: ``make(zmq.PUSH, bind=..., connect=..., sndhwm=...)``; time-outs keep a failure short."""

    kept = []  # a socket that nobody holds is closed

    def make(kind, bind=None, connect=None, **options):
        socket = context.socket(kind)
        kept.append(socket)
        options = {"rcvtimeo": 5000, "sndtimeo": 5000, **options}
        for name, value in options.items():
            setattr(socket, name, value)
        if bind:
            socket.bind(bind)
        if connect:
            socket.connect(connect)
        return socket

    yield make


@pytest.fixture
def joined(make, anywhere):
    """A bound and a connected socket of two types, over each transport: ``joined(zmq.PUSH, zmq.PULL)``."""

    def joined(bound_kind, connected_kind, bound=None, connected=None):
        one = make(bound_kind, bind=anywhere, **(bound or {}))
        other = make(connected_kind, connect=one.last_endpoint.decode(), **(connected or {}))
        return one, other

    return joined


@pytest.fixture(params=["bound", "connecting"])
def role(request):
    """How a victim meets its attackers."""
    return request.param


@pytest.fixture
def siege(make, role, capfd):
    """Put a socket under siege: ``siege(zmq.PULL, {options}, {those of its friends})``; at the end it is judged."""
    made = []

    def siege(*args):
        made.append(Siege(make, role, *args))
        return made[-1]

    yield siege
    for besieged in made:
        besieged.stands()
    assert capfd.readouterr() == ("", "")
