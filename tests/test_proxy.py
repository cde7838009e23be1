"""Claims of the proxy."""

import gevent
import pytest

import gzmq as zmq


@pytest.fixture
def context():
    with gevent.Timeout(20), zmq.Context() as made:
        yield made


def broker(context):
    """A ROUTER and a DEALER with a proxy between them."""
    front, back = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    front.bind("inproc://front"), back.bind("inproc://back")
    return front, back, gevent.spawn(zmq.proxy, front, back)


def test_requests_and_replies_pass(context):
    """Both ways, many at once."""
    front, back, running = broker(context)
    worker = context.socket(zmq.REP)
    worker.connect("inproc://back")
    gevent.spawn(lambda: [worker.send(message.upper()) for message in worker])
    clients = [context.socket(zmq.REQ) for _ in range(10)]
    for number, client in enumerate(clients):
        client.connect("inproc://front")
        client.send(b"q%d" % number)
    assert [client.recv() for client in clients] == [b"Q%d" % number for number in range(10)]
    running.kill()


def test_a_capture_socket_gets_a_copy(context):
    """Of what passes either way."""
    source, sink, capture = context.socket(zmq.PULL), context.socket(zmq.PUSH), context.socket(zmq.PUB)
    source.bind("inproc://source"), sink.bind("inproc://sink"), capture.bind("inproc://capture")
    watcher = context.socket(zmq.SUB)
    watcher.connect("inproc://capture"), watcher.subscribe(b"")
    running = gevent.spawn(zmq.proxy, source, sink, capture)
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    push.connect("inproc://source"), pull.connect("inproc://sink")
    push.send(b"x")
    assert pull.recv() == watcher.recv() == b"x"
    running.kill()


@pytest.mark.parametrize("end, error", [("term", zmq.ContextTerminated), ("close", zmq.ZMQError)])
def test_it_ends_by_an_error_for_its_caller_only(context, monkeypatch, end, error):
    """The hub's printer hears nothing of it."""
    printed = []
    monkeypatch.setattr(gevent.get_hub(), "print_exception", lambda *args: printed.append(args[2]))
    front, back, running = broker(context)
    running.link_exception(lambda _: None)
    caught = gevent.spawn(lambda: pytest.raises(error, running.get))
    gevent.sleep(0)
    ending = gevent.spawn(context.term) if end == "term" else gevent.spawn(front.close)
    caught.get()
    front.close(), back.close()
    ending.get()
    assert len(printed) <= 1  # the greenlet of this test that ran `proxy`


def test_killing_it_ends_it(context):
    """At any time; the sockets go on."""
    front, back, running = broker(context)
    gevent.sleep(0)
    running.kill()
    assert running.dead
    assert front.getsockopt(zmq.EVENTS) & zmq.POLLOUT
