"""Claims of devices and monitored queues; those of a thread hold on pyzmq too, which is the judge of them."""

import importlib
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import gevent
import pytest

import gzmq
from gzmq import devices

from .sockets.claims import until

ROOT = Path(__file__).parents[1]
LOCAL = "tcp://127.0.0.1"


@pytest.fixture(params=["gzmq", "zmq"])
def lib(request):
    """Either library."""
    pytest.importorskip("zmq")
    return importlib.import_module(request.param)


@pytest.fixture
def run():
    """Starts devices with a context of their own, and ends them after the test: ``run(device)``."""
    running = []

    def run(lib, device):
        context = lib.Context()
        device.context_factory = lambda: context
        device.start()
        running.append((context, device))
        return device

    with gevent.Timeout(30):
        yield run
        for context, device in running:
            context.destroy(linger=0)
            device.join(10)


@pytest.fixture
def make(lib):
    """Makes sockets of a library that connect to ports: ``make(lib.REQ, port)``."""
    context = lib.Context()

    def make(kind, *ports, **options):
        socket = context.socket(kind)
        for name, value in {"rcvtimeo": 10_000, "linger": 0, **options}.items():
            setattr(socket, name, value)
        for port in ports:
            socket.connect(f"{LOCAL}:{port}")
        return socket

    yield make
    context.destroy(linger=0)


def threaded(lib, name):
    """A library's class of a device in a thread."""
    return getattr(importlib.import_module(f"{lib.__name__}.devices"), f"Thread{name}")


# -- what pyzmq's do --------------------------------------------------------------------------------------------------


def test_a_queue_passes_requests_and_replies(lib, run, make):
    """From a REQ at its ROUTER to a REP at its DEALER, and back."""
    device = threaded(lib, "Device")(lib.QUEUE, lib.ROUTER, lib.DEALER)
    front, back = device.bind_in_to_random_port(LOCAL), device.bind_out_to_random_port(LOCAL)
    run(lib, device)
    req, rep = make(lib.REQ, front), make(lib.REP, back)
    req.send(b"ask")
    rep.send(rep.recv() + b"ed")
    assert req.recv() == b"asked"


def test_one_socket_may_be_both(lib, run, make):
    """An out_type below 0: what comes in goes back where it came from."""
    device = threaded(lib, "Device")(lib.FORWARDER, lib.ROUTER, -1)
    port = device.bind_in_to_random_port(LOCAL)
    run(lib, device)
    dealer = make(lib.DEALER, port)
    dealer.send_multipart([b"", b"echo"])
    assert dealer.recv_multipart() == [b"", b"echo"]


def test_options_are_set_before_the_socket_is_used(lib, run, make):
    """A routing id is known to a peer that was there first."""
    router = make(lib.ROUTER)
    port = router.bind_to_random_port(LOCAL)
    device = threaded(lib, "Device")(lib.QUEUE, lib.DEALER, lib.ROUTER)
    device.connect_in(f"{LOCAL}:{port}")
    device.setsockopt_in(lib.ROUTING_ID, b"named")
    back = device.bind_out_to_random_port(LOCAL)
    run(lib, device)
    router.router_mandatory = 1
    dealer = make(lib.DEALER, back)
    dealer.send(b"up")
    assert router.recv_multipart()[::2] == [b"named", b"up"]


def test_a_proxy_copies_to_its_monitor(lib, run, make):
    """Both ways."""
    device = threaded(lib, "Proxy")(lib.PAIR, lib.PAIR, lib.PUSH)
    ports = [device.bind_in_to_random_port(LOCAL), device.bind_out_to_random_port(LOCAL)]
    watched = device.bind_mon_to_random_port(LOCAL)
    run(lib, device)
    one, other = (make(lib.PAIR, port) for port in ports)
    watcher = make(lib.PULL, watched)
    one.send(b"there")
    assert (other.recv(), watcher.recv()) == (b"there", b"there")
    other.send(b"back")
    assert (one.recv(), watcher.recv()) == (b"back", b"back")


def test_a_monitored_queue_says_which_way(lib, run, make):
    """A prefix for each side, of one's own choice."""
    device = threaded(lib, "MonitoredQueue")(lib.PAIR, lib.PAIR, lib.PUSH, b"from front", b"from back")
    ports = [device.bind_in_to_random_port(LOCAL), device.bind_out_to_random_port(LOCAL)]
    watched = device.bind_mon_to_random_port(LOCAL)
    run(lib, device)
    one, other = (make(lib.PAIR, port) for port in ports)
    watcher = make(lib.PULL, watched)
    one.send_multipart([b"a", b"b"])
    assert (other.recv_multipart(), watcher.recv_multipart()) == ([b"a", b"b"], [b"from front", b"a", b"b"])
    other.send(b"c")
    assert (one.recv(), watcher.recv_multipart()) == (b"c", [b"from back", b"c"])


