"""Claims of log.handlers and its viewer; pyzmq's handler is the judge of what is published."""

import importlib
import itertools
import logging
import logging.config
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import gevent
import pytest

import gzmq
from gzmq.log.handlers import PUBHandler, TopicLogger

from .sockets.claims import subscribed

ROOT = Path(__file__).parents[1]
_numbers = itertools.count()


@pytest.fixture
def logged():
    """Makes a logger with a handler of a library, and what it publishes: ``logger, handler, pull = logged(gzmq)``."""
    contexts = []

    def logged(lib=gzmq, **options):
        context = lib.Context()
        contexts.append(context)
        pull, push = context.socket(lib.PULL), context.socket(lib.PUSH)
        pull.rcvtimeo = 5000
        pull.bind("inproc://log"), push.connect("inproc://log")
        handler = importlib.import_module(f"{lib.__name__}.log.handlers").PUBHandler(push, **options)
        logger = logging.Logger(f"test-{next(_numbers)}")
        logger.addHandler(handler)
        return logger, handler, pull

    with gevent.Timeout(20):
        yield logged
    for context in contexts:
        context.destroy(linger=0)


def both(logged, use, **options):
    """What a use of a logger and its handler publishes, by gzmq's handler and by pyzmq's."""
    published = []
    for lib in (gzmq, pytest.importorskip("zmq")):
        logger, handler, pull = logged(lib, **options)
        use(logger, handler)
        found = []
        while pull.poll(20):
            found.append(pull.recv_multipart())
        published.append(found)
    return published


@pytest.mark.parametrize("root", ["", "app", "app.part"])
@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
@pytest.mark.parametrize(
    "text", ["plain", "net.tcp::port %d open", "a::b::c", "::no topic", "\N{SNOWMAN}::\N{SNOWMAN}"]
)
def test_a_record_is_published_as_pyzmqs(logged, root, level, text):
    """Topic and text, with the default format of each level."""

    def use(logger, handler):
        getattr(logger, level)(text, *[7] * text.count("%d"))

    ours, theirs = both(logged, use, root_topic=root)
    assert ours == theirs and len(ours) == 1


def test_a_root_topic_may_change(logged):
    """By attribute or method, as text or bytes."""

    def use(logger, handler):
        for value in ("one", b"two"):
            handler.root_topic = value
            logger.info(handler.root_topic)
            handler.setRootTopic(value)
            logger.info(handler.root_topic)

    ours, theirs = both(logged, use)
    assert ours == theirs and len(ours) == 4


def test_a_formatter_is_of_one_level_or_of_all(logged):
    """The later one holds."""

    def use(logger, handler):
        handler.setFormatter(logging.Formatter("all: %(message)s"))
        handler.setFormatter(logging.Formatter("bad: %(message)s"), logging.ERROR)
        logger.info("i"), logger.error("e")

    ours, theirs = both(logged, use)
    assert ours == theirs == [[b"INFO", b"all: i"], [b"ERROR", b"bad: e"]]


def test_a_message_may_be_any_object(logged):
    """It is published as its str()."""
    ours, theirs = both(logged, lambda logger, handler: logger.info(["a", 1]))
    assert ours == theirs == [[b"INFO", b"['a', 1]\n"]]


def test_a_level_of_ones_own_is_published_like_the_next_lower(logged):
    """pyzmq's handler fails at it."""
    logger, _, pull = logged()
    logger.log(25, "notice")
    assert pull.recv_multipart() == [b"Level 25", b"notice\n"]


def test_other_handlers_see_the_record_as_it_was(logged):
    """The topic is cut off a copy."""
    logger, _, _ = logged()
    seen = []
    logger.addFilter(lambda record: seen.append(record) or True)
    logger.info("topic::text")
    assert seen[0].msg == "topic::text"


def test_what_cannot_be_formatted_or_sent_is_reported_as_logging_does(logged, capsys):
    """On stderr; the program goes on."""
    logger, handler, pull = logged()
    logger.info("%d", "no number")
    assert "no number" in capsys.readouterr().err
    handler.socket.close()
    logger.info("into nothing")
    assert "closed" in capsys.readouterr().err
    assert not pull.poll(20)


def test_a_handler_binds_and_closes_a_pub_of_its_own():
    """In the context that it is given."""
    with gevent.Timeout(20), gzmq.Context() as context:
        handler = PUBHandler("inproc://log", context, "root")
        logger = logging.Logger("own")
        logger.addHandler(handler)
        sub = context.socket(gzmq.SUB)
        sub.connect("inproc://log")
        subscribed(handler.socket, sub)
        sub.subscribe("root.INFO")
        logger.info("seen"), logger.debug("not seen")
        assert sub.recv_multipart() == [b"root.INFO", b"seen\n"]
        assert (handler.ctx, handler.socket.socket_type) == (context, gzmq.PUB)
        handler.close()
        assert handler.socket.closed


def test_a_handler_comes_out_of_a_dictionary(logged):
    """logging.config.dictConfig."""
    _, handler, pull = logged()
    name = f"configured-{next(_numbers)}"
    configured = {"class": "gzmq.log.handlers.PUBHandler", "interface_or_socket": handler.socket, "root_topic": "x"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"zmq": configured},
            "loggers": {name: {"handlers": ["zmq"], "level": "DEBUG"}},
        }
    )
    logging.getLogger(name).info("y")
    assert pull.recv_multipart() == [b"x.INFO", b"y\n"]


