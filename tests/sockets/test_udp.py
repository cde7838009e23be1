"""Claims of RADIO, DISH and DGRAM over udp."""

import errno
import os
import socket as net

import gevent
import pytest

import gzmq as zmq

from .claims import drain, must_not_recv, refuses, until

GROUP4, GROUP6 = "239.192.7.7", "ff15::7:7"


def fd_of(socket):
    """The only endpoint's descriptor, as a socket to ask for its options."""
    (pipe,) = socket._core.pipes
    return net.socket(fileno=net.dup(pipe.peer.sink.engine.fd))


@pytest.fixture
def couple(make):
    """A DISH in the group "g", and a RADIO that reaches it: ``couple("udp://127.0.0.1:*")``."""

    def couple(url="udp://127.0.0.1:*", radio=(), **dish):
        listener = make(zmq.DISH, bind=None, **dish)
        try:
            listener.bind(url)
        except zmq.ZMQError as error:
            pytest.skip(f"{url}: {error}")
        listener.join("g")
        return make(zmq.RADIO, connect=listener.last_endpoint, **dict(radio)), listener

    return couple


@pytest.fixture(params=["", "lo;", "127.0.0.1;", "*;"])
def multicast(request):
    """A bindable multicast endpoint; skips where this machine sends none."""
    skip_without_multicast("" if request.param in ("", "*;") else "lo")
    return f"udp://{request.param}{GROUP4}:*"


def skip_without_multicast(interface):
    """Ask the system itself, without gzmq."""
    with net.socket(net.AF_INET, net.SOCK_DGRAM) as receiver, net.socket(net.AF_INET, net.SOCK_DGRAM) as sender:
        by = net.inet_aton("127.0.0.1") if interface else bytes(4)
        receiver.settimeout(1)
        try:
            receiver.bind(("", 0))
            receiver.setsockopt(net.IPPROTO_IP, net.IP_ADD_MEMBERSHIP, net.inet_aton(GROUP4) + by)
            sender.setsockopt(net.IPPROTO_IP, net.IP_MULTICAST_IF, by)
            sender.sendto(b"x", (GROUP4, receiver.getsockname()[1]))
            receiver.recv(1)
        except OSError as error:
            pytest.skip(f"this machine has no multicast by {interface or 'its default route'}: {error}")


# -- RADIO and DISH ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 255, 256, 1400, 8190])
def test_a_message_arrives_as_it_was_sent(couple, size):
    """With its group."""
    radio, dish = couple()
    body = (bytes(range(256)) * 32)[:size]
    radio.send(body, group="g")
    received = dish.recv(copy=False)
    assert (received.bytes, received.group) == (body, "g")


@pytest.mark.parametrize("url", ["udp://*:*", "udp://lo:*", "udp://127.0.0.1:0", "udp://localhost:*"])
def test_where_a_dish_binds(couple, make, url):
    """Every address, an interface, an address, a name; LAST_ENDPOINT has the port."""
    _, dish = couple(url)
    port = dish.last_endpoint.rpartition(b":")[2].decode()
    radio = make(zmq.RADIO, connect=f"udp://127.0.0.1:{port}")
    radio.send(b"x", group="g")
    assert dish.recv() == b"x"


def test_a_radio_connects_to_a_name(make, couple):
    """It is looked up at once."""
    _, dish = couple()
    port = dish.last_endpoint.rpartition(b":")[2].decode()
    radio = make(zmq.RADIO, connect=f"udp://localhost:{port}")
    radio.send(b"x", group="g")
    assert dish.recv() == b"x"


def test_a_dish_chooses_at_its_own_end(couple):
    """A RADIO sends all groups over udp; nobody tells it what was joined."""
    radio, dish = couple()
    for group in ("", "gg", "g", "G"):
        radio.send(group.encode(), group=group)
    assert dish.recv() == b"g"
    dish.leave("g")
    dish.join("G")
    radio.send(b"2", group="G")
    assert dish.recv() == b"G"  # it was there, and is looked at only now
    assert dish.recv() == b"2"


def test_one_radio_to_many_dishes_by_many_ways(make, couple, inproc):
    """A message goes by udp and inproc."""
    radio, dish = couple()
    radio.bind(inproc)
    other = make(zmq.DISH, connect=inproc)
    other.join("g")
    radio.connect(couple()[1].last_endpoint)
    radio.send(b"x", group="g")
    assert (dish.recv(), other.recv()) == (b"x", b"x")


