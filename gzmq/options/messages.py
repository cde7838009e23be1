"""The options of queues, waiting and patterns: what a socket does with messages."""

from __future__ import annotations

from .row import ANY, BYTES, FLAG, NAME, NATURAL, NEVER, OR_INFINITE, SOME, SWITCH, TRUTH, Row, truth

_ROUTER = frozenset({"ROUTER"})
_REQ = frozenset({"REQ"})
_PUBLISHERS = frozenset({"PUB", "XPUB"})
_SUBSCRIBERS = frozenset({"SUB", "XSUB"})
_ASKERS = frozenset({"REQ", "DEALER", "ROUTER"})
#: Who may speak at any time: to all peers; to those that connected to it; to those that it connects to.
_GREETERS = frozenset({"DEALER", "ROUTER", "CLIENT", "SERVER", "PEER"})
_ACCEPTERS = frozenset({"ROUTER", "SERVER", "PEER"})
_DIALLERS = frozenset({"DEALER", "CLIENT", "PEER"})
#: What they send are subscriptions, of no use once they have gone.
_LINGERS_NOT = dict.fromkeys(("SUB", "XSUB", "DISH"), 0)


def _switch(name: str, does: str, types: frozenset[str], draft: bool = False) -> Row:
    """It can be set, but not read."""
    return Row(name, does, 0, SWITCH, types=types, readable=False, draft=draft)


def _message(name: str, does: str, types: frozenset[str]) -> Row:
    """A message of one frame that is sent or received by itself; empty: none."""
    return Row(name, does, b"", BYTES, types=types, readable=False, draft=True)