def test_a_monitored_queue_joins_routers(lib, run, make):
    """Whom a message is for comes first at one side, and whom it is from at the other."""
    device = threaded(lib, "MonitoredQueue")(lib.ROUTER, lib.ROUTER, lib.PUSH)
    ports = [device.bind_in_to_random_port(LOCAL), device.bind_out_to_random_port(LOCAL)]
    watched = device.bind_mon_to_random_port(LOCAL)
    run(lib, device)
    ada, bob = make(lib.DEALER, routing_id=b"ada"), make(lib.DEALER, routing_id=b"bob")
    watcher = make(lib.PULL, watched)
    ada.connect(f"{LOCAL}:{ports[0]}"), bob.connect(f"{LOCAL}:{ports[1]}")
    ada.send_multipart([b"bob", b"hello"])
    while not bob.poll(100):  # before he is there it is dropped
        ada.send_multipart([b"bob", b"hello"])
    assert bob.recv_multipart() == [b"ada", b"hello"]
    assert watcher.recv_multipart() == [b"in", b"bob", b"ada", b"hello"]


def test_a_steerable_proxy_obeys(lib, run, make):
    """TERMINATE ends it; what was asked for before has been done."""
    device = threaded(lib, "ProxySteerable")(lib.PULL, lib.PUSH, lib.PUB, lib.PAIR)
    front, back = device.bind_in_to_random_port(LOCAL), device.bind_out_to_random_port(LOCAL)
    control = device.bind_ctrl_to_random_port(LOCAL)
    run(lib, device)
    push, pull, pair = make(lib.PUSH, front), make(lib.PULL, back), make(lib.PAIR, control)
    push.send(b"x")
    assert pull.recv() == b"x"
    pair.send(b"TERMINATE")
    device.join(10)
    assert device.done and not device.launcher.is_alive()


def test_random_ports_are_never_given_twice(lib):
    """By one device."""
    device = importlib.import_module(f"{lib.__name__}.devices").ProxySteerable(lib.PAIR, lib.PAIR, lib.PUB, lib.PAIR)
    binds = [getattr(device, f"bind_{side}_to_random_port") for side in ("in", "out", "mon", "ctrl")]
    assert len({bind(LOCAL) for bind in binds}) == 4
    low = binds[0](LOCAL, min_port=20_000, max_port=30_000)
    assert 20_000 <= low < 30_000


def test_a_device_needs_two_types(lib):
    """TypeError."""
    module = importlib.import_module(f"{lib.__name__}.devices")
    for arguments in ((lib.QUEUE,), (lib.QUEUE, lib.PULL)):
        with pytest.raises(TypeError, match="must be specified|needs the types"):
            module.Device(*arguments)


# -- where gzmq's run -------------------------------------------------------------------------------------------------


@pytest.fixture
def context():
    with gevent.Timeout(30), gzmq.Context() as made:
        yield made
        made.destroy(linger=0)


@pytest.fixture
def streamer(context):
    """Starts a PULL-PUSH device of a class and gives it and its two ends: ``streamer(devices.ThreadDevice)``."""
    ends = []

    def streamer(kind):
        device = kind(gzmq.STREAMER, gzmq.PULL, gzmq.PUSH)
        ports = device.bind_in_to_random_port(LOCAL), device.bind_out_to_random_port(LOCAL)
        if kind is devices.ProcessDevice:
            ends.append(lambda: (device.launcher.kill(), device.join()))
        else:
            own = gzmq.Context()
            device.context_factory = lambda: own
            ends.append(lambda: own.destroy(linger=0))
        device.start()
        push, pull = context.socket(gzmq.PUSH), context.socket(gzmq.PULL)
        push.connect(f"{LOCAL}:{ports[0]}"), pull.connect(f"{LOCAL}:{ports[1]}")
        return device, push, pull

    yield streamer
    for end in ends:
        end()


@pytest.fixture(params=["Greenlet", "Thread", "Process"])
def kind(request):
    """Each class of devices in the background."""
    return getattr(devices, f"{request.param}Device")


def test_a_device_in_the_background_passes_messages(streamer, kind):
    """In order, all of them, beside the program."""
    device, push, pull = streamer(kind)
    sender = gevent.spawn(lambda: [push.send(b"%d" % number) for number in range(3000)])
    assert [int(pull.recv()) for _ in range(3000)] == list(range(3000))
    sender.get()
    assert not device.done
    if kind is devices.ProcessDevice:
        device.launcher.terminate()
        device.join()
        assert device.launcher.exitcode == -signal.SIGTERM