def test_too_large_a_message_goes_to_nobody(make, couple, inproc):
    """EMSGSIZE names the endpoint and the limit: libzmq reads 8192 bytes, with the group and a byte for its length."""
    radio, _ = couple()
    radio.bind(inproc)
    other = make(zmq.DISH, connect=inproc)
    other.join("g")
    with pytest.raises(zmq.ZMQError, match=r"udp://127\.0\.0\.1:\d+: 8191 are the most") as caught:
        radio.send(bytes(8191), group="g")
    assert caught.value.errno == errno.EMSGSIZE
    must_not_recv(other)


@pytest.mark.parametrize("data", [b"", b"\1", b"\5g", b"\xff" + bytes(254)], ids=len)
def test_malformed_datagrams_are_dropped_and_counted(couple, data):
    """And what comes after them arrives."""
    radio, dish = couple()
    port = int(dish.last_endpoint.rpartition(b":")[2])
    with net.socket(net.AF_INET, net.SOCK_DGRAM) as stranger:
        for _ in range(3):
            stranger.sendto(data, ("127.0.0.1", port))
        stranger.sendto(b"\1ghello", ("127.0.0.1", port))
    assert dish.recv() == b"hello"
    assert dish.peers()[0].dropped == {"malformed": 3}


def test_a_port_that_nobody_listens_at(couple, make):
    """The radio goes on, and the next one who binds there hears it."""
    radio, dish = couple()
    url = dish.last_endpoint.decode()
    dish.close()
    for _ in range(5):
        radio.send(b"lost", group="g")
        until(lambda: radio.peers()[0].queued_out == 0)
    dish = make(zmq.DISH, bind=url)
    dish.join("g")
    radio.send(b"found", group="g")
    assert dish.recv() == b"found"


