"""Claims of CLIENT and SERVER, PEER, CHANNEL, SCATTER and GATHER sockets: messages of one frame."""

import errno

import gevent
import pytest

import gzmq as zmq

from .claims import drain, must_not_recv, refuses, until

#: Who binds, and who connects.
COUPLES = [
    (zmq.SERVER, zmq.CLIENT),
    (zmq.CLIENT, zmq.SERVER),
    (zmq.PEER, zmq.PEER),
    (zmq.CHANNEL, zmq.CHANNEL),
    (zmq.SCATTER, zmq.GATHER),
    (zmq.GATHER, zmq.SCATTER),
]
KINDS = sorted({kind for couple in COUPLES for kind in couple} | {zmq.RADIO, zmq.DISH})
SENDERS = [kind for kind in KINDS if kind not in (zmq.GATHER, zmq.DISH)]


def name(couple):
    return "-".join(kind.name for kind in couple)


def first_to_speak(bound, connected):
    """(speaker, hearer, how the speaker sends): a SERVER cannot begin, and a PEER that has connected can."""
    kinds = (bound.socket_type, connected.socket_type)
    if kinds == (zmq.PEER, zmq.PEER):
        return connected, bound, {"routing_id": number(connected)}
    if zmq.SERVER in kinds or zmq.SCATTER in kinds:
        speaks = zmq.CLIENT if zmq.SERVER in kinds else zmq.SCATTER
        return (bound, connected, {}) if bound.socket_type == speaks else (connected, bound, {})
    return bound, connected, {}


def number(socket):
    """The routing id of the only peer, which a socket that has connected knows at once."""
    (peer,) = socket.peers()
    return int.from_bytes(peer.routing_id, "big")


@pytest.mark.parametrize("couple", COUPLES, ids=name)
@pytest.mark.parametrize("size", [0, 1, 255, 256, 65536, 1 << 20])
def test_a_message_arrives_as_it_was_sent(joined, couple, size):
    """Any size, over any transport, and the answer back to who sent it."""
    speaker, hearer, to = first_to_speak(*joined(*couple))
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    speaker.send(body, **to)
    received = hearer.recv(copy=False)
    assert received.bytes == body
    assert hearer.get(zmq.RCVMORE) == 0
    if speaker.can_receive:
        hearer.send(received)
        assert speaker.recv() == body


@pytest.mark.parametrize("kind", KINDS)
def test_the_type_is_thread_safe(make, kind):
    """THREAD_SAFE reads 1, which means in libzmq: one frame in each message."""
    assert make(kind).thread_safe == 1
    assert make(zmq.DEALER).thread_safe == 0


@pytest.mark.parametrize("kind", SENDERS)
def test_no_multipart_is_sent(make, kind):
    """EINVAL, by SNDMORE and by send_multipart, and nothing of it is kept."""
    socket = make(kind)
    assert refuses(errno.EINVAL, socket.send, b"part", zmq.SNDMORE)
    assert refuses(errno.EINVAL, socket.send_multipart, [b"part", b"part"])
    assert not socket._parts


def test_gather_sends_nothing(make):
    """ENOTSUP, of one frame or more."""
    gather = make(zmq.GATHER)
    for call in (lambda: gather.send(b"x"), lambda: gather.send_multipart([b"x", b"y"])):
        assert refuses(errno.ENOTSUP, call)
    assert refuses(errno.ENOTSUP, make(zmq.SCATTER).recv)


def test_send_multipart_of_one_part(joined):
    """It is a message of one frame; the label goes with it."""
    server, client = joined(zmq.SERVER, zmq.CLIENT)
    client.send_multipart([b"ask"])
    (frame,) = server.recv_multipart(copy=False)
    server.send_multipart([b"answer"], routing_id=frame.routing_id)
    assert client.recv_multipart() == [b"answer"]
    assert client.send_multipart([]) is None


# -- SERVER and its clients --------------------------------------------------------------------------------------------


def test_each_client_gets_its_own_answer(make, anywhere):
    """Three of them, asked in one order and answered in the other."""
    server = make(zmq.SERVER, bind=anywhere)
    clients = [make(zmq.CLIENT, connect=server.last_endpoint) for _ in range(3)]
    for index, client in enumerate(clients):
        client.send(b"%d" % index)
    requests = [server.recv(copy=False) for _ in clients]
    assert len({request.routing_id for request in requests}) == 3
    for request in reversed(requests):
        server.send(b"to " + request.bytes, routing_id=request.routing_id)
    assert [client.recv() for client in clients] == [b"to 0", b"to 1", b"to 2"]


