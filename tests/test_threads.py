"""Claims of sockets and threads: inproc joins them, a socket belongs to one, and any of them may close it."""

import errno
import gc
import subprocess
import sys
import threading
from pathlib import Path

import gevent
import pytest

import gzmq as zmq

from .sockets.claims import until

#: Types that talk, and what the first says so that the second receives b"x" in the end.
PAIRS = [
    (zmq.PUSH, zmq.PULL, [b"x"]),
    (zmq.PAIR, zmq.PAIR, [b"x"]),
    (zmq.REQ, zmq.REP, [b"x"]),
    (zmq.REQ, zmq.ROUTER, [b"x"]),
    (zmq.DEALER, zmq.REP, [b"", b"x"]),
    (zmq.DEALER, zmq.DEALER, [b"x"]),
    (zmq.DEALER, zmq.ROUTER, [b"x"]),
    (zmq.ROUTER, zmq.DEALER, [b"peer", b"x"]),
    (zmq.ROUTER, zmq.ROUTER, [b"peer", b"x"]),
    (zmq.PUB, zmq.SUB, [b"x"]),
    (zmq.XPUB, zmq.XSUB, [b"x"]),
]


class InThread:
    """A call in a thread of its own, that is with a hub of its own."""

    def __init__(self, call, *args):
        self._outcome = None
        self._thread = threading.Thread(target=self._run, args=(call, args), daemon=True)
        self._thread.start()

    def _run(self, call, args):
        try:
            self._outcome = call(*args), None
        except Exception as error:
            self._outcome = None, error

    def end(self):
        """Wait for it: (result, error)."""
        gevent.get_hub().threadpool.apply(self._thread.join, (20,))
        assert self._outcome is not None, "the thread did not end"
        return self._outcome

    def get(self):
        """Wait for it: the result, or the error raised."""
        result, error = self.end()
        if error is not None:
            raise error
        return result


@pytest.fixture
def context():
    with gevent.Timeout(60), zmq.Context() as made:
        yield made


def make(context, kind, **options):
    """A socket whose waits come to an end."""
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = 20000
    for name, value in options.items():
        setattr(socket, name, value)
    return socket


def wait(event):
    """Let the hub run until another thread sets the event."""
    assert gevent.get_hub().threadpool.apply(event.wait, (20,))


def push(context, count, name="inproc://here"):
    """Connect and send the numbers below `count`."""
    with make(context, zmq.PUSH) as socket:
        socket.connect(name)
        for number in range(count):
            socket.send(b"%d" % number)


def echo(socket):
    """Give back every message until the socket or its context ends."""
    with socket:
        for message in socket:
            socket.send_multipart(message if isinstance(message, list) else [message])


# -- inproc between them ------------------------------------------------------------------------------------------


def test_two_threads_exchange_a_million_messages(context):
    """None is lost, doubled or out of order, and nobody stalls."""
    pull = make(context, zmq.PULL)
    pull.bind("inproc://here")
    pushing = InThread(push, context, 1_000_000)
    assert all(int(pull.recv()) == number for number in range(1_000_000))
    pushing.get()


def test_two_threads_exchange_messages_both_ways(context):
    """A DEALER floods, a ROUTER that waits for room sends all of it back."""
    dealer = make(context, zmq.DEALER)
    dealer.connect("inproc://here")

    def serve():
        router = make(context, zmq.ROUTER, router_mandatory=1)
        router.bind("inproc://here")
        echo(router)

    serving = InThread(serve)
    flood = gevent.spawn(lambda: [dealer.send(b"%d" % number) for number in range(100_000)])
    assert [int(dealer.recv()) for _ in range(100_000)] == list(range(100_000))
    flood.get()
    gevent.spawn(context.destroy)
    serving.get()


@pytest.mark.parametrize("bound_first", [True, False])
@pytest.mark.parametrize("sender, receiver, message", PAIRS)
def test_every_pair_of_types_talks(context, sender, receiver, message, bound_first):
    """Whether bind or connect comes first."""
    bound, connected = threading.Event(), threading.Event()
    if not bound_first:
        bound.set()

    def receive():
        wait(bound)
        with make(context, receiver) as socket:
            socket.routing_id = b"peer"
            socket.connect("inproc://here")
            if receiver == zmq.SUB:
                socket.subscribe(b"x")
            if receiver == zmq.XSUB:
                socket.send(b"\1x")
            connected.set()
            return socket.recv_multipart()[-1]

    receiving = InThread(receive)
    if not bound_first:
        wait(connected)
    socket = make(context, sender)
    socket.bind("inproc://here")
    bound.set()
    until(lambda: socket.peers() and (sender != zmq.ROUTER or socket.peers()[0].routing_id))
    if sender in (zmq.PUB, zmq.XPUB):
        until(lambda: socket.topics_count)
    socket.send_multipart(message)
    assert receiving.get() == b"x"