def test_waiting_for_one_blocks_its_greenlet_only(streamer, kind):
    """With a time-out, after which it still runs."""
    device, _, _ = streamer(kind)
    ticks = []
    ticker = gevent.spawn(lambda: [ticks.append(gevent.sleep(0.001)) for _ in range(5)])
    device.join(0.2)
    assert ticker.dead and len(ticks) == 5
    assert not device.launcher.dead if kind is devices.GreenletDevice else device.launcher.is_alive()


def test_a_device_in_the_foreground_blocks_until_its_context_ends(context):
    """Without an error."""
    device = devices.Device(gzmq.QUEUE, gzmq.PULL, gzmq.PUSH)
    device.context_factory = lambda: context
    running = gevent.spawn(device.start)
    device.join(0.01)
    assert not device.done
    ending = gevent.spawn(context.term)
    device.join()
    assert device.done and running.get() is None
    ending.get()


def test_killing_a_greenlets_device_ends_it(streamer):
    """Its sockets are closed then, so that its ports are free."""
    device, _, _ = streamer(devices.GreenletDevice)
    gevent.sleep(0)
    (port,) = device._in.binds
    device.launcher.kill()
    assert device.done
    with gzmq.Context() as other, other.socket(gzmq.PULL) as socket:
        socket.bind(port)


def test_what_a_threads_device_has_taken_is_delivered(context):
    """The thread lives on until that is done."""
    device = devices.ThreadProxySteerable(gzmq.PULL, gzmq.PUSH, gzmq.PUB, gzmq.PAIR)
    device.context_factory = gzmq.Context
    pull, pair, push = (context.socket(kind) for kind in (gzmq.PULL, gzmq.PAIR, gzmq.PUSH))
    pull.rcvhwm = 1
    pull.bind(f"{LOCAL}:*")
    device.connect_out(pull.last_endpoint.decode())
    front, control = device.bind_in_to_random_port(LOCAL), device.bind_ctrl_to_random_port(LOCAL)
    device.start()
    push.connect(f"{LOCAL}:{front}"), pair.connect(f"{LOCAL}:{control}")
    for number in range(500):
        push.send(b"%d" % number + bytes(10_000))
    until(lambda: push.peers()[0].messages_out == 500)
    pair.send(b"STATISTICS")
    while int.from_bytes(pair.recv_multipart()[6], sys.byteorder) < 500:
        pair.send(b"STATISTICS")
    pair.send(b"TERMINATE")
    assert [int(pull.recv().rstrip(b"\0")) for _ in range(500)] == list(range(500))
    device.join(10)
    assert not device.launcher.is_alive()


@pytest.mark.parametrize("kind", [devices.GreenletDevice, devices.ThreadDevice])
def test_a_device_of_the_programs_own_context_is_reached_by_inproc(context, kind):
    """From the other thread too; it ends with the context."""
    device = kind(gzmq.QUEUE, gzmq.ROUTER, gzmq.DEALER)
    device.context_factory = lambda: context
    device.bind_in("inproc://front"), device.bind_out("inproc://back")
    device.start()
    req, rep = context.socket(gzmq.REQ), context.socket(gzmq.REP)
    req.connect("inproc://front"), rep.connect("inproc://back")
    for number in range(100):
        req.send(b"%d" % number)
        rep.send(rep.recv())
        assert req.recv() == b"%d" % number
    context.destroy(linger=0)
    device.join(10)
    assert device.done


def test_an_error_in_a_thread_is_printed(context, capsys):
    """As threads' errors are; the device is done."""
    device = devices.ThreadDevice(gzmq.QUEUE, gzmq.PULL, gzmq.PUSH)
    device.context_factory = gzmq.Context
    device.bind_in("tcp://127.0.0.1:99999")
    device.start()
    device.join()
    assert device.done
    assert "is no port" in capsys.readouterr().err


def test_a_child_inherits_no_descriptor(context, streamer):
    """Not those of the program's sockets, listeners and hub."""
    listener = context.socket(gzmq.PULL)
    listener.bind(f"{LOCAL}:*")
    device, push, pull = streamer(devices.ProcessDevice)
    push.send(b"x")
    assert pull.recv() == b"x"
    here, there = (descriptors(pid) for pid in ("self", device.launcher.pid))
    device.launcher.kill()
    shared = {name for name in here & there if not name.startswith("/")}
    assert {name for name in shared if "socket" in name or "epoll" in name} == set()


def descriptors(pid):
    """What the descriptors of a process are, but for the three that it prints to and reads from."""
    paths = (Path("/proc") / str(pid) / "fd").iterdir()
    return {os.readlink(path) for path in paths if int(path.name) > 2 and path.is_symlink()}


def test_a_class_of_the_program_itself_cannot_go_to_a_child():
    """The error says what to do."""
    device = type("Mine", (devices.ProcessDevice,), {"__module__": "__main__"})(gzmq.QUEUE, gzmq.PULL, gzmq.PUSH)
    with pytest.raises(TypeError, match="Mine is defined in the program itself.*put it in a module"):
        device.start()