def test_the_ways_to_send_text_json_and_pickles_take_a_routing_id(joined):
    """As pyzmq's pass it on."""
    server, client = joined(zmq.SERVER, zmq.CLIENT)
    client.send(b"hello")
    to = {"routing_id": server.recv(copy=False).routing_id}
    server.send_string("text", **to)
    server.send_json({"a": [1]}, sort_keys=True, **to)
    server.send_pyobj((1, 2), **to)
    server.send_serialized("x", lambda text: [text.encode()], **to)
    assert (client.recv_string(), client.recv_json(), client.recv_pyobj()) == ("text", {"a": [1]}, (1, 2))
    assert client.recv() == b"x"


@pytest.mark.parametrize("to", [{}, {"routing_id": 7}], ids=str)
def test_a_server_sends_to_nobody_it_does_not_know(joined, to):
    """EHOSTUNREACH, at once."""
    server, _ = joined(zmq.SERVER, zmq.CLIENT)
    assert refuses(errno.EHOSTUNREACH, server.send, b"x", **to)


@pytest.mark.parametrize("kind", [zmq.CLIENT, zmq.PUSH, zmq.ROUTER])
@pytest.mark.parametrize("label", [{"routing_id": 5}, {"group": "g"}], ids=str)
def test_a_label_that_means_nothing_is_refused(make, kind, label):
    """EINVAL, rather than be ignored; nothing of a multipart is kept."""
    socket = make(kind)
    assert refuses(errno.EINVAL, socket.send, b"x", **label)
    assert refuses(errno.EINVAL, socket.send_multipart, [b"x", b"y"], **label)
    assert not socket._parts


def test_a_frame_takes_its_label_through_sockets_that_have_none(joined):
    """It is no concern of theirs."""
    push, pull = joined(zmq.PUSH, zmq.PULL)
    frame = zmq.Frame(b"x")
    frame.routing_id, frame.group = 7, "g"
    push.send(frame)
    assert pull.recv(copy=False).labels is None


def test_a_client_that_comes_back_is_another(make, anywhere):
    """The old number is nobody's then."""
    server = make(zmq.SERVER, bind=anywhere)
    numbers = []
    for _ in range(2):
        client = make(zmq.CLIENT, connect=server.last_endpoint)
        client.send(b"hello")
        numbers.append(server.recv(copy=False).routing_id)
        client.close()
        until(lambda: server.peers() == [])
    assert numbers[0] != numbers[1]
    assert refuses(errno.EHOSTUNREACH, server.send, b"x", routing_id=numbers[0])


def test_a_server_that_restarts_is_found(make, tmp_path):
    """What the client sent meanwhile arrives."""
    url = f"ipc://{tmp_path}/s"
    client = make(zmq.CLIENT, connect=url, reconnect_ivl=5)
    for word in (b"1", b"2"):
        client.send(word)
        server = make(zmq.SERVER, bind=url)
        request = server.recv(copy=False)
        server.send(request)
        assert (request.bytes, client.recv()) == (word, word)
        server.close()
        until(lambda: not client.peers()[0].connected)


def test_a_full_client_blocks_the_server_until_it_reads(make, inproc):
    """EAGAIN with DONTWAIT; a waiting sender goes on; another client is served meanwhile."""
    server = make(zmq.SERVER, bind=inproc, sndhwm=1, sndtimeo=-1)
    slow, quick = (make(zmq.CLIENT, connect=inproc, rcvhwm=1) for _ in range(2))
    numbers = []
    for client in (slow, quick):
        client.send(b"hello")
        numbers.append(server.recv(copy=False).routing_id)
    for _ in range(2):
        server.send(b"x", routing_id=numbers[0])
    assert refuses(errno.EAGAIN, server.send, b"x", zmq.DONTWAIT, routing_id=numbers[0])
    sender = gevent.spawn(server.send, b"last", routing_id=numbers[0])
    server.send(b"y", routing_id=numbers[1])
    assert quick.recv() == b"y"
    assert [slow.recv() for _ in range(3)] == [b"x", b"x", b"last"]
    sender.get()


