"""Claims of RADIO and DISH sockets."""

import errno

import gevent
import pytest

import gzmq as zmq

from .claims import drain, must_not_recv, refuses, until


def tuned(radio, dish, group="\1ready"):
    """Wait until what `dish` joins is known to `radio`: send a probe until it arrives, then drop the probes."""
    dish.join(group)
    with gevent.Timeout(5):
        while not dish.poll(5):
            radio.send(b"probe", group=group)
    drain(dish)
    dish.leave(group)
    return radio, dish


@pytest.fixture(params=["radio binds", "dish binds"])
def couple(request, joined):
    """A RADIO and a DISH, over each transport, either bound."""
    if request.param == "radio binds":
        return joined(zmq.RADIO, zmq.DISH)
    return joined(zmq.DISH, zmq.RADIO)[::-1]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65536, 1 << 20])
def test_a_message_of_a_group_arrives(couple, size):
    """Any size, over any transport, with its group."""
    radio, dish = couple
    dish.join("news")
    tuned(radio, dish)
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    radio.send(body, group="news")
    received = dish.recv(copy=False)
    assert (received.bytes, received.group, dish.get(zmq.RCVMORE)) == (body, "news", 0)


@pytest.mark.parametrize("group", ["", "a", "é", "g" * 255], ids=len)
def test_groups_of_any_length(couple, group):
    """0 to 255 bytes, matched exactly."""
    radio, dish = couple
    dish.join(group)
    tuned(radio, dish)
    for other in (group[:-1] + "x", group[:200] + "y"):
        radio.send(b"not this", group=other)
    radio.send(b"this", group=group)
    assert [(frame.bytes, frame.group) for frame in dish.recv_multipart(copy=False)] == [(b"this", group)]
    must_not_recv(dish)


def test_groups_that_were_left_are_heard_no_more(couple):
    """And those that were joined later are."""
    radio, dish = couple
    dish.join("a")
    dish.join(b"b")
    tuned(radio, dish)
    dish.leave("a")
    dish.join("c")
    tuned(radio, dish)
    for group in ("a", "b", "c"):
        radio.send(group.encode(), group=group)
    assert drain(dish) == [[b"b"], [b"c"]]


@pytest.mark.parametrize("call, group", [("join", "a"), ("leave", "b"), ("join", "x" * 256), ("leave", "x" * 256)])
def test_what_a_dish_cannot_join_or_leave(make, call, group):
    """EINVAL: what it has joined, what it has not, too long a name."""
    dish = make(zmq.DISH)
    dish.join("a")
    assert refuses(errno.EINVAL, getattr(dish, call), group)


@pytest.mark.parametrize("group", [5, None, 1.5])
def test_a_group_is_text(make, group):
    """TypeError, to join and to send."""
    with pytest.raises(TypeError):
        make(zmq.DISH).join(group)
    if group is not None:
        with pytest.raises(TypeError):
            make(zmq.RADIO).send(b"x", group=group)


@pytest.mark.parametrize("kind", [zmq.RADIO, zmq.SUB, zmq.CLIENT])
@pytest.mark.parametrize("call", ["join", "leave"])
@pytest.mark.parametrize("group", ["news", "x" * 256], ids=len)
def test_only_a_dish_joins(make, kind, call, group):
    """ENOTSUP, whatever the group."""
    assert refuses(errno.ENOTSUP, getattr(make(kind), call), group)


def test_groups_are_joined_and_left_under_curve(make):
    """JOIN and LEAVE go into boxes, too."""
    pytest.importorskip("nacl")
    (public, secret), (their_public, their_secret) = zmq.curve_keypair(), zmq.curve_keypair()
    radio = make(zmq.RADIO, curve_server=1, curve_secretkey=secret, bind="tcp://127.0.0.1:*")
    dish = make(zmq.DISH, curve_serverkey=public, curve_publickey=their_public, curve_secretkey=their_secret)
    dish.connect(radio.last_endpoint)
    dish.join("left")
    tuned(radio, dish)
    dish.leave("left")
    dish.join("news")
    tuned(radio, dish)
    radio.send(b"no", group="left")
    radio.send(b"yes", group="news")
    assert drain(dish) == [[b"yes"]]


def test_a_frame_has_its_group_with_it(make, inproc):
    """A received one is sent on to the same group; one that was given is sent to that."""
    radio, dish = make(zmq.RADIO, bind=inproc), make(zmq.DISH, connect=inproc)
    dish.join("news")
    radio.send(b"x", group="news")
    radio.send(dish.recv(copy=False))
    assert dish.recv() == b"x"
    frame = zmq.Frame(b"y")
    frame.group = "news"
    radio.send_multipart([frame])
    assert dish.recv() == b"y"


def test_the_ways_to_send_text_json_and_pickles_take_a_group(make, inproc):
    """As pyzmq's pass it on."""
    radio, dish = make(zmq.RADIO, bind=inproc), make(zmq.DISH, connect=inproc)
    dish.join("g")
    radio.send_string("text", group="g")
    radio.send_json([1], group="g")
    radio.send_pyobj((1, 2), group="g")
    radio.send_multipart([b"part"], group=b"g")
    assert (dish.recv_string(), dish.recv_json(), dish.recv_pyobj(), dish.recv()) == ("text", [1], (1, 2), b"part")


def test_a_body_that_is_not_copied(couple):
    """copy=False of a large buffer, to its group; its tracker is done once it has left."""
    radio, dish = couple
    dish.join("g")
    tuned(radio, dish)
    tracker = radio.send(bytearray(200_000), copy=False, track=True, group="g")
    assert dish.recv() == bytes(200_000)
    until(lambda: tracker.done)