def test_a_publisher_sends_only_what_was_asked_for(context):
    """Subscriptions from two threads, and one taken back."""
    publisher = make(context, zmq.XPUB, xpub_verboser=1)
    publisher.bind("inproc://here")

    def subscribe(topic, other):
        with make(context, zmq.SUB) as socket:
            socket.connect("inproc://here")
            socket.subscribe(topic)
            socket.subscribe(other)
            socket.unsubscribe(other)
            return [socket.recv(), socket.recv()]

    subscribers = [InThread(subscribe, b"a", b"b"), InThread(subscribe, b"b", b"a")]
    assert sorted(publisher.recv() for _ in range(6)) == [b"\0a", b"\0b", b"\1a", b"\1a", b"\1b", b"\1b"]
    for message in (b"a1", b"b1", b"c1", b"a2", b"b2"):
        publisher.send(message)
    assert [subscriber.get() for subscriber in subscribers] == [[b"a1", b"a2"], [b"b1", b"b2"]]


@pytest.mark.parametrize("hwm", [1, 2, 10])
def test_a_full_queue_blocks_and_room_wakes(context, hwm):
    """The sender never has more under way than the two high-water marks allow, and misses no room."""
    pull = make(context, zmq.PULL, rcvhwm=hwm)
    pull.bind("inproc://here")
    most = 0

    def push():
        with make(context, zmq.PUSH, sndhwm=hwm) as socket:
            socket.connect("inproc://here")
            for number in range(3000):
                socket.send(b"%d" % number)

    pushing = InThread(push)
    for number in range(3000):
        assert int(pull.recv()) == number
        most = max(most, *(peer.queued_in for peer in pull.peers()), 0)
    pushing.get()
    assert most <= 2 * hwm


def test_a_full_queue_is_eagain_until_the_other_thread_reads(context):
    """And POLLOUT comes when it does, in the thread that polls."""
    push, read = make(context, zmq.PUSH, sndhwm=2), threading.Event()
    push.bind("inproc://here")

    def pull():
        with make(context, zmq.PULL, rcvhwm=2) as socket:
            socket.connect("inproc://here")
            wait(read)
            return [socket.recv() for _ in range(5)]

    pulling = InThread(pull)
    for _ in range(4):
        push.send(b"x")
    with pytest.raises(zmq.Again):
        push.send(b"x", zmq.DONTWAIT)
    poller = zmq.Poller()
    poller.register(push, zmq.POLLOUT)
    assert poller.poll(20) == []
    read.set()
    assert poller.poll(10000) == [(push, zmq.POLLOUT)]
    push.send(b"x")
    assert pulling.get() == [b"x"] * 5


def test_a_poller_hears_of_other_threads(context):
    """Of two sockets, whichever gets something."""
    pulls = [make(context, zmq.PULL), make(context, zmq.PULL)]
    poller = zmq.Poller()
    for number, pull in enumerate(pulls):
        pull.bind(f"inproc://here-{number}")
        poller.register(pull, zmq.POLLIN)
    for number in (1, 0, 1):
        pushing = InThread(push, context, 1, f"inproc://here-{number}")
        assert poller.poll(10000) == [(pulls[number], zmq.POLLIN)]
        assert pulls[number].recv() == b"0"
        pushing.get()


def test_a_proxy_between_threads(context):
    """Clients in two threads, a worker in a third, the proxy in a fourth."""
    there = threading.Event()

    def forward():
        front, back = make(context, zmq.ROUTER), make(context, zmq.DEALER)
        with front, back:
            front.bind("inproc://front"), back.bind("inproc://back")
            there.set()
            zmq.proxy(front, back)

    def work():
        worker = make(context, zmq.REP)
        worker.connect("inproc://back")
        echo(worker)

    def ask(name):
        with make(context, zmq.REQ) as client:
            client.connect("inproc://front")
            for number in range(500):
                client.send(b"%s %d" % (name, number))
                assert client.recv() == b"%s %d" % (name, number)

    forwarding, working = InThread(forward), InThread(work)
    wait(there)
    for asking in [InThread(ask, b"a"), InThread(ask, b"b")]:
        asking.get()
    gevent.spawn(context.term)
    assert forwarding.end()[1].errno == zmq.ETERM
    working.get()