@pytest.mark.parametrize("undo", ["unbind", "close"])
def test_the_port_is_free_at_once(make, couple, undo):
    """For a socket of the system's that shares it with nobody."""
    _, dish = couple()
    url = dish.last_endpoint.decode()
    dish.unbind(url) if undo == "unbind" else dish.close()
    with net.socket(net.AF_INET, net.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", int(url.rpartition(":")[2])))


def test_what_was_sent_before_close_arrives(couple):
    """All of it: the system takes datagrams at once."""
    radio, dish = couple()
    for number in range(100):
        radio.send(b"%d" % number, group="g")
    radio.close()
    assert [dish.recv() for _ in range(100)] == [b"%d" % number for number in range(100)]


def test_linger_0_drops_what_was_not_sent_yet(couple):
    """It was only queued, as the hub had no turn."""
    radio, dish = couple(radio={"linger": 0})
    radio.send(b"x", group="g")
    radio.close()
    must_not_recv(dish)


def test_a_full_dish_stops_reading_and_goes_on(couple):
    """Its queue holds RCVHWM messages and a turn's worth; the rest waits with the system, and is not lost here."""
    radio, dish = couple(rcvhwm=10)
    for number in range(200):
        radio.send(b"%d" % number, group="g")
    until(lambda: dish.peers()[0].queued_in >= 10)
    gevent.sleep(0.02)
    assert dish.peers()[0].queued_in < 200
    assert [dish.recv() for _ in range(200)] == [b"%d" % number for number in range(200)]


def test_a_radio_that_does_not_let_the_hub_run_loses_nothing(couple):
    """It gives way before it drops."""
    radio, dish = couple(radio={"sndhwm": 10})
    for number in range(100):
        radio.send(b"%d" % number, group="g")
    assert [dish.recv() for _ in range(100)] == [b"%d" % number for number in range(100)]
    assert radio.peers()[0].dropped == {}


def test_a_radio_in_a_tight_loop_drops_nothing_itself(couple):
    """What it sends in its turn leaves before the next; what the system then drops is not ours."""
    radio, _ = couple()
    for _ in range(5000):
        radio.send(b"x", group="g")
    gevent.sleep(0.01)
    (peer,) = radio.peers()
    assert (peer.messages_out, peer.dropped) == (5000, {})


def test_a_radio_disconnects(couple):
    """What it sends then goes nowhere."""
    radio, dish = couple()
    radio.disconnect(dish.last_endpoint)
    radio.send(b"x", group="g")
    assert radio.peers() == []
    must_not_recv(dish)


def test_a_poller_and_the_events_of_udp(couple):
    """POLLIN; the listener, and its end."""
    radio, dish = couple()
    assert dish.poll(0) == 0
    radio.send(b"x", group="g")
    assert dish.poll(5000) == zmq.POLLIN
    events = dish.events()
    dish.unbind(dish.last_endpoint)
    assert next(events).event == zmq.EVENT_CLOSED


def test_peers_of_udp_are_endpoints(couple):
    """With what went there."""
    radio, dish = couple()
    radio.send(b"body", group="g")
    dish.recv()
    sent, received = radio.peers()[0], dish.peers()[0]
    assert (sent.endpoint, sent.connected, sent.messages_out, sent.bytes_out) == (
        dish.last_endpoint.decode(), True, 1, 6,
    )  # fmt: skip
    assert (received.messages_in, received.bytes_in) == (1, 6)


# -- multicast ---------------------------------------------------------------------------------------------------------


def test_a_multicast_arrives_everywhere(make, couple, multicast):
    """Two dishes of one host share the port, and each gets all."""
    radio, dish = couple(multicast)
    other = make(zmq.DISH, bind=dish.last_endpoint)
    other.join("g")
    radio.send(b"x", group="g")
    assert (dish.recv(), other.recv()) == (b"x", b"x")


def test_multicast_loop_0_keeps_it_from_this_host(couple):
    """MULTICAST_LOOP of the radio; not by the loopback interface, which is nothing but this host."""
    skip_without_multicast("")
    radio, dish = couple(f"udp://{GROUP4}:*", radio={"multicast_loop": 0})
    radio.send(b"x", group="g")
    must_not_recv(dish)


def test_a_dish_hears_no_other_multicast(make, couple):
    """Another group at the same port, which somebody else of this host has joined."""
    skip_without_multicast("lo")
    radio, dish = couple(f"udp://lo;{GROUP4}:*")
    port = dish.last_endpoint.rpartition(b":")[2].decode()
    other = make(zmq.DISH, bind=f"udp://lo;239.192.7.8:{port}")
    other.join("g")
    radio.send(b"x", group="g")
    assert dish.recv() == b"x"
    must_not_recv(other)


def test_multicast_of_ipv6(couple):
    """With IPV6; by the system's own choice of the interface."""
    with net.socket(net.AF_INET6, net.SOCK_DGRAM) as probe:
        try:
            probe.connect((GROUP6, 5555))
        except OSError as error:
            pytest.skip(f"this machine has no route for IPv6 multicast: {error}")
    radio, dish = couple(f"udp://[{GROUP6}]:*", radio={"ipv6": 1}, ipv6=1)
    radio.send(b"x", group="g")
    assert dish.recv() == b"x"


def test_unicast_of_ipv6(couple):
    """With IPV6."""
    radio, dish = couple("udp://[::1]:*", radio={"ipv6": 1}, ipv6=1)
    radio.send(b"x", group="g")
    assert dish.recv() == b"x"


@pytest.mark.parametrize(
    "url, code",
    [
        (f"udp://nosuch0;{GROUP4}:5555", errno.ENODEV),
        ("udp://nosuch0:5555", errno.ENODEV),
        ("udp://[::1]:5555", errno.ENODEV),
        ("udp://192.0.2.77:5555", errno.EADDRNOTAVAIL),
    ],
)
def test_where_no_dish_can_bind(make, url, code):
    """No such interface, IPv6 without the option, an address that is not ours."""
    assert refuses(code, make(zmq.DISH).bind, url)


@pytest.mark.parametrize("url", ["udp://no.such.host.invalid:5555", "udp://[::1]:5555"])
def test_where_no_radio_can_connect(make, url):
    """EINVAL."""
    assert refuses(errno.EINVAL, make(zmq.RADIO).connect, url)


@pytest.mark.parametrize("kind", [kind for kind in zmq.SocketType if kind != zmq.STREAM])
@pytest.mark.parametrize("verb", ["bind", "connect"])
def test_who_can_use_udp(make, kind, verb):
    """RADIO connects, DISH and DGRAM bind; all else is ENOCOMPATPROTO."""
    call = getattr(make(kind), verb)
    if (kind, verb) in ((zmq.RADIO, "connect"), (zmq.DISH, "bind"), (zmq.DGRAM, "bind")):
        call("udp://127.0.0.1:*" if verb == "bind" else "udp://127.0.0.1:9")
    else:
        assert refuses(zmq.ENOCOMPATPROTO, call, "udp://127.0.0.1:9")


@pytest.mark.parametrize("kind, verb", [(zmq.RADIO, "connect"), (zmq.DISH, "bind"), (zmq.DGRAM, "bind")])
def test_nothing_is_protected_over_udp(make, kind, verb):
    """EINVAL for a socket that asks for it, rather than datagrams in the clear."""
    socket = make(kind, plain_username=b"anna", plain_password=b"secret")
    assert refuses(errno.EINVAL, getattr(socket, verb), "udp://127.0.0.1:5555")


# -- options on the descriptor -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hops, loop", [(1, 1), (3, 0)])
def test_multicast_options_of_a_radio(couple, hops, loop):
    """MULTICAST_HOPS and MULTICAST_LOOP, and the interface of the endpoint."""
    radio, _ = couple(f"udp://lo;{GROUP4}:*", radio={"multicast_hops": hops, "multicast_loop": loop})
    with fd_of(radio) as sock:
        assert sock.getsockopt(net.IPPROTO_IP, net.IP_MULTICAST_TTL) == hops
        assert sock.getsockopt(net.IPPROTO_IP, net.IP_MULTICAST_LOOP) == loop
        assert sock.getsockopt(net.IPPROTO_IP, net.IP_MULTICAST_IF, 4) == net.inet_aton("127.0.0.1")


def test_multicast_options_of_ipv6(make):
    """The same over IPv6, where the interface is a number."""
    options = {"ipv6": 1, "multicast_hops": 5, "multicast_loop": 0}
    radio = make(zmq.RADIO, connect=f"udp://lo;[{GROUP6}]:5555", **options)
    with fd_of(radio) as sock:
        assert sock.getsockopt(net.IPPROTO_IPV6, net.IPV6_MULTICAST_HOPS) == 5
        assert sock.getsockopt(net.IPPROTO_IPV6, net.IPV6_MULTICAST_LOOP) == 0
        assert sock.getsockopt(net.IPPROTO_IPV6, net.IPV6_MULTICAST_IF) == net.if_nametoindex("lo")


@pytest.mark.parametrize("kind", [zmq.RADIO, zmq.DISH, zmq.DGRAM])
def test_the_options_of_every_descriptor(make, kind):
    """SNDBUF, RCVBUF (the system doubles them), TOS, PRIORITY."""
    options = {"sndbuf": 20_000, "rcvbuf": 30_000, "tos": 0x20, "priority": 3}
    end = {"connect": "udp://127.0.0.1:9"} if kind == zmq.RADIO else {"bind": "udp://127.0.0.1:*"}
    with fd_of(make(kind, **end, **options)) as sock:
        assert sock.getsockopt(net.SOL_SOCKET, net.SO_SNDBUF) == 40_000
        assert sock.getsockopt(net.SOL_SOCKET, net.SO_RCVBUF) == 60_000
        assert sock.getsockopt(net.IPPROTO_IP, net.IP_TOS) == 0x20
        assert sock.getsockopt(net.SOL_SOCKET, net.SO_PRIORITY) == 3


@pytest.mark.parametrize("url, reuse_port", [("udp://127.0.0.1:*", 0), (f"udp://lo;{GROUP4}:*", 1)])
def test_who_shares_a_port(couple, url, reuse_port):
    """SO_REUSEADDR for all who bind, SO_REUSEPORT for multicasts, as in libzmq."""
    _, dish = couple(url)
    with fd_of(dish) as sock:
        assert sock.getsockopt(net.SOL_SOCKET, net.SO_REUSEADDR) == 1
        assert sock.getsockopt(net.SOL_SOCKET, net.SO_REUSEPORT) == reuse_port


def test_bindtodevice(make):
    """On the descriptor, where the process may."""
    try:
        dish = make(zmq.DISH, bindtodevice=b"lo", bind="udp://127.0.0.1:*")
    except zmq.ZMQError as error:
        assert error.errno == errno.EPERM
        pytest.skip("BINDTODEVICE needs a privilege here")
    with fd_of(dish) as sock:
        assert sock.getsockopt(net.SOL_SOCKET, net.SO_BINDTODEVICE, 16).rstrip(b"\0") == b"lo"


def test_descriptors_do_not_reach_children(couple):
    """Close-on-exec."""
    for socket in couple():
        (pipe,) = socket._core.pipes
        assert not os.get_inheritable(pipe.peer.sink.engine.fd)


# -- DGRAM -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(make):
    """Two DGRAMs, and the address of the second."""
    one, other = (make(zmq.DGRAM, bind="udp://127.0.0.1:*") for _ in range(2))
    return one, other, other.last_endpoint.partition(b"//")[2]


@pytest.mark.parametrize("size", [0, 1, 1400, 9000, 65507])
def test_a_datagram_and_its_answer(pair, size):
    """The first frame says where to, or where from, with a NUL at its end as libzmq has it."""
    one, other, address = pair
    one.send_multipart([address, bytes(size)])
    sender, body = other.recv_multipart()
    assert (sender, len(body)) == (one.last_endpoint.partition(b"//")[2] + b"\0", size)
    other.send_multipart([sender, b"answer"])
    assert one.recv_multipart() == [address + b"\0", b"answer"]


def test_frame_by_frame(pair):
    """With SNDMORE and RCVMORE: a DGRAM is not one of the types that libzmq calls thread-safe."""
    one, other, address = pair
    one.send(address, zmq.SNDMORE)
    one.send(b"body")
    other.recv()
    assert (other.rcvmore, other.recv(), other.rcvmore, other.thread_safe) == (1, b"body", 0, 0)


def test_frames_that_are_not_copied(pair):
    """Both, and what becomes of their buffers."""
    one, other, address = pair
    frames = [zmq.Frame(bytearray(data), track=True, copy=False) for data in (address, b"body")]
    tracker = one.send_multipart(frames, track=True)
    del frames
    assert other.recv_multipart()[1] == b"body"
    until(lambda: tracker.done)


def test_what_is_no_datagram(pair):
    """EINVAL, and the next one is whole again; EMSGSIZE beyond what UDP holds."""
    one, other, address = pair
    for frames in ([address], [address, b"x", b"y"], [b"localhost:5555", b"x"], [b"x", b"y"]):
        assert refuses(errno.EINVAL, one.send_multipart, frames)
    one.send(address, zmq.SNDMORE)
    one.send(b"x", zmq.SNDMORE)
    assert refuses(errno.EINVAL, one.send, b"y")
    assert refuses(errno.EMSGSIZE, one.send_multipart, [address, bytes(65508)])
    assert refuses(errno.EINVAL, one.send, b"nowhere", zmq.SNDMORE)
    one.send_multipart([address, b"whole"])
    assert other.recv_multipart()[1] == b"whole"


def test_a_dgram_has_one_endpoint(make):
    """EINVAL for a second; unbound, it may have another."""
    dgram = make(zmq.DGRAM, bind="udp://127.0.0.1:*")
    assert refuses(errno.EINVAL, dgram.bind, "udp://127.0.0.1:*")
    dgram.unbind(dgram.last_endpoint)
    dgram.bind("udp://127.0.0.1:*")


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:*", "ipc://*", "inproc://dgram"])
def test_a_dgram_is_for_udp(make, url):
    """ENOCOMPATPROTO."""
    assert refuses(zmq.ENOCOMPATPROTO, make(zmq.DGRAM).bind, url)


def test_a_dgram_that_is_not_bound_waits(make):
    """EAGAIN with DONTWAIT."""
    assert refuses(errno.EAGAIN, make(zmq.DGRAM).send_multipart, [b"127.0.0.1:5555", b"x"], zmq.DONTWAIT)


def test_datagrams_that_the_system_does_not_take_are_counted(pair):
    """To a broadcast address, which needs a permission that nobody asked for."""
    one, other, address = pair
    one.send_multipart([b"255.255.255.255:9", b"x"])
    one.send_multipart([address, b"next"])
    assert other.recv_multipart()[1] == b"next"
    assert one.peers()[0].dropped == {"unsent": 1}


def test_a_program_of_another_kind_is_answered(pair):
    """A socket of the system's sends bytes, and gets bytes."""
    one, _, _ = pair
    host, port = one.last_endpoint.decode().removeprefix("udp://").split(":")
    with net.socket(net.AF_INET, net.SOCK_DGRAM) as sock:
        sock.sendto(b"plain", (host, int(port)))
        sender, body = one.recv_multipart()
        one.send_multipart([sender, body])
        gevent.sleep(0.01)
        sock.settimeout(5)
        assert sock.recv(100) == b"plain"
    assert drain(one) == []