def test_many_greenlets_log_at_once(logged):
    """Whole messages, in the order of each greenlet."""
    logger, _, pull = logged()
    talk = [gevent.spawn(lambda name=name: [logger.info(f"{name}::{n}") for n in range(500)]) for name in "abc"]
    got = [pull.recv_multipart() for _ in range(1500)]
    gevent.joinall(talk)
    for name in (b"a", b"b", b"c"):
        assert [text for topic, text in got if topic == b"INFO." + name] == [b"%d\n" % n for n in range(500)]


def test_another_thread_may_log(logged):
    """Its records are sent by the socket's own hub."""
    logger, _, pull = logged()
    thread = threading.Thread(target=lambda: [logger.info(number) for number in range(100)])
    thread.start()
    assert [pull.recv_multipart()[1] for _ in range(100)] == [b"%d\n" % number for number in range(100)]
    thread.join()


def test_a_callback_of_the_hub_may_log(logged):
    """It does not wait there, whatever the socket does."""
    logger, _, pull = logged()
    gevent.get_hub().loop.run_callback(logger.info, "from the hub")
    assert pull.recv_multipart() == [b"INFO", b"from the hub\n"]


# -- TopicLogger ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical", "fatal", "exception"])
def test_a_topic_logger_takes_a_topic_first(logged, level):
    """At its own level; pyzmq's logs all of them as critical."""
    _, handler, pull = logged()
    handler.setFormatter(logging.Formatter("%(funcName)s %(message)s"))
    logger = TopicLogger("topics")
    logger.addHandler(handler)
    getattr(logger, level)("net.tcp", "port %d", 7)
    topic, text = pull.recv_multipart()
    name = {"fatal": "CRITICAL", "exception": "ERROR"}.get(level, level.upper())
    assert topic == f"{name}.net.tcp".encode()
    assert text.splitlines()[0] == b"test_a_topic_logger_takes_a_topic_first port 7"


def test_a_topic_loggers_log_takes_level_and_topic(logged):
    """In this order; the record is that of its caller."""
    _, handler, pull = logged()
    logger = TopicLogger("topics")
    logger.addHandler(handler)
    logger.log(logging.DEBUG, "net", "x")
    topic, text = pull.recv_multipart()
    assert topic == b"DEBUG.net" and text.startswith(b"DEBUG test_log.py:")


# -- the viewer -------------------------------------------------------------------------------------------------------


def view(publish, *options):
    """The lines that ``python -m gzmq.log`` prints of messages, before it is interrupted."""
    with gevent.Timeout(30), gzmq.Context() as context:
        pub = context.socket(gzmq.XPUB)
        pub.bind("tcp://127.0.0.1:*")
        command = [sys.executable, "-m", "gzmq.log", pub.last_endpoint.decode(), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        pub.recv()  # its subscription
        for message in publish:
            pub.send_multipart(message)
        lines = [gevent.get_hub().threadpool.apply(process.stdout.readline) for _ in publish]
        process.send_signal(2)
        assert gevent.get_hub().threadpool.apply(process.communicate) == ("", "")
        assert process.returncode == 0
    return lines


@pytest.mark.parametrize(
    "options, line",
    [
        ([], "app.INFO.net | connected\n"),
        (["--separator", ": "], "app.INFO.net: connected\n"),
        (["--color"], "\033[97mapp.INFO.net | connected\033[0m\n"),
        (["-t", "app."], "app.INFO.net | connected\n"),
        (["--timestamp", "--dateformat", "at"], "at app.INFO.net | connected\n"),
    ],
)
def test_the_viewer_shows_topic_and_text(options, line):
    """With what was asked for."""
    assert view([[b"app.INFO.net", b"connected\n"]], *options) == [line]


def test_the_viewer_aligns_topics():
    """Each part in a column as wide as it has been till now."""
    lines = view([[b"app.WARNING.net", b"1"], [b"app.INFO", b"2"]], "--align")
    assert lines == ["app.WARNING.net | 1\n", "app.INFO        | 2\n"]


def test_the_viewer_survives_messages_of_others():
    """One frame, three frames, no text."""
    assert view([[b"alone"], [b"a", b"b", b"c"], [b"t", b"\xff"]]) == [
        "alone | \n",
        "a | bc\n",
        "t | \N{REPLACEMENT CHARACTER}\n",
    ]


def test_the_viewer_says_what_is_wrong_with_an_address():
    """As a command's error, without a traceback."""
    command = [sys.executable, "-m", "gzmq.log", "nowhere"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert ran.returncode == 2 and re.search(r"error: .*nowhere", ran.stderr) and "Traceback" not in ran.stderr


def test_pyzmqs_viewer_shows_gzmqs_log():
    """And the handler is at home on the wire."""
    pytest.importorskip("zmq")
    with gevent.Timeout(30), gzmq.Context() as context:
        pub = context.socket(gzmq.XPUB)
        pub.bind("tcp://127.0.0.1:*")
        logger = logging.Logger("wire")
        logger.addHandler(PUBHandler(pub, root_topic="app"))
        command = [sys.executable, "-u", "-m", "zmq.log", pub.last_endpoint.decode()]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": ""})
        pub.recv()
        logger.info("net::connected")
        assert gevent.get_hub().threadpool.apply(process.stdout.readline) == "app.INFO.net | connected\n"
        process.kill()
        process.communicate()