def test_a_childs_error_ends_it(capfd):
    """It prints it, and its exit code is 1."""
    device = devices.ProcessDevice(gzmq.QUEUE, gzmq.PULL, gzmq.PUSH)
    device.bind_in("tcp://127.0.0.1:99999")
    device.start()
    with gevent.Timeout(30):
        device.join()
    assert device.launcher.exitcode == 1
    assert "is no port" in capfd.readouterr().err


ABANDONED = """
import os, signal, gevent, gzmq
from gzmq import devices
device = devices.ProcessDevice(gzmq.QUEUE, gzmq.PULL, gzmq.PUSH)
port = device.bind_in_to_random_port("tcp://127.0.0.1")
device.start()
push = gzmq.Context().socket(gzmq.PUSH)
push.connect(f"tcp://127.0.0.1:{port}")
while not push.peers()[0].connected:
    gevent.sleep(0.01)
print(device.launcher.pid, flush=True)
%s
"""


@pytest.mark.parametrize(
    "end", ["", "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"], ids=["end", "exit", "kill"]
)
def test_a_child_ends_with_its_parent(end):
    """However that ends."""
    ran = subprocess.run([sys.executable, "-c", ABANDONED % end], capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert ran.stderr == ""
    stat = Path("/proc") / ran.stdout.strip() / "stat"
    until(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z", seconds=20)


FLAVOURS = """
%s
import gevent, threading
import gzmq as zmq
from gzmq import devices
turns = []
gevent.spawn(lambda: [turns.append(gevent.sleep(0)) for _ in range(10)])
for kind in (devices.GreenletProxy, devices.ThreadProxy, devices.ProcessProxy):
    device = kind(zmq.ROUTER, zmq.DEALER)
    front, back = device.bind_in_to_random_port("tcp://127.0.0.1"), device.bind_out_to_random_port("tcp://127.0.0.1")
    device.start()
    context = zmq.Context()
    req, rep = context.socket(zmq.REQ), context.socket(zmq.REP)
    req.connect(f"tcp://127.0.0.1:{front}"), rep.connect(f"tcp://127.0.0.1:{back}")
    req.send_string(kind.__name__)
    rep.send(rep.recv())
    print(req.recv_string(), len(turns))
    context.destroy(linger=0)
"""


@pytest.mark.parametrize("patch", ["", "from gevent import monkey; monkey.patch_all()"], ids=["plain", "patched"])
def test_each_flavour_runs_in_a_patched_program_too(patch):
    """Nothing is printed at the end, not even by Python's development mode."""
    command = [sys.executable, "-X", "dev", "-c", FLAVOURS % patch]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (ran.stdout, ran.stderr) == ("GreenletProxy 10\nThreadProxy 10\nProcessProxy 10\n", "")


# -- the queue itself -------------------------------------------------------------------------------------------------


@pytest.fixture
def queue(context):
    """A monitored queue from a PULL to a PUSH, in a greenlet: (push, pull, its greenlet)."""
    names = ["inproc://source", "inproc://sink", "inproc://monitor"]
    sockets = [context.socket(kind) for kind in (gzmq.PULL, gzmq.PUSH, gzmq.PUB)]
    for socket, name in zip(sockets, names, strict=True):
        socket.bind(name)
    push, pull = context.socket(gzmq.PUSH), context.socket(gzmq.PULL)
    push.connect(names[0]), pull.connect(names[1])
    running = gevent.spawn(devices.monitored_queue, *sockets)
    yield push, pull, running
    running.kill()


def test_a_flood_leaves_others_their_turn(queue):
    """A ticker ticks while messages pass."""
    push, pull, _ = queue
    ticks, got = [], []

    def tick():
        while True:
            ticks.append(len(got))
            gevent.sleep(0)

    sender = gevent.spawn(lambda: [push.send(b"x") for _ in range(20_000)])
    ticker = gevent.spawn(tick)
    for _ in range(20_000):
        got.append(pull.recv())
    gevent.killall([sender, ticker])
    assert max(after - before for before, after in pairwise(ticks)) <= 5000


def test_killing_it_in_a_flood_loses_nothing(queue):
    """What it had taken it passes on, and the rest stays at its socket."""
    push, pull, running = queue
    sender = gevent.spawn(lambda: [push.send(b"%d" % number) for number in range(5000)])
    got = [int(pull.recv()) for _ in range(100)]
    running.kill()
    while pull.poll(20):
        got.append(int(pull.recv()))
    assert got == list(range(len(got)))
    sender.kill()


def test_a_prefix_is_bytes(context):
    """TypeError at once, not at the first message."""
    socket = context.socket(gzmq.PAIR)
    with pytest.raises(TypeError, match="a prefix is bytes"):
        devices.monitored_queue(socket, socket, socket, "in")
