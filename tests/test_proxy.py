"""Claims of the proxy."""

import struct

import gevent
import pytest

import gzmq as zmq


@pytest.fixture
def context():
    with gevent.Timeout(20), zmq.Context() as made:
        yield made


@pytest.mark.parametrize("name", ["frontend", "backend", "capture", "control"])
@pytest.mark.parametrize("wrong", [5, "tcp://127.0.0.1:5555", object()])
def test_a_proxy_needs_sockets(context, name, wrong):
    """What is none is named, before any message moves."""
    arguments = {"frontend": context.socket(zmq.ROUTER), "backend": context.socket(zmq.DEALER), name: wrong}
    call = zmq.proxy_steerable if name == "control" else zmq.proxy
    with pytest.raises(TypeError, match=f"{name} is a gzmq.Socket, not "):
        call(**arguments)


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


@pytest.fixture(params=[(zmq.PAIR, zmq.PAIR), (zmq.REP, zmq.REQ)], ids=["PAIR", "REP"])
def steered(context, request):
    """A PULL-PUSH proxy under control: (push, pull, the commander's socket, the proxy's greenlet)."""
    source, sink = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    source.bind("inproc://source"), sink.bind("inproc://sink")
    theirs, ours = (context.socket(kind) for kind in request.param)
    theirs.bind("inproc://control"), ours.connect("inproc://control")
    running = gevent.spawn(zmq.proxy_steerable, source, sink, None, theirs)
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    push.connect("inproc://source"), pull.connect("inproc://sink")
    pull.rcvtimeo = 5000
    yield push, pull, ours, running
    running.kill()


def command(control, word):
    """Say a word; a REP acknowledges all but STATISTICS by an empty frame."""
    control.send(word)
    if control.socket_type == zmq.REQ:
        assert control.recv() == b""


def test_pause_holds_messages_and_resume_lets_them_go(steered):
    """They stay where they are meanwhile."""
    push, pull, control, _ = steered
    push.send(b"1")
    assert pull.recv() == b"1"
    command(control, b"PAUSE")
    gevent.sleep(0.02)
    push.send(b"2")
    assert not pull.poll(30)
    command(control, b"RESUME")
    assert pull.recv() == b"2"


def test_terminate_ends_it_without_an_error(steered):
    """The call returns 0, paused or not."""
    _, _, control, running = steered
    command(control, b"PAUSE")
    command(control, b"TERMINATE")
    assert running.get(timeout=5) == 0


def test_statistics_count_frames_and_bytes(steered):
    """Eight numbers: received and sent, of the frontend and of the backend."""
    push, pull, control, _ = steered
    push.send_multipart([b"12", b"345"])
    assert pull.recv_multipart() == [b"12", b"345"]
    control.send(b"STATISTICS")
    numbers = [struct.unpack("=Q", frame)[0] for frame in control.recv_multipart()]
    assert numbers == [2, 5, 0, 0, 0, 0, 2, 5]


def test_a_word_that_is_no_command_does_nothing(steered):
    """Messages go on."""
    push, pull, control, _ = steered
    command(control, b"DANCE")
    push.send(b"x")
    assert pull.recv() == b"x"


@pytest.mark.parametrize("server, client", [(zmq.REP, zmq.REQ), (zmq.ROUTER, zmq.DEALER), (zmq.PAIR, zmq.PAIR)])
def test_a_socket_may_be_its_own_other_side(context, server, client):
    """It answers each message with itself."""
    echo, asking = context.socket(server), context.socket(client)
    echo.bind("inproc://echo"), asking.connect("inproc://echo")
    running = gevent.spawn(zmq.proxy, echo, echo)
    for number in (b"1", b"2"):
        asking.send(number)
        assert asking.poll(5000) and asking.recv() == number
    running.kill()


def test_a_device_is_a_proxy_under_its_old_name(context):
    """Its type decides nothing."""
    source, sink = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    source.bind("inproc://source"), sink.bind("inproc://sink")
    running = gevent.spawn(zmq.device, zmq.STREAMER, source, sink)
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    push.connect("inproc://source"), pull.connect("inproc://sink")
    push.send(b"x")
    assert pull.recv() == b"x"
    running.kill()