def test_threads_of_gevents_pool_are_threads(context):
    """Those are real ones also where threading is patched."""
    pull = make(context, zmq.PULL)
    pull.bind("inproc://here")
    pushing = gevent.get_hub().threadpool.spawn(push, context, 1000)
    assert [int(pull.recv()) for _ in range(1000)] == list(range(1000))
    pushing.get()


def test_an_incompatible_type_is_refused_across_threads(context):
    """EPROTO, as in one."""
    pull = make(context, zmq.PULL)
    pull.bind("inproc://here")
    _, error = InThread(lambda: context.socket(zmq.PUB).connect("inproc://here")).end()
    assert error.errno == errno.EPROTO


def test_threads_that_bind_one_name(context):
    """One of them has it, all others are told."""

    def bind():
        socket = make(context, zmq.PULL)
        socket.bind("inproc://here")
        return socket

    outcomes = [binding.end() for binding in [InThread(bind) for _ in range(8)]]
    assert sorted(error.errno for _, error in outcomes if error is not None) == [errno.EADDRINUSE] * 7


def test_connecting_and_binding_at_the_same_time(context):
    """Whoever comes first, the two find each other, hundreds of times."""
    sys.setswitchinterval(1e-5)
    try:
        for number in range(300):
            pushing = InThread(push, context, 1, f"inproc://{number}")
            with make(context, zmq.PULL) as pull:
                pull.bind(f"inproc://{number}")
                assert pull.recv() == b"0"
            pushing.get()
    finally:
        sys.setswitchinterval(0.005)


# -- whose it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, args",
    [
        ("send", [b"x"]),
        ("send_multipart", [[b"x"]]),
        ("recv", []),
        ("recv_multipart", []),
        ("poll", [10]),
        ("bind", ["tcp://127.0.0.1:*"]),
        ("connect", ["inproc://there"]),
        ("getsockopt", [zmq.LINGER]),
        ("peers", []),
    ],
)
def test_a_socket_in_use_is_refused_in_another_thread(context, call, args):
    """A clear error instead of a hang or worse, on the fast path too."""
    socket, other = context.socket(zmq.DEALER), context.socket(zmq.DEALER)
    socket.bind("inproc://here"), other.connect("inproc://here")
    other.send_multipart([b"x"]), socket.send(b"x")
    _, error = InThread(getattr(socket, call), *args).end()
    assert error.errno == errno.ENOTSUP
    assert "thread" in str(error)


@pytest.mark.parametrize("use", [lambda socket: socket.poll(0), lambda socket: socket.bind("tcp://127.0.0.1:*")])
def test_polling_or_opening_a_wire_is_use(context, use):
    """From then on the socket stays."""
    socket = context.socket(zmq.DEALER)
    use(socket)
    assert InThread(socket.poll, 0).end()[1].errno == errno.ENOTSUP


def test_an_unused_socket_is_handed_over(context):
    """Both ends made, joined and set up here; the one is used there from now on, and only there."""
    here, there = make(context, zmq.PAIR), make(context, zmq.PAIR)
    here.bind("inproc://here"), there.connect("inproc://here")
    echoing = InThread(echo, there)
    for number in range(1000):
        here.send(b"%d" % number)
        assert int(here.recv()) == number
    with pytest.raises(zmq.ZMQError) as caught:
        there.recv()
    assert caught.value.errno == errno.ENOTSUP
    here.close()
    gevent.spawn(context.term)
    echoing.get()


def test_what_was_sent_before_the_hand_over_is_there(context):
    """And the subscriptions that came meanwhile count."""
    publisher, subscriber = make(context, zmq.PUB), make(context, zmq.SUB)
    publisher.bind("inproc://here"), subscriber.connect("inproc://here")
    subscriber.subscribe(b"a")

    def publish():
        with publisher:
            publisher.send_multipart([b"b"]), publisher.send_multipart([b"a"])

    InThread(publish).get()
    assert subscriber.recv() == b"a"


def test_a_socket_made_in_a_thread_that_has_ended(context):
    """Nobody used it there, so it is as good as new."""

    def make_one():
        socket = make(context, zmq.PULL)
        socket.bind("inproc://here")
        return socket

    pull = InThread(make_one).get()
    pushing = InThread(push, context, 10)
    assert [int(pull.recv()) for _ in range(10)] == list(range(10))
    pushing.get()


