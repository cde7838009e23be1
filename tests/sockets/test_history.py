"""Claims of attacks that have a history: field notes C1 to C13, each against a bound and a connecting socket.

The oracle is `siege`'s: the victim lives, prints nothing and does not grow, and honest peers go on.
"""

import resource
import sys
from contextlib import suppress
from subprocess import PIPE, Popen

import gevent
import pytest
from gevent.fileobject import FileObjectPosix

import gzmq as zmq

from ..handlers import Handler
from ..zmtp.credentials import CLIENT_KEYS, CURVE_CLIENT, CURVE_SERVER, SERVER_KEYS
from ..zmtp.marriage import (
    command,
    encoded,
    frame,
    frame1,
    greeting1,
    greeting2,
    greeting3,
    header,
    hello3,
    ready,
    signature,
    single,
    unversioned,
)
from .claims import until
from .siege import MB, SILENT, shake_hands

HELLO = hello3("PUSH")
#: What the two sides of each mechanism set.
SERVER = {
    "PLAIN": {"plain_server": 1},
    "CURVE": {"curve_server": 1, "curve_secretkey": SERVER_KEYS[1]},
}
CLIENT = {
    "PLAIN": {"plain_username": b"anna", "plain_password": b"pw"},
    "CURVE": {
        "curve_publickey": CLIENT_KEYS[0], "curve_secretkey": CLIENT_KEYS[1], "curve_serverkey": SERVER_KEYS[0],
    },
}  # fmt: skip


@pytest.fixture
def guarded(siege, role, context):
    """A bound server, or a connecting client, of a mechanism: ``guarded("CURVE")``."""

    def guarded(mechanism):
        sides = [SERVER[mechanism], CLIENT[mechanism]]
        made.append(Handler(context))
        return siege(zmq.PULL, *(sides if role == "bound" else sides[::-1]))

    made = []
    return guarded


def enemy(role, **config):
    """The other side of a CURVE handshake, without I/O."""
    return single("PUSH", security=CURVE_CLIENT if role == "bound" else CURVE_SERVER, **config)


def test_c1_a_length_near_2_64_then_a_flood(siege):
    """CVE-2019-6250: a large frame of ZMTP 2.0."""
    for size in ((1 << 64) - 1, (1 << 64) - 9, 1 << 63):
        siege().refuses(greeting2("PUSH") + header(size) + b"A" * MB)


@pytest.mark.parametrize("hello", [b"", unversioned(), greeting1("PUSH")], ids=["first", "unversioned", "1.0"])
def test_c2_a_length_of_1_0_that_wraps(siege, hello):
    """libzmq 1488."""
    siege().refuses(hello + b"\xff" * 8 + b"\xda\x00" + b"x" * 5000)


@pytest.mark.parametrize("size", [257, 60_000])
def test_c3_curve_with_long_metadata(guarded, role, size):
    """CVE-2019-13132: it is a peer as any other."""
    victim = guarded("CURVE")
    connection = enemy(role, metadata={b"X-Long": b"x" * size})
    sock = victim.attack()
    shake_hands(sock, connection)
    sock.sendall(encoded(connection, [b"hello"]))
    assert victim.victim.recv() == b"hello"
    sock.close()