def test_a_sender_that_waits_for_a_client_that_leaves_hears_so(make, inproc):
    """EHOSTUNREACH."""
    server = make(zmq.SERVER, bind=inproc, sndhwm=1, sndtimeo=-1)
    client = make(zmq.CLIENT, connect=inproc, rcvhwm=1)
    client.send(b"hello")
    to = server.recv(copy=False).routing_id
    for _ in range(2):
        server.send(b"x", routing_id=to)
    sender = gevent.spawn(server.send, b"x", routing_id=to)
    gevent.sleep(0)
    client.close()
    assert refuses(errno.EHOSTUNREACH, sender.get)


def test_many_greenlets_know_whose_request_they_have(make, inproc):
    """Each gets the number that goes with its own message."""
    server = make(zmq.SERVER, bind=inproc)
    clients = [make(zmq.CLIENT, connect=inproc) for _ in range(4)]

    def serve():
        while True:
            request = server.recv(copy=False)
            gevent.sleep(0)
            server.send(request.bytes, routing_id=request.routing_id)

    workers = [gevent.spawn(serve) for _ in range(3)]
    for number in range(50):
        for client in clients:
            client.send(b"%d %d" % (clients.index(client), number))
    for client in clients:
        assert sorted(client.recv() for _ in range(50)) == sorted(
            b"%d %d" % (clients.index(client), number) for number in range(50)
        )
    gevent.killall(workers)


def test_disconnect_peer(joined):
    """The peer's connection ends; its number is nobody's then."""
    server, client = joined(zmq.SERVER, zmq.CLIENT)
    client.reconnect_ivl = -1
    client.send(b"hello")
    to = server.recv(copy=False).routing_id
    server.disconnect_peer(to)
    assert server.peers() == []
    assert refuses(errno.EHOSTUNREACH, server.disconnect_peer, to)


def test_notices_come_with_the_number_of_who_they_are_about(make):
    """DISCONNECT_MSG of a SERVER, HELLO_MSG of its client; the client hears of the end by HICCUP_MSG."""
    server = make(zmq.SERVER, disconnect_msg=b"gone", bind="tcp://127.0.0.1:*")
    client = make(zmq.CLIENT, hello_msg=b"hello", hiccup_msg=b"hiccup", connect=server.last_endpoint)
    hello = server.recv(copy=False)
    assert hello.bytes == b"hello"
    server.disconnect_peer(hello.routing_id)
    assert client.recv() == b"hiccup"
    again = server.recv(copy=False)
    client.close()
    gone = server.recv(copy=False)
    assert (gone.bytes, gone.routing_id) == (b"gone", again.routing_id)


@pytest.mark.parametrize("kind", [zmq.CLIENT, zmq.DEALER, zmq.CHANNEL])
def test_only_server_and_peer_know_peers_by_number(make, kind):
    """ENOTSUP."""
    assert refuses(errno.ENOTSUP, make(kind).disconnect_peer, 1)
    assert refuses(errno.ENOTSUP, make(kind).connect_peer, "inproc://nobody")


# -- PEER --------------------------------------------------------------------------------------------------------------


def test_connect_peer_says_the_number_at_once(make, anywhere):
    """Messages may go there before the connection is made; the other side learns ours from what it receives."""
    bound = make(zmq.PEER, bind=anywhere)
    peer = make(zmq.PEER)
    number = peer.connect_peer(bound.last_endpoint)
    peer.send(b"hello", routing_id=number)
    received = bound.recv(copy=False)
    bound.send(b"and back", routing_id=received.routing_id)
    answer = peer.recv(copy=False)
    assert (answer.bytes, answer.routing_id) == (b"and back", number)


def test_connect_peer_to_two(make):
    """Two numbers, and each message goes where it was sent."""
    peer = make(zmq.PEER)
    bound = [make(zmq.PEER, bind="tcp://127.0.0.1:*") for _ in range(2)]
    numbers = [peer.connect_peer(each.last_endpoint) for each in bound]
    for number in numbers:
        peer.send(b"%d" % number, routing_id=number)
    assert [each.recv() for each in bound] == [b"%d" % number for number in numbers]