def test_a_monitor_is_read_in_another_thread(context):
    """As programs for pyzmq do it."""
    socket, events = make(context, zmq.DEALER), []
    monitor = socket.get_monitor_socket()

    def listen():
        with monitor:
            while not events or events[-1] != zmq.EVENT_MONITOR_STOPPED:
                events.append(int.from_bytes(monitor.recv_multipart()[0][:2], sys.byteorder))

    listening = InThread(listen)
    socket.bind("tcp://127.0.0.1:*")
    socket.disable_monitor()
    listening.get()
    assert events == [zmq.EVENT_LISTENING, zmq.EVENT_MONITOR_STOPPED]


# -- the end ----------------------------------------------------------------------------------------------------------


def test_each_thread_with_sockets_of_its_own(context):
    """tcp between them, each with its own hub, and a context whose end waits for what is under way."""
    pull = context.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")

    def push(endpoint):
        with zmq.Context() as own:
            socket = own.socket(zmq.PUSH)
            socket.connect(endpoint)
            for number in range(1000):
                socket.send(b"%d" % number)

    pushing = gevent.get_hub().threadpool.spawn(push, pull.last_endpoint)
    assert [int(pull.recv()) for _ in range(1000)] == list(range(1000))
    pushing.get()


def test_closing_from_another_thread_is_done_by_the_owner(context):
    """The socket is closed at once, and the port free as soon as the owner's hub has run."""
    socket, again = context.socket(zmq.PULL), context.socket(zmq.PULL)
    socket.bind("tcp://127.0.0.1:*")
    InThread(socket.close).get()
    assert socket.closed

    def free():
        try:
            return again.bind(socket_endpoint)
        except zmq.ZMQError:
            return None

    socket_endpoint = socket._core.last_endpoint
    until(free)


def test_closing_from_another_thread_wakes_who_waits(context):
    """ENOTSOCK, in its own thread."""
    socket = make(context, zmq.PULL)
    socket.bind("inproc://here")
    receiving = gevent.spawn(socket.recv)
    gevent.sleep(0)
    InThread(socket.close).get()
    with pytest.raises(zmq.ZMQError) as caught:
        receiving.get(timeout=10)
    assert caught.value.errno == zmq.ENOTSOCK


@pytest.mark.parametrize("how", ["close", "leave", "fall"])
def test_the_peer_of_a_thread_that_ends_hears_of_it(context, how):
    """Closed, left open or dropped: its pipe goes, and a send has nobody to go to."""
    push, kept = make(context, zmq.PUSH, sndtimeo=50), []
    push.bind("inproc://here")

    def pull():
        socket = make(context, zmq.PULL)
        socket.connect("inproc://here")
        got = socket.recv()
        if how == "close":
            socket.close()
        elif how == "leave":
            kept.append(socket)
        return got

    pulling = InThread(pull)
    push.send(b"x", zmq.SNDMORE) if how == "multipart" else push.poll(10000, zmq.POLLOUT)
    push.send(b"x")
    assert pulling.get() == b"x"
    until(lambda: not push.peers())
    with pytest.raises(zmq.Again):
        push.send(b"x")


def test_a_socket_of_a_thread_that_has_ended(context):
    """Its port is free, and closing or forgetting it does no harm."""

    def make_one():
        socket = context.socket(zmq.PULL)
        socket.bind("tcp://127.0.0.1:*")
        return socket, socket.last_endpoint

    socket, endpoint = InThread(make_one).get()
    context.socket(zmq.PULL).bind(endpoint)
    assert socket.closed
    socket.close()
    del socket
    gc.collect()


def test_term_wakes_the_sockets_of_all_threads(context):
    """ETERM everywhere, and it waits until they are closed."""

    def receive():
        socket = make(context, zmq.PULL)
        socket.bind(f"inproc://{threading.get_ident()}")
        try:
            socket.recv()
        except zmq.ContextTerminated:
            socket.close()
            return True

    receiving = [InThread(receive) for _ in range(3)]
    until(lambda: "sockets=3" in repr(context))
    context.term()
    assert [thread.get() for thread in receiving] == [True] * 3


@pytest.mark.parametrize("end", ["term", "destroy"])
def test_term_from_another_thread(context, end):
    """The thread that made the sockets is woken, and the other goes on when they are closed."""
    socket = make(context, zmq.PULL)
    socket.bind("tcp://127.0.0.1:*")
    ending = InThread(getattr(context, end))
    with pytest.raises(zmq.ZMQError) as caught:
        socket.recv()
    assert caught.value.errno in (zmq.ETERM, zmq.ENOTSOCK)
    socket.close()
    ending.get()
    assert context.closed