@pytest.fixture
def many_descriptors():
    """As many as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("count", [1, 1000, 10_000])
def test_c4_connections_that_stay_silent(siege, role, many_descriptors, count):
    """CVE-2020-15166: none of them is a peer, and real ones come and go."""
    if many_descriptors < count + 1000:
        pytest.skip(f"the system admits {many_descriptors} descriptors only")
    victim = siege(zmq.ROUTER, {"backlog": 4096})
    victim.most = count * 10_000 + 16 * MB
    args = [sys.executable, "-c", SILENT, role, str(victim.address[1]), str(count)]
    with Popen(args, stdin=PIPE, stdout=PIPE, bufsize=0) as process:
        answers = FileObjectPosix(process.stdout.fileno(), "rb", closefd=False)
        where = answers.readline()
        for _ in range(count * (role == "connecting")):
            victim.victim.connect(f"tcp://127.0.0.1:{int(where)}")
        assert answers.readline() == b"done\n"
        victim.stands()
        made = (1 if role == "bound" else 1 + count) + 1  # those who connect have a pipe from the beginning
        assert len([peer for peer in victim.victim.peers() if peer.connected]) == 2 and victim.pipes <= made
        process.stdin.close()
        process.stdout.close()


def test_c5_a_peer_stops_in_the_middle_of_a_message(siege):
    """CVE-2021-20234: 10 000 times, and nothing stays of it."""
    victim = siege()
    half = HELLO + frame(b"x" * 200, 1) * 3 + header(5000, 1) + b"x" * 100
    with victim.again_and_again() as attack:
        for _ in range(10_000):
            attack(half).close()
    victim.is_alone()
    victim.is_silent()


def test_c6_neither_2_0_nor_3_0(siege):
    """CVE-2021-20235 and -36400: messages over 8192 bytes of an unversioned peer, cut at any place."""
    victim = siege()
    body = b"y" * 9000
    stream = unversioned() + frame1(body)
    for length in [*range(20), *range(20, len(stream), 499), 8191, 8192, 8193, 8194, len(stream) - 1]:
        sock = victim.attack(stream[:length])
        gevent.sleep(0)
        with suppress(OSError):
            sock.sendall(stream[length:])
        assert victim.victim.recv() == body
        sock.close()


@pytest.mark.parametrize("kind", [zmq.PUB, zmq.XPUB])
@pytest.mark.parametrize("as_command", [True, False])
def test_c7_topics_of_several_megabytes(siege, kind, as_command):
    """CVE-2021-20236: SUBSCRIBE and CANCEL of them, again and again."""
    victim = siege(kind)
    victim.victim.limits = zmq.Limits(subscription_bytes=16 * MB)
    topic = b"t" * (4 * MB)
    pair = [command(b"SUBSCRIBE", topic) + command(b"CANCEL", topic), frame(b"\1" + topic) + frame(b"\0" + topic)]
    sock = victim.attack(hello3("SUB"))
    victim.most = 100 * MB  # of 320
    for _ in range(40):
        sock.sendall(pair[not as_command])
    sock.sendall(command(b"SUBSCRIBE", b"last"))
    until(lambda: victim.victim._core.pattern.topics_count == 2, 20)
    sock.close()
    victim.is_alone()
    while victim.victim.events & zmq.POLLIN:
        victim.victim.recv()


@pytest.mark.parametrize("kind", [zmq.PUB, zmq.XPUB])
def test_c8_messages_to_a_publisher_that_never_reads_them(siege, kind):
    """CVE-2021-20237: they cost it no memory."""
    victim = siege(kind, {"rcvhwm": 10})
    with victim.attack(hello3("SUB")) as sock:
        for _ in range(1000):
            sock.sendall(frame(b"\xff" + b"x" * 50_000))
        until(lambda: max(peer.bytes_in for peer in victim.victim.peers()) > 50_000_000, 20)


DOWNGRADES = {
    "unversioned": unversioned() + frame1(b"let me in"),
    "1.0": greeting1("PUSH") + frame1(b"let me in"),
    "2.0": greeting2("PUSH") + frame(b"let me in"),
    "NULL": hello3("PUSH") + frame(b"let me in"),
    "NULL, 3.0": hello3("PUSH", (3, 0)) + frame(b"let me in"),
    "nothing": greeting3(mechanism=b"") + ready("PUSH") + frame(b"let me in"),
    "PLAIN without HELLO": greeting3(mechanism=b"PLAIN") + ready("PUSH") + frame(b"let me in"),
    "PLAIN, only a message": greeting3(mechanism=b"PLAIN") + frame(b"let me in"),
    "PLAIN without a password": greeting3(mechanism=b"PLAIN") + command(b"INITIATE") + frame(b"let me in"),
    "CURVE without HELLO": greeting3(mechanism=b"CURVE") + ready("PUSH") + frame(b"let me in"),
    "CURVE, only a message": greeting3(mechanism=b"CURVE") + frame(b"\x07MESSAGE" + bytes(50)),
}


@pytest.mark.parametrize("mechanism", SERVER)
@pytest.mark.parametrize("data", DOWNGRADES.values(), ids=DOWNGRADES)
def test_c9_a_downgrade_skips_no_authentication(guarded, mechanism, data):
    """CVE-2014-7202 and -9721."""
    victim = guarded(mechanism)
    victim.refuses(data)
    victim.is_silent()


@pytest.mark.parametrize("number", [0, 1])
def test_c10_replayed_commands_of_a_curve_handshake(guarded, role, number):
    """CVE-2014-7203: HELLO and INITIATE, or WELCOME and READY, once more."""
    victim = guarded("CURVE")
    connection = enemy(role)
    sock = victim.attack()
    name, start = {"bound": ((b"HELLO", 3), (b"INITIATE", 10)), "connecting": ((b"WELCOME", 3), (b"READY", 3))}[role][
        number
    ]
    word = next(word for word in shake_hands(sock, connection) if name in word)
    sock.sendall(word[word.index(name) - start :])
    victim.hangs_up_on(sock)
    victim.is_alone()


def test_c10_a_replayed_message(guarded, role):
    """It arrives once, and the second ends the connection."""
    victim = guarded("CURVE")
    connection = enemy(role)
    sock = victim.attack()
    shake_hands(sock, connection)
    sock.sendall(encoded(connection, [b"once"]) * 2)
    victim.hangs_up_on(sock)
    assert victim.victim.recv() == b"once"
    victim.is_silent()


def test_c10_a_recorded_connection(guarded, role):
    """Played anew to the same socket, it gets nowhere."""
    victim = guarded("CURVE")
    connection = enemy(role)
    with victim.attack() as sock:
        words = shake_hands(sock, connection)
        sock.sendall(encoded(connection, [b"hello"]))
        assert victim.victim.recv() == b"hello"
    victim.refuses(b"".join(words) + encoded(connection, [b"hello"]))
    victim.is_silent()


def test_c11_a_handshake_that_stalls_is_ended_by_handshake_ivl(siege):
    """libzmq 1017: after 0 to 63 bytes of greeting; who has shaken hands is left alone (4456, 4076)."""
    victim = siege(zmq.PULL, {"handshake_ivl": 100})
    there = [peer.address for peer in victim.victim.peers()]
    heard = victim.victim.events(zmq.EVENT_DISCONNECTED)
    socks = [victim.attack(HELLO[:length]) for length in range(64)]
    for sock in socks:
        victim.hangs_up_on(sock)
    assert [peer.address for peer in victim.victim.peers()][: len(there)] == there
    assert len([next(heard) for _ in socks]) == len(socks)


def test_c13_endless_more_frames(siege):
    """With no MAXMSGSIZE, an unfinished message still has bounds."""
    victim = siege(zmq.PULL, {"limits": zmq.Limits(message_frames=1000, message_bytes=MB)})
    victim.most += 80 * MB  # one socket's backlog of attackers
    victim.refuses(HELLO + frame(b"x", 1) * 100_000)
    victim.refuses(HELLO + frame(b"x" * 60_000, 1) * 100)


def test_c13_what_is_sent_before_the_handshake(siege):
    """A hundred peers who each nearly say a command of 64 KiB."""
    victim = siege()
    socks = [victim.attack(greeting3() + header(65_536, 4) + b"x" * 65_535) for _ in range(100)]
    assert victim.pipes <= victim._pipes + (len(socks) if victim.role == "connecting" else 0)
    victim.stands()
    for sock in socks:
        sock.close()


def test_a_replayed_greeting_is_no_second_connection(siege):
    """All of a handshake, twice in one connection."""
    siege().refuses(HELLO * 2)


def test_a_greeting_alone_makes_no_peer(siege):
    """Nor does what follows it, until READY has come."""
    victim = siege(zmq.ROUTER)
    socks = [victim.attack(data) for data in (signature(), greeting3(), greeting3() + b"\x04")]
    for sock in socks:
        while b"READY" not in sock.recv(4096)[-64:] and sock is not socks[0]:
            pass
    assert not [peer for peer in victim.victim.peers() if peer.connected][1:]
    for sock in socks:
        sock.close()