def test_connect_peer_with_immediate(make, inproc):
    """EFAULT, as in libzmq: there is no pipe to number yet."""
    assert refuses(errno.EFAULT, make(zmq.PEER, immediate=1).connect_peer, inproc)


def test_a_peer_that_was_disconnected_by_number(make):
    """It is told, and the endpoint can be disconnected as well."""
    bound = make(zmq.PEER, bind="tcp://127.0.0.1:*")
    peer = make(zmq.PEER)
    number = peer.connect_peer(bound.last_endpoint)
    peer.send(b"hello", routing_id=number)
    bound.recv()
    peer.disconnect_peer(number)
    until(lambda: bound.peers() == [])
    peer.disconnect(bound.last_endpoint)


# -- CHANNEL, SCATTER, GATHER ------------------------------------------------------------------------------------------


def test_a_channel_has_one_peer(make, anywhere):
    """52/CHANNEL: "MAY be connected to at most one CHANNEL peer"."""
    channel = make(zmq.CHANNEL, bind=anywhere)
    first = make(zmq.CHANNEL, connect=channel.last_endpoint)
    channel.send(b"1")
    assert first.recv() == b"1"
    second = make(zmq.CHANNEL, connect=channel.last_endpoint)
    channel.send(b"2")
    assert first.recv() == b"2"
    must_not_recv(second)


def test_work_is_scattered_in_turn_and_gathered(make, inproc):
    """49/SCATTERGATHER: round robin."""
    scatter = make(zmq.SCATTER, bind=inproc)
    gathers = [make(zmq.GATHER, connect=inproc) for _ in range(3)]
    for number in range(6):
        scatter.send(b"%d" % number)
    assert [drain(gather) for gather in gathers] == [[[b"0"], [b"3"]], [[b"1"], [b"4"]], [[b"2"], [b"5"]]]


@pytest.mark.parametrize("kind", [zmq.SCATTER, zmq.CLIENT, zmq.CHANNEL])
def test_nobody_there_to_send_to(make, inproc, kind):
    """EAGAIN; a poller sees no POLLOUT."""
    socket = make(kind, bind=inproc)
    assert refuses(errno.EAGAIN, socket.send, b"x", zmq.DONTWAIT)
    assert socket.poll(0, zmq.POLLOUT) == 0


@pytest.mark.parametrize("couple", COUPLES, ids=name)
def test_a_poller_sees_what_is_there(joined, couple):
    """POLLIN once something has come, none after it was read."""
    speaker, hearer, to = first_to_speak(*joined(*couple))
    poller = zmq.Poller()
    poller.register(hearer, zmq.POLLIN)
    assert poller.poll(0) == []
    speaker.send(b"x", **to)
    assert poller.poll(5000) == [(hearer, zmq.POLLIN)]
    hearer.recv()
    assert poller.poll(0) == []


def test_a_proxy_between_scatter_and_gather(make, context):
    """GATHER in front, SCATTER behind."""
    front, back = make(zmq.GATHER, bind="inproc://front"), make(zmq.SCATTER, bind="inproc://back")
    runner = gevent.spawn(zmq.proxy, front, back)
    source, sink = make(zmq.SCATTER, connect="inproc://front"), make(zmq.GATHER, connect="inproc://back")
    source.send(b"through")
    assert sink.recv() == b"through"
    runner.kill()


@pytest.mark.parametrize("couple", COUPLES, ids=name)
def test_who_is_at_the_other_end(make, couple):
    """The monitor tells of the handshake, peers() of the type."""
    bound = make(couple[0], bind="tcp://127.0.0.1:*")
    events = bound.events(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    make(couple[1], connect=bound.last_endpoint)
    with gevent.Timeout(5):
        assert next(events).event == zmq.EVENT_HANDSHAKE_SUCCEEDED
    assert [peer.socket_type for peer in bound.peers()] == [couple[1].name]


@pytest.mark.parametrize("other", [zmq.DEALER, zmq.PUSH, zmq.CLIENT])
def test_an_older_type_is_no_peer(make, inproc, other):
    """Over inproc the connect says so."""
    make(zmq.CHANNEL, bind=inproc)
    assert refuses(errno.EPROTO, make(other).connect, inproc)


def test_drafts_are_there():
    """pyzmq's two ways to ask."""
    assert zmq.has("draft") is True
    assert zmq.DRAFT_API is True
