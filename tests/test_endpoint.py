"""Claims of gzmq.endpoint."""

import errno
import os
import sys

import pytest

from gzmq.endpoint import Inproc, Ipc, Tcp, parse
from gzmq.error import ZMQError

VERBS = ["bind", "connect"]
#: What only the system can say, when the endpoint is opened.
SYSTEM = {errno.ENODEV, errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.ENOENT, errno.EACCES}


def code(call, *args):
    """The errno of a call, 0 when it succeeds."""
    try:
        call(*args)
    except Exception as error:
        return error.errno
    return 0


def refusal(text, verb):
    with pytest.raises(ZMQError) as caught:
        parse(text, verb)
    return caught.value


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "address, host, port",
    [
        ("127.0.0.1:5555", "127.0.0.1", 5555),
        ("127.0.0.1:05555", "127.0.0.1", 5555),
        ("127.0.0.1:65535", "127.0.0.1", 65535),
        ("127.0.0.1:0", "127.0.0.1", 0),
        ("[::1]:5555", "::1", 5555),
        ("::1:5555", "::1", 5555),
        ("[127.0.0.1]:5555", "127.0.0.1", 5555),
        ("[fe80::1%eth0]:5", "fe80::1%eth0", 5),
        ("eth0:5555", "eth0", 5555),
        ("some-host.example:5555", "some-host.example", 5555),
    ],
)
def test_tcp_is_host_and_port(verb, address, host, port):
    """Brackets are taken off, the port is what follows the last colon."""
    assert parse(f"tcp://{address}", verb) == Tcp(f"tcp://{address}", host, port)


@pytest.mark.parametrize("address, host", [("*:*", "*"), ("*:0", "*"), ("127.0.0.1:*", "127.0.0.1"), ("[*]:*", "*")])
def test_bind_has_wildcards(address, host):
    """An address * is kept, a port * is 0."""
    endpoint = parse(f"tcp://{address}", "bind")
    assert (endpoint.host, endpoint.port) == (host, 0)


@pytest.mark.parametrize("address", ["*:5555", "*:*", "127.0.0.1:*", "[*]:5555"])
def test_connect_has_no_wildcards(address):
    """EINVAL."""
    assert refusal(f"tcp://{address}", "connect").errno == errno.EINVAL


@pytest.mark.parametrize(
    "source, host, port",
    [
        ("127.0.0.2", "127.0.0.2", 0),
        ("127.0.0.2:0", "127.0.0.2", 0),
        ("127.0.0.2:*", "127.0.0.2", 0),
        ("127.0.0.2:7000", "127.0.0.2", 7000),
        ("[::1]", "::1", 0),
        ("[::1]:7000", "::1", 7000),
        ("eth0:0", "eth0", 0),
        ("*", "*", 0),
        ("*:7000", "*", 7000),
    ],
)
def test_a_source_to_connect_from(source, host, port):
    """source;destination."""
    text = f"tcp://{source};[::1]:5555"
    assert parse(text, "connect") == Tcp(text, "::1", 5555, host, port)


@pytest.mark.parametrize(
    "source", ["", ":0", "a b", "a;b", "127.0.0.2:x", "127.0.0.2:", "127.0.0.2:99999", "::1", "[::1"]
)
def test_a_source_that_is_none(source):
    """EINVAL."""
    assert refusal(f"tcp://{source};127.0.0.1:5555", "connect").errno == errno.EINVAL


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "port", ["", "abc", "65536", "99999", "-1", "+5", " 5", "5 ", "5x", "0x5", "00", "\u00b2", "\u0665", "9" * 5000]
)
def test_a_port_that_is_none(verb, port):
    """EINVAL, whatever int() makes of it."""
    assert refusal(f"tcp://127.0.0.1:{port}", verb).errno == errno.EINVAL


@pytest.mark.parametrize("host", ["a b", "a/b", "a,b", "a@b", "-a", ".a", "_a", "a!", "\u00e4", "a\n"])
def test_characters_that_no_host_has(host):
    """EINVAL to connect; to bind it may be an interface."""
    assert refusal(f"tcp://{host}:5555", "connect").errno == errno.EINVAL
    assert parse(f"tcp://{host}:5555", "bind").host == host


@pytest.mark.parametrize("host", ["[::1", "::1]", "[[::1]]", "a:b", ":", "[a:b]"])
def test_what_looks_like_ipv6_is_ipv6(host):
    """ENODEV to bind, EINVAL to connect."""
    assert refusal(f"tcp://{host}:5555", "bind").errno == errno.ENODEV
    assert refusal(f"tcp://{host}:5555", "connect").errno == errno.EINVAL


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "path", ["*", "@name", "/tmp/s", "relative", "/tmp/\u00e4", "*x", "/" + "x" * 106, "@" + "x" * 106]
)
def test_ipc_is_a_path(verb, path):
    """As it is, up to 107 bytes."""
    assert parse(f"ipc://{path}", verb) == Ipc(f"ipc://{path}", path)