def test_term_does_not_wait_for_a_thread_that_has_ended(context):
    """Its open socket was closed for it, and lingers as it says."""

    def leave_behind():
        socket = make(context, zmq.PUSH, linger=50)
        socket.connect("tcp://127.0.0.1:9")
        socket.send(b"x")
        return socket

    thread_socket = InThread(leave_behind).get()
    with gevent.Timeout(5):
        context.term()
    assert context.closed
    del thread_socket


@pytest.mark.parametrize("how", ["close", "leave", "fall"])
@pytest.mark.parametrize("connected", [True, False])
def test_what_a_thread_sent_before_it_ended_arrives(context, how, connected):
    """Over tcp, though its hub may never have run: another thread's goes on with it."""
    pull, kept = make(context, zmq.PULL), []
    pull.bind("tcp://127.0.0.1:*")
    big = b"x" * 10_000_000

    def push(endpoint):
        socket = make(context, zmq.PUSH)
        socket.connect(endpoint)
        socket.send(b"first")
        if connected:
            until(lambda: socket.peers()[0].messages_out)
        socket.send(big)
        if how == "close":
            socket.close()
        elif how == "leave":
            kept.append(socket)

    InThread(push, pull.last_endpoint).get()
    assert [pull.recv(), pull.recv()] == [b"first", big]


def test_what_a_thread_sent_is_delivered_by_the_next_that_comes():
    """Nobody was there to take it over when it ended."""
    with zmq.Context() as there, zmq.Context() as context:
        pull = make(there, zmq.PULL)
        pull.bind("ipc://@gzmq-test-orphans")

        def push():
            with make(context, zmq.PUSH) as socket:
                socket.connect("ipc://@gzmq-test-orphans")
                socket.send(b"x")

        InThread(push).get()
        with pytest.raises(zmq.Again):
            pull.recv(zmq.DONTWAIT)
        context.term()
        assert pull.recv() == b"x"


def test_term_does_not_wait_for_a_bind(context):
    """Nobody can bind the name any more, so what was sent there goes."""
    InThread(push, context, 3).get()
    with gevent.Timeout(5):
        context.term()


def test_destroy_does_not_wait_for_a_hub_that_does_not_run(context):
    """It has been told to close its socket, and does so when it runs again; a warning says what to do."""
    asleep, awake = threading.Event(), threading.Event()

    def sleep():
        socket = make(context, zmq.PULL)
        socket.bind("tcp://127.0.0.1:*")
        asleep.set()
        awake.wait(20)  # of the operating system's: no hub runs
        until(lambda: socket._core.closed)
        return True

    sleeping = InThread(sleep)
    wait(asleep)
    with pytest.warns(RuntimeWarning, match="gevent.sleep"):
        context.destroy()
    awake.set()
    assert sleeping.get()


def test_term_waits_for_what_lingers_where_no_hub_runs(context):
    """As long as LINGER says, by its own clock."""
    asleep, awake = threading.Event(), threading.Event()

    def sleep():
        socket = make(context, zmq.PUSH, linger=10)
        socket.connect("tcp://127.0.0.1:9")
        socket.send(b"x")
        socket.close()
        asleep.set()
        awake.wait(20)

    sleeping = InThread(sleep)
    wait(asleep)
    with pytest.warns(RuntimeWarning, match="LINGER"):
        context.term()
    awake.set()
    sleeping.get()


PROGRAM = """
import threading
import gzmq as zmq
context = zmq.Context()
kept = []
def run():
    socket = context.socket(zmq.PUSH)
    socket.connect("tcp://127.0.0.1:9")
    socket.send(b"x")
    kept.append(socket)
thread = threading.Thread(target=run)
thread.start()
thread.join()
print("end")
"""


def test_a_program_ends_though_a_threads_socket_is_open():
    """Its hub will never run again, so nobody waits for it."""
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=Path(__file__).parents[1])
    assert (ran.stdout, ran.stderr, ran.returncode) == ("end\n", "", 0)


DAEMON = """
import threading
import gzmq as zmq
context = zmq.Context()
at_work = threading.Event()
def run():
    front, back = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    front.bind("tcp://127.0.0.1:*"), back.connect(front.last_endpoint)
    back.send(b"x"), front.recv()
    at_work.set()
    zmq.proxy(front, back)
threading.Thread(target=run, daemon=True).start()
at_work.wait()
print("end")
"""


def test_a_daemon_thread_is_cut_off_in_silence():
    """In the middle of a proxy, as Python does with all daemons."""
    command = [sys.executable, "-c", DAEMON]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=Path(__file__).parents[1])
    assert (ran.stdout, ran.stderr, ran.returncode) == ("end\n", "", 0)