def test_a_message_without_a_group_is_of_the_empty_one(make, inproc):
    """Nobody hears it who has not joined that."""
    radio, dish = make(zmq.RADIO, bind=inproc), make(zmq.DISH, connect=inproc)
    radio.send(b"1")
    dish.join("")
    radio.send(b"2")
    assert drain(dish) == [[b"2"]]


def test_each_dish_gets_a_message_once(make, anywhere):
    """Three dishes, three groups, each its own."""
    radio = make(zmq.RADIO, bind=anywhere)
    dishes = [make(zmq.DISH, connect=radio.last_endpoint) for _ in range(3)]
    for index, dish in enumerate(dishes):
        dish.join("all")
        dish.join(f"only {index}")
        tuned(radio, dish)
    for dish in dishes:
        drain(dish)
    radio.send(b"all", group="all")
    radio.send(b"one", group="only 1")
    assert [drain(dish) for dish in dishes] == [[[b"all"]], [[b"all"], [b"one"]], [[b"all"]]]


def test_a_radio_that_restarts_hears_what_was_joined(make, tmp_path):
    """Also what was joined, and not what was left, while it was away."""
    url = f"ipc://{tmp_path}/s"
    dish = make(zmq.DISH, connect=url, reconnect_ivl=5)
    dish.join("kept")
    dish.join("left")
    tuned(make(zmq.RADIO, bind=url), dish)[0].close()
    until(lambda: not dish.peers()[0].connected)
    dish.leave("left")
    dish.join("new")
    radio, _ = tuned(make(zmq.RADIO, bind=url), dish)
    for group in ("left", "kept", "new"):
        radio.send(group.encode(), group=group)
    assert drain(dish) == [[b"kept"], [b"new"]]


def test_a_radio_never_blocks(make, inproc):
    """A dish that does not read misses messages, which is counted; POLLOUT is always there."""
    radio = make(zmq.RADIO, bind=inproc, sndhwm=1)
    dish = make(zmq.DISH, connect=inproc, rcvhwm=1)
    dish.join("g")
    for number in range(10):
        radio.send(b"%d" % number, group="g")
    assert radio.poll(0, zmq.POLLOUT) == zmq.POLLOUT
    assert drain(dish) == [[b"0"], [b"1"]]
    assert radio.peers()[0].dropped == {"hwm": 8}


def test_nodrop(make, inproc):
    """XPUB_NODROP: EAGAIN instead."""
    radio = make(zmq.RADIO, bind=inproc, sndhwm=1, xpub_nodrop=1)
    dish = make(zmq.DISH, connect=inproc, rcvhwm=1)
    dish.join("g")
    for _ in range(2):
        radio.send(b"x", zmq.DONTWAIT, group="g")
    assert refuses(errno.EAGAIN, radio.send, b"x", zmq.DONTWAIT, group="g")
    radio.send(b"x", zmq.DONTWAIT, group="other")


@pytest.mark.parametrize("kind", [zmq.RADIO, zmq.DISH])
@pytest.mark.parametrize("option", [zmq.SUBSCRIBE, zmq.UNSUBSCRIBE])
def test_groups_are_no_subscriptions(make, kind, option):
    """EINVAL."""
    assert refuses(errno.EINVAL, make(kind).set, option, b"news")


def test_a_dish_does_not_linger(make):
    """As a SUB: what it sends is of no use once it has gone."""
    assert (make(zmq.DISH).linger, make(zmq.RADIO).linger) == (0, -1)


def test_the_wrong_direction_is_refused(make):
    """ENOTSUP, of one frame or more."""
    assert refuses(errno.ENOTSUP, make(zmq.RADIO).recv)
    assert refuses(errno.ENOTSUP, make(zmq.DISH).send, b"x")
    assert refuses(errno.ENOTSUP, make(zmq.DISH).send_multipart, [b"x", b"y"])


def test_a_proxy_keeps_groups(make):
    """DISH in front, RADIO behind: what the proxy's dish has joined goes on with its group."""
    front, back = make(zmq.DISH, bind="inproc://front"), make(zmq.RADIO, bind="inproc://back")
    front.join("news")
    runner = gevent.spawn(zmq.proxy, front, back)
    radio, dish = make(zmq.RADIO, connect="inproc://front"), make(zmq.DISH, connect="inproc://back")
    dish.join("news")
    radio.send(b"through", group="news")
    received = dish.recv(copy=False)
    assert (received.bytes, received.group) == (b"through", "news")
    runner.kill()


def test_many_greenlets_know_the_group_of_what_they_have(make, inproc):
    """Each frame has its own."""
    radio, dish = make(zmq.RADIO, bind=inproc), make(zmq.DISH, connect=inproc)
    groups = [f"g{number}" for number in range(20)]
    found = []
    receivers = [gevent.spawn(lambda: found.append(dish.recv(copy=False))) for _ in groups]
    gevent.sleep(0)
    for group in groups:
        dish.join(group)
        radio.send(group.encode(), group=group)
    gevent.joinall(receivers, timeout=5)
    assert [frame.group for frame in found] == [frame.bytes.decode() for frame in found]
    assert sorted(frame.group for frame in found) == sorted(groups)


def test_invert_matching_says_nothing_of_groups(make, inproc):
    """A DISH gets what is of its group and nothing else, whatever INVERT_MATCHING says on either side."""
    radio = make(zmq.RADIO, bind=inproc, invert_matching=1)
    dish = make(zmq.DISH, connect=inproc, invert_matching=1)
    tuned(radio, dish)
    dish.join("news")
    for group in ("other", "news"):
        radio.send(group.encode(), group=group)
    assert dish.recv() == b"news"
    must_not_recv(dish)