@pytest.mark.parametrize("path", ["/" + "x" * 107, "@" + "x" * 107, "/" + "\u00e4" * 54])
def test_a_long_path(path):
    """ENAMETOOLONG, by bytes."""
    assert refusal(f"ipc://{path}", "bind").errno == errno.ENAMETOOLONG


@pytest.mark.parametrize("name", ["a", "*", "a b/c:d", "x" * 300])
def test_inproc_is_any_name(name):
    """Nothing is forbidden in it."""
    assert parse(f"inproc://{name}", "bind") == Inproc(f"inproc://{name}", name)


@pytest.mark.parametrize("text", ["tcp://*:*", "tcp://[::1]:05", "ipc://*", "inproc://a"])
def test_str_is_what_the_user_wrote(text):
    """Also of bytes."""
    assert str(parse(text, "bind")) == str(parse(text.encode(), "bind")) == text


@pytest.mark.parametrize("text, scheme", [("tcp://*:*", "tcp"), ("ipc://*", "ipc"), ("inproc://a", "inproc")])
def test_an_endpoint_knows_its_scheme(text, scheme):
    """It is the key of the table of transports."""
    assert parse(text, "bind").scheme == scheme


def test_an_endpoint_cannot_be_changed():
    """And so can be a key itself."""
    endpoint = parse("tcp://*:*", "bind")
    with pytest.raises(AttributeError):
        endpoint.port = 5
    assert {endpoint: 1}[parse("tcp://*:*", "bind")] == 1


@pytest.mark.parametrize(
    "text", ["", "nonsense", "tcp:/a:5", "://a", "tcp://", "ipc://", "inproc://", "foo://", "ipc://@"]
)
def test_what_is_no_endpoint(text):
    """EINVAL."""
    assert refusal(text, "bind").errno == errno.EINVAL


@pytest.mark.parametrize(
    "text", ["carrier-pigeon://home", "TCP://127.0.0.1:5", " tcp://127.0.0.1:5", "rudp://127.0.0.1:5"]
)
def test_an_unknown_scheme(text):
    """EPROTONOSUPPORT."""
    assert refusal(text, "connect").errno == errno.EPROTONOSUPPORT


@pytest.mark.parametrize("text", [b"ipc:///\xff", "ipc:///\udcff", "ipc://a\0b", b"inproc://\0"])
def test_what_cannot_be_passed_on(text):
    """Neither UTF-8, nor a C string: EINVAL, in a message that can be printed."""
    error = refusal(text, "bind")
    assert error.errno == errno.EINVAL
    assert str(error).isprintable()


@pytest.mark.parametrize("text", [None, 5, ["tcp://*:*"], bytearray(b"tcp://*:*")])
def test_other_types(text):
    """TypeError, which names the type."""
    with pytest.raises(TypeError, match=type(text).__name__):
        parse(text, "bind")


@pytest.mark.parametrize(
    "verb, text, message",
    [
        ("bind", "tcp://127.0.0.1", "it has no port; write tcp://127.0.0.1:5555, or :* for a free one"),
        ("connect", "tcp://[::1]", "it has no port; write tcp://[::1]:5555"),
        ("bind", "tcp://:5", "it has no host; write tcp://*:5 for every address of this machine"),
        ("bind", "tcp://a;b:5", "a source address is for connect; write tcp://b:5"),
        ("bind", "ipc://", "it has nothing after ://; write ipc:///tmp/name"),
        ("bind", "ipc://@", "it has no name after the @; write ipc://@name"),
    ],
)
def test_messages_say_what_would_be_right(verb, text, message):
    """After what was to be done, with what, and what is wrong."""
    assert str(refusal(text, verb)) == f"cannot {verb} {text}: {message}"


@pytest.fixture(scope="module")
def libzmq(tmp_path_factory):
    """The errno of libzmq's bind and connect, in a folder of its own as ``ipc://*`` leaves a trace."""
    zmq = pytest.importorskip("zmq")
    if "gevent.monkey" in sys.modules and sys.modules["gevent.monkey"].is_module_patched("threading"):
        pytest.skip("libzmq needs threads")
    context = zmq.Context()

    def outcome(verb, text):
        with context.socket(zmq.PUSH) as socket:
            socket.linger = 0
            socket.ipv6 = True
            return code(getattr(socket, verb), text)

    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("libzmq"))
    yield outcome
    os.chdir(before)
    context.destroy(linger=0)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "tcp", "://a", "tcp:/127.0.0.1:5", "foo://", "foo://a", "TCP://127.0.0.1:*", "http://a:5",
        "tcp://", "tcp://:", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:abc", "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:*", "tcp://*:*", "tcp://*:0", "tcp://[::1]:*", "tcp://[127.0.0.1]:*", "tcp://::1:*",
        "tcp://:5555", "tcp://[]:5555", "tcp://*:*:5", "tcp://no-such-interface:5", "tcp://a b:5", "tcp://a/b:5",
        "tcp://-a:5", "tcp://_a:5", "tcp://.a:5", "tcp://a,b:5", "tcp://\u00e4:5", "tcp://;127.0.0.1:5",
        "ipc://", "ipc://*", "ipc://@", "ipc:///no/such/folder/s", "ipc:///" + "x" * 106,
        "ipc:///" + "x" * 107, "ipc://@" + "x" * 107, "inproc://", "inproc://a", "inproc://*",
    ],
)  # fmt: skip
def test_errnos_are_those_of_libzmq(libzmq, verb, text):
    """Where the text alone decides."""
    ours, theirs = code(parse, text, verb), libzmq(verb, text)
    assert ours == theirs or (verb == "bind" and ours == 0 and theirs in SYSTEM)