ROWS = [
    Row(
        "HWM",
        "Was the one high-water mark of ZeroMQ 2.",
        missing="it is of ZeroMQ 2; set SNDHWM and RCVHWM, or both by socket.hwm",
    ),
    Row("SNDHWM", "How many messages may wait to be sent to one peer; 0 is no bound.", 1000, NATURAL, "messages"),
    Row("RCVHWM", "How many messages of one peer may wait to be received; 0 is no bound.", 1000, NATURAL, "messages"),
    Row("SNDTIMEO", "How long a send waits for room before it raises Again; -1 is for ever.", -1, OR_INFINITE, "ms"),
    Row(
        "RCVTIMEO",
        "How long a receive waits for a message before it raises Again; -1 is for ever.",
        -1,
        OR_INFINITE,
        "ms",
    ),
    Row(
        "LINGER",
        "How long unsent messages outlive their socket, and `Context.term` waits for them; -1 is for ever.",
        -1,
        OR_INFINITE,
        "ms",
        default_for=_LINGERS_NOT,
    ),
    Row("BLOCKY", "Is an option of the context.", missing="it is an option of the context"),
    Row(
        "MAXMSGSIZE",
        "A connection whose peer sends a larger frame is closed; without it one message may have 1 GiB.",
        -1,
        ANY,
        "bytes; negative: no bound",
        bits=64,
    ),
    Row("CONFLATE", "Keeps the newest message only, on PUSH, PULL, PUB, SUB and DEALER.", 0, FLAG),
    Row("IMMEDIATE", "Queues messages for completed connections only.", 0, FLAG),
    # What the socket itself does or knows.
    Row("TYPE", "The socket's type, as in SocketType.", 0, NEVER, owner="socket"),
    Row("RCVMORE", "Whether the calling greenlet has received part of a message.", 0, NEVER, owner="socket"),
    Row("EVENTS", "What the socket is ready for now: POLLIN, POLLOUT or both.", 0, NEVER, owner="socket"),
    Row(
        "FD",
        "A descriptor for foreign pollers, made when first asked for: readable once EVENTS may have changed.",
        0,
        NEVER,
        "file descriptor",
        owner="socket",
    ),
    Row("LAST_ENDPOINT", "Where the last bind or connect went to, with the real port.", b"", NEVER, owner="socket"),
    Row("THREAD_SAFE", "Whether the type is one of those whose messages have one frame.", 0, NEVER, owner="socket"),
    # Request and reply.
    Row("ROUTING_ID", "What the socket calls itself; ROUTER peers address it by that.", b"", NAME),
    Row(
        "CONNECT_ROUTING_ID",
        "What the socket calls the peer of the next connect.",
        b"",
        SOME,
        types=frozenset({"ROUTER", "STREAM"}),
        readable=False,
    ),
    _switch("PROBE_ROUTER", "Sends an empty message to every new peer, which makes it known to a ROUTER.", _ASKERS),
    _switch(
        "ROUTER_MANDATORY",
        "A message to an unknown peer raises EHOSTUNREACH, one to a full peer waits; else both are dropped.",
        _ROUTER,
    ),
    _switch(
        "ROUTER_HANDOVER",
        "A new peer takes the routing id over from the one that has it; else the new one is refused.",
        _ROUTER,
    ),
    Row(
        "ROUTER_RAW",
        "The ROUTER exchanges bytes instead of messages, as STREAM does. Before the first bind or connect; deprecated.",
        0,
        SWITCH,
        types=_ROUTER,
        owner="socket",
        readable=False,
    ),
    Row(
        "ROUTER_NOTIFY",
        "An empty message tells of tcp and ipc peers that come, that go, or both: a sum of RouterNotify's values.",
        0,
        ("a sum of RouterNotify's values, 0 to 3", lambda value: 0 <= value <= 3),
        types=_ROUTER,
        draft=True,
    ),
    Row(
        "STREAM_NOTIFY",
        "An empty message tells of each connection that begins or ends.",
        1,
        FLAG,
        types=frozenset({"STREAM"}),
        readable=False,
    ),
    _switch("REQ_RELAXED", "A REQ may send again before it has its reply; late replies are dropped.", _REQ),
    _switch("REQ_CORRELATE", "Prefixes requests with a number that the reply must repeat.", _REQ),
    # Publish and subscribe.
    Row(
        "SUBSCRIBE",
        "Asks for messages that begin so; with XPUB_MANUAL, subscribes the peer last heard.",
        b"",
        BYTES,
        types=frozenset({"SUB", *_PUBLISHERS}),
        owner="socket",
        readable=False,
    ),
    Row(
        "UNSUBSCRIBE",
        "Undoes one SUBSCRIBE.",
        b"",
        BYTES,
        types=frozenset({"SUB", *_PUBLISHERS}),
        owner="socket",
        readable=False,
    ),
    Row(
        "TOPICS_COUNT",
        "How many topics are subscribed to.",
        0,
        NEVER,
        "topics",
        types=_PUBLISHERS | _SUBSCRIBERS,
        owner="socket",
    ),
    Row(
        "INVERT_MATCHING",
        "Delivers what matches no subscription; set it on both sides.",
        0,
        TRUTH,
        keep=truth,
    ),
    _switch("XPUB_VERBOSE", "Passes on every subscription, also to a topic that has one.", _PUBLISHERS),
    _switch("XPUB_VERBOSER", "Passes on every subscription and unsubscription.", _PUBLISHERS),
    _switch(
        "XPUB_NODROP",
        "A send waits, or raises Again, where it would drop for a full subscriber.",
        _PUBLISHERS | {"RADIO"},
    ),
    _switch("XPUB_MANUAL", "Subscribes peers only when the application says so by SUBSCRIBE.", _PUBLISHERS),
    Row(
        "XPUB_MANUAL_LAST_VALUE",
        "As XPUB_MANUAL, and what is sent next after a subscription was received goes to that subscriber only.",
        0,
        SWITCH,
        types=_PUBLISHERS,
        owner="socket",
        readable=False,
    ),
    Row(
        "XPUB_WELCOME_MSG",
        "Is sent to every new subscriber; empty for none.",
        b"",
        BYTES,
        types=_PUBLISHERS,
        readable=False,
    ),
    _switch(
        "ONLY_FIRST_SUBSCRIBE",
        "A multipart has subscriptions only if its first frame is one; else any frame may be one.",
        frozenset({"XSUB", *_PUBLISHERS}),
    ),
    _switch(
        "XSUB_VERBOSE_UNSUBSCRIBE", "Sends every unsubscription, also while the topic is needed.", _SUBSCRIBERS, True
    ),
    # Drafts that say something by themselves.
    _message("HELLO_MSG", "Goes ahead of all others to every peer, each time that it connects.", _GREETERS),
    _message("DISCONNECT_MSG", "Is received when a peer that had connected to the socket has gone.", _ACCEPTERS),
    _message("HICCUP_MSG", "Is received when a peer that the socket had connected to has gone.", _DIALLERS),
]
