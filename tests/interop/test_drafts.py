"""Claims that the draft types speak with those of pyomq, the other implementation that has them, in another process.

Not over udp: its datagrams have a byte in front that libzmq's, and ours, have not.
"""

import gevent
import pytest

import gzmq as zmq

from .claims import address, silent, until
from .frames import body

SIZES = [0, 1, 255, 256, 1 << 16, 1 << 20]
#: (ours, theirs), where both can speak.
TALKING = [("CLIENT", "SERVER"), ("SERVER", "CLIENT"), ("CHANNEL", "CHANNEL"), ("PEER", "PEER")]
ONE_WAY = [("SCATTER", "GATHER"), ("GATHER", "SCATTER"), ("RADIO", "DISH"), ("DISH", "RADIO")]
#: Those whose first word goes to whoever is there.
SPEAK_FIRST = ("CLIENT", "CHANNEL", "SCATTER", "RADIO")
STRANGERS = [("CLIENT", "DEALER"), ("SERVER", "ROUTER"), ("DISH", "PUB"), ("GATHER", "PUSH")]
#: Milliseconds between attempts, so that the tests are quick.
QUICK = {"reconnect_ivl": 20}


def name(pair):
    return "-".join(pair)


def say(socket, label, data):
    """Send a message of ours to a peer or a group."""
    labels = {} if label is None else {socket._core.pattern.label: label}
    socket.send(data, **labels)


def hear(socket):
    """(label, body) of the next message to us."""
    frame = socket.recv(copy=False)
    label = socket._core.pattern.label
    return getattr(frame, label) if label else None, frame.bytes


class Met:
    """One socket of ours and one of theirs, and how either sends to the other for the first time."""

    def __init__(self, ours, theirs, to_them=None, to_us=None):
        self.ours, self.theirs, self.to_them, self.to_us = ours, theirs, to_them, to_us

    def we_say(self, data):
        """Ours to theirs: what they learn of us with it."""
        say(self.ours, self.to_them, data)
        label, received = self.theirs.hear()
        assert received == data
        return label

    def they_say(self, data):
        """The other way."""
        self.theirs.say(self.to_us, data)
        label, received = hear(self.ours)
        assert received == data
        return label


@pytest.fixture
def met(make, omq, we_bind, anywhere):
    """Either side binds: ``met("CLIENT", "SERVER")``. One of the two has said hello, or knows that it is joined."""

    def met(kind, their_kind):
        ours, theirs = make(kind), omq.socket(their_kind)
        if their_kind == "PEER":
            theirs.set(zmq.ROUTING_ID, b"omq")
        if we_bind:
            ours.bind(anywhere)
            theirs.connect(address(ours))
        else:
            theirs.bind(anywhere)
            number = ours.connect_peer(address(theirs)) if kind == "PEER" else ours.connect(address(theirs))
        pair = Met(ours, theirs)
        if kind in ("RADIO", "DISH"):
            tune(pair)
        elif kind == "PEER":
            pair.to_them = meet_peer(ours) if we_bind else number
            pair.to_us = pair.we_say(b"hello")
        elif kind in SPEAK_FIRST:
            pair.to_us = pair.we_say(b"hello")
        else:
            pair.to_them = pair.they_say(b"hello")
        return pair

    return met


def meet_peer(ours):
    """A bound PEER knows who has come by looking; its number is what peers() says."""
    until(lambda: any(peer.connected for peer in ours.peers()))
    (peer,) = ours.peers()
    return int.from_bytes(peer.routing_id, "big")


def tune(pair):
    """The DISH joins "news", and the RADIO says words to it until one arrives."""
    radio_is_ours = pair.ours.can_send
    dish = pair.theirs if radio_is_ours else pair.ours
    pair.to_them, pair.to_us = ("news", None) if radio_is_ours else (None, b"news")
    dish.join("news")

    def heard():
        say(pair.ours, "news", b"?") if radio_is_ours else pair.theirs.say(b"news", b"?")
        return dish.poll(10)

    until(heard)
    say(pair.ours, "news", b"!") if radio_is_ours else pair.theirs.say(b"news", b"!")
    word = None
    while word != b"!":
        label, word = pair.theirs.hear() if radio_is_ours else hear(pair.ours)
        assert label in ("news", b"news")


@pytest.mark.parametrize("kinds", TALKING, ids=name)
def test_messages_of_all_sizes_pass_both_ways(met, kinds):
    """Empty, at the edges of the short and the long frame, larger than a read."""
    pair = met(*kinds)
    for seed, size in enumerate(SIZES, start=2):
        pair.we_say(body(size, seed))
        pair.they_say(body(size, seed + 1))


@pytest.mark.parametrize("kinds", ONE_WAY, ids=name)
def test_messages_of_all_sizes_pass_one_way(met, kinds):
    """The same, from the one that sends."""
    pair = met(*kinds)
    send = pair.we_say if pair.ours.can_send else pair.they_say
    for seed, size in enumerate(SIZES, start=2):
        assert send(body(size, seed)) in (None, "news", b"news")


@pytest.mark.parametrize("kinds", [*TALKING, *ONE_WAY[:2]], ids=name)
def test_many_messages_keep_their_order(met, kinds):
    """None lost, doubled or overtaken."""
    pair = met(*kinds)
    numbers = [b"%d" % number for number in range(300)]
    if pair.ours.can_send:
        for number in numbers:
            say(pair.ours, pair.to_them, number)
        assert [pair.theirs.hear()[1] for _ in numbers] == numbers
    if pair.ours.can_receive:
        for number in numbers:
            pair.theirs.say(pair.to_us, number)
        assert [hear(pair.ours)[1] for _ in numbers] == numbers