@pytest.mark.parametrize(
    "verb, text, ours, theirs",
    [
        ("bind", "tcp://127.0.0.1:99999", errno.EINVAL, 0),
        ("connect", "tcp://127.0.0.1:99999", errno.EINVAL, 0),
        ("connect", "tcp://127.0.0.1:5x", errno.EINVAL, 0),
        ("connect", "tcp://[::1]", errno.EINVAL, 0),
        ("connect", "tcp://[::1:5", errno.EINVAL, 0),
        ("connect", "tcp://[*]:5", errno.EINVAL, 0),
        ("bind", "tcp://127.0.0.2:0;127.0.0.1:*", errno.EINVAL, 0),
        ("connect", "tcp://127.0.0.2:x;127.0.0.1:5", errno.EINVAL, 0),
        ("connect", "tcp://*;127.0.0.1:5", 0, errno.EINVAL),
        ("connect", b"ipc:///\xff", errno.EINVAL, 0),
    ],
)
def test_where_gzmq_differs(libzmq, verb, text, ours, theirs):
    """What libzmq reads as something else, or tries for ever, is refused at once; any source may be written *."""
    assert (code(parse, text, verb), libzmq(verb, text)) == (ours, theirs)


# -- udp --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "address, host, port, interface, multicast",
    [
        ("127.0.0.1:5555", "127.0.0.1", 5555, "", False),
        ("host.example:5555", "host.example", 5555, "", False),
        ("[::1]:5555", "::1", 5555, "", False),
        ("239.1.1.1:5555", "239.1.1.1", 5555, "", True),
        ("eth0;239.1.1.1:5555", "239.1.1.1", 5555, "eth0", True),
        ("10.0.0.1;239.1.1.1:5555", "239.1.1.1", 5555, "10.0.0.1", True),
        ("*;239.1.1.1:5555", "239.1.1.1", 5555, "*", True),
        ("eth0;[ff02::1]:5555", "ff02::1", 5555, "eth0", True),
        ("[ff02::1%eth0]:5555", "ff02::1%eth0", 5555, "", True),
    ],
)
def test_a_udp_address_to_bind_or_connect(verb, address, host, port, interface, multicast):
    """A host or a multicast group, and before a semicolon the interface."""
    endpoint = parse(f"udp://{address}", verb)
    assert (endpoint.host, endpoint.port, endpoint.interface) == (host, port, interface)
    assert (endpoint.scheme, endpoint.is_multicast, str(endpoint)) == ("udp", multicast, f"udp://{address}")


@pytest.mark.parametrize(
    "address, host", [("*:5555", "*"), ("*:*", "*"), ("eth0:5555", "eth0"), ("127.0.0.1:0", "127.0.0.1")]
)
def test_a_udp_address_to_bind(address, host):
    """Every address, an interface, any free port."""
    assert parse(f"udp://{address}", "bind").host == host


@pytest.mark.parametrize("address", ["*:5555", "127.0.0.1:*", "127.0.0.1:0", "239.1.1.1:0", ":5555"])
def test_udp_connects_to_no_wildcard(address):
    """EINVAL."""
    assert refusal(f"udp://{address}", "connect").errno == errno.EINVAL


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "address, code",
    [
        ("127.0.0.1", errno.EINVAL),
        ("127.0.0.1:", errno.EINVAL),
        ("127.0.0.1:65536", errno.EINVAL),
        ("127.0.0.1:-1", errno.EINVAL),
        ("eth0;127.0.0.1:5555", errno.EINVAL),
        ("eth0;host:5555", errno.EINVAL),
        ("239.1.1.2;239.1.1.1:5555", errno.EINVAL),
        (";239.1.1.1:5555", errno.ENODEV),
    ],
)
def test_what_is_no_udp_address(verb, address, code):
    """The number is libzmq's."""
    assert refusal(f"udp://{address}", verb).errno == code