@pytest.mark.parametrize("kinds", [("RADIO", "DISH"), ("DISH", "RADIO")], ids=name)
@pytest.mark.parametrize("group", ["g", "g" * 255], ids=len)
def test_groups_are_joined_and_left(met, kinds, group):
    """By JOIN and LEAVE: what is of another group, or of one that was left, does not come."""
    pair = met(*kinds)
    ours_sends = pair.ours.can_send
    dish = pair.theirs if ours_sends else pair.ours

    def radio(of, data):
        say(pair.ours, of, data) if ours_sends else pair.theirs.say(of.encode(), data)

    def arrives(of):
        radio(of, b"?")
        return dish.poll(10)

    def drain():
        while dish.poll(30):
            pair.theirs.hear() if ours_sends else hear(pair.ours)

    dish.join(group)
    until(lambda: arrives(group))
    dish.leave("news")
    until(lambda: not arrives("news") or drain())
    drain()
    radio("news", b"no")
    radio(group[:-1] + "x", b"no")
    radio(group, b"yes")
    label, word = pair.theirs.hear() if ours_sends else hear(pair.ours)
    assert (label if isinstance(label, str) else label.decode(), word) == (group, b"yes")
    assert silent(dish)


def test_each_client_of_theirs_gets_its_own_answer(make, omq, anywhere):
    """Three, by number."""
    server = make("SERVER", bind=anywhere)
    clients = [omq.socket("CLIENT", connect=address(server)) for _ in range(3)]
    for index, client in enumerate(clients):
        client.say(None, b"%d" % index)
    requests = [hear(server) for _ in clients]
    for number, question in reversed(requests):
        say(server, number, b"to " + question)
    assert [client.hear()[1] for client in clients] == [b"to 0", b"to 1", b"to 2"]


def test_our_clients_get_their_own_answers(make, omq, anywhere):
    """The same with their SERVER."""
    server = omq.socket("SERVER", bind=anywhere)
    clients = [make("CLIENT", connect=address(server)) for _ in range(3)]
    for index, client in enumerate(clients):
        client.send(b"%d" % index)
    for number, question in [server.hear() for _ in clients]:
        server.say(number, b"to " + question)
    assert [client.recv() for client in clients] == [b"to 0", b"to 1", b"to 2"]


@pytest.mark.parametrize("kind, theirs", [("CLIENT", "SERVER"), ("CHANNEL", "CHANNEL"), ("SCATTER", "GATHER")])
def test_what_is_queued_goes_to_the_new_process(make, start_omq, anywhere, kind, theirs):
    """They are bound, die, and come back; what was sent meanwhile arrives in order."""
    process = start_omq()
    where = address(process.socket(theirs, bind=anywhere))
    ours = make(kind, connect=where, **QUICK)
    ours.send(b"before")
    until(lambda: ours.peers()[0].connected)
    process.kill()
    until(lambda: not ours.peers()[0].connected)
    for number in range(10):
        ours.send(b"%d" % number)
    socket = start_omq().socket(theirs)
    bind_when_free(socket, where)
    assert [socket.hear()[1] for _ in range(10)] == [b"%d" % number for number in range(10)]


def test_the_new_process_hears_our_groups(make, start_omq, anywhere):
    """A RADIO of theirs that comes back is told again what our DISH has joined."""
    process = start_omq()
    where = address(process.socket("RADIO", bind=anywhere))
    dish = make("DISH", connect=where, **QUICK)
    dish.join("news")
    until(lambda: dish.peers()[0].connected)
    process.kill()
    until(lambda: not dish.peers()[0].connected)
    radio = start_omq().socket("RADIO")
    bind_when_free(radio, where)

    def heard():
        radio.say(b"news", b"again")
        return dish.poll(10)

    until(heard)
    assert hear(dish) == ("news", b"again")


@pytest.mark.parametrize("kind, theirs", [("SERVER", "CLIENT"), ("CHANNEL", "CHANNEL"), ("GATHER", "SCATTER")])
def test_they_find_our_new_socket(make, omq, anywhere, kind, theirs):
    """We are bound, close, and bind again."""
    ours = make(kind, bind=anywhere)
    where = address(ours)
    socket = omq.socket(theirs, connect=where, reconnect_ivl=20)
    socket.say(None, b"before")
    assert hear(ours)[1] == b"before"
    ours.close()
    gevent.sleep(0.1)
    ours = make(kind, bind=where)
    until(lambda: ours.peers())
    socket.say(None, b"after")
    assert hear(ours)[1] == b"after"


def bind_when_free(socket, where):
    """A killed process's port may be taken for a moment."""

    def bound():
        try:
            socket.bind(where)
        except Exception:
            return False
        return True

    until(bound)


# -- strangers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, theirs", [("CLIENT", "DEALER"), ("SERVER", "ROUTER"), ("DISH", "PUB"), ("GATHER", "PUSH")]
)
def test_types_that_do_not_talk_exchange_nothing(make, omq, kind, theirs):
    """Our monitor says that the handshake failed."""
    ours = make(kind, bind="tcp://127.0.0.1:*")
    failed = zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    events = ours.events(failed | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    omq.socket(theirs, connect=address(ours))
    with gevent.Timeout(5):
        assert next(events).event & failed
    assert ours.peers() == []
