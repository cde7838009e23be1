"""PUB, SUB, XPUB and XSUB: every subscriber gets what it asked for (RFC 29)."""

from __future__ import annotations

import errno
from collections import deque

from ..buffers import parts
from ..error import zmq_error
from .base import FULL, Pattern
from .routing import Distribution, FairQueue
from .subscriptions import Prefixes, Subscriptions

SUBSCRIBE, CANCEL = b"\x01", b"\x00"
_MARKS = (SUBSCRIBE, CANCEL)
#: A message to more pipes than this is not queued for each before it is written.
_MANY = 100


def is_subscription(message):
    """Whether a message to a publisher begins with a frame that subscribes or cancels, not one for its user."""
    return (message if type(message) is bytes else message[0])[:1] in _MARKS


def has_subscriptions(message, only_first):
    """Whether the frames of a message that look like subscriptions are some.

    ONLY_FIRST_SUBSCRIBE: by the first frame alone, as in libzmq; else any frame may be one.
    """
    if (message if type(message) is bytes else message[0])[:1] in _MARKS:
        return True
    return not only_first and any(frame[:1] in _MARKS for frame in parts(message)[1:])


def _is_news(frame, untold):
    """Whether a publisher that has not yet heard of some topics is to hear this now. What it has not heard of need not
    be cancelled, and what it will hear of need not be said before.
    """
    topic = bytes(frame[1:])
    if topic not in untold or not is_subscription([frame]):
        return True
    if frame[:1] == CANCEL:
        del untold[topic]
    return False


class XPub(Pattern):
    """Sends to the pipes whose subscriptions match; its user receives the subscriptions."""

    name = "XPUB"
    prompt = False
    peers = frozenset({"SUB", "XSUB"})

    def __init__(self, socket):
        super().__init__(socket)
        self._subscriptions = Subscriptions()
        self._distribution = Distribution()
        self._pending = deque()  # for the user: [frames]
        self._pending_bytes = 0
        self._manual = deque()  # XPUB_MANUAL: the pipe that each pending message came from
        self._manual_pipe = None
        self._asked = Subscriptions()  # XPUB_MANUAL: what the peers asked for, whatever they got
        self._last_value = False  # XPUB_MANUAL_LAST_VALUE
        self._inverted = self._nodrop = False
        self.options_changed()

    def options_changed(self):
        self._inverted = bool(self.options.invert_matching)
        self._nodrop = bool(self.options.xpub_nodrop)

    def attach(self, pipe):
        self._distribution.attach(pipe)
        if pipe.subscribe_to_all:
            self._subscribe_to_all(pipe)

    def _subscribe_to_all(self, pipe):
        self._subscriptions.add(b"", pipe)

    def ready(self, pipe):
        welcome = self.options.xpub_welcome_msg
        if welcome:
            pipe.send_all([[welcome]])
        return True

    def terminated(self, pipe):
        self._distribution.terminated(pipe)
        if pipe is self._manual_pipe:
            self._manual_pipe = None
        manual = self.options.xpub_manual
        self._forget(pipe, self._subscriptions, lambda gone: gone and not manual)
        self._forget(pipe, self._asked, lambda gone: manual)

    def _forget(self, pipe, subscriptions, heard):
        """A pipe has gone, and with it its topics, of which there may be many; the user is told what is ``heard``."""

        def forget(topic):
            if heard(subscriptions.discard(topic, pipe)):
                self._tell_user(pipe, [CANCEL + topic])

        self.socket.in_slices(subscriptions.part(pipe), forget)

    def read_activated(self, pipe):
        """Subscriptions apply as they arrive, whether or not the user looks at them."""
        while pipe.inbox:
            message = pipe.recv()
            if type(message) is bytes and message[:1] in _MARKS:  # as nearly all are
                if self._subscription(pipe, message):
                    self._tell_user(pipe, [message])
                continue
            message = parts(message)
            if not has_subscriptions(message, self.options.only_first_subscribe):
                self._user_message(pipe, message)
            elif len(message) > 1:
                self._mixed_message(pipe, message)
            elif self._subscription(pipe, message[0]):
                self._tell_user(pipe, message)

    def _subscription(self, pipe, frame):
        """Apply a frame that subscribes or cancels; whether the user is to hear of it."""
        options = self.options
        topic = bytes(frame[1:])
        subscriptions = self._asked if options.xpub_manual else self._subscriptions
        if frame[:1] == SUBSCRIBE:
            exceeded = subscriptions.exceeds(topic, pipe, options.limits)
            if exceeded:
                self.socket.expel(pipe, exceeded)
                return False
            return (
                subscriptions.add(topic, pipe) or options.xpub_verbose or options.xpub_verboser or options.xpub_manual
            )
        gone = subscriptions.discard(topic, pipe)
        return gone is not False or options.xpub_verboser or options.xpub_manual

    def _mixed_message(self, pipe, message):
        """A multipart of subscriptions and more: as in libzmq the user gets all, and a subscription ends a message."""
        frames = []
        for frame in message:
            if frame[:1] not in _MARKS:
                frames.append(frame)
            elif self._subscription(pipe, frame):
                self._tell_user(pipe, [*frames, frame])
                frames = []
            if pipe.closed:
                return
        if frames:
            self._user_message(pipe, frames)

    def _tell_user(self, pipe, message):
        """Who does not listen misses what is beyond the limits, though subscriptions act all the same."""
        limits = self.options.limits
        size = sum(map(len, message))
        if len(self._pending) >= limits.subscriptions or self._pending_bytes + size > limits.subscription_bytes:
            pipe.lose("hwm")
            return
        self._pending.append(message)
        self._pending_bytes += size
        if self.options.xpub_manual:
            self._manual.append(pipe)

    def _user_message(self, pipe, message):
        """An XSUB peer speaks to our user, who gets no more of it than RCVHWM if he does not listen."""
        if not self.options.rcvhwm or len(self._pending) < self.options.rcvhwm:
            self._tell_user(pipe, message)
        else:
            pipe.lose("hwm")

    def set_option(self, name, value):
        """XPUB_MANUAL: SUBSCRIBE and UNSUBSCRIBE act for the peer whose message was received last."""
        if name == "XPUB_MANUAL_LAST_VALUE":
            self._last_value = bool(value)
            self.options.xpub_manual = value
            return True
        if name not in ("SUBSCRIBE", "UNSUBSCRIBE") or not self.options.xpub_manual:
            return False
        if self._manual_pipe is not None:
            if name == "SUBSCRIBE":
                self._subscriptions.add(value, self._manual_pipe)
            else:
                self._subscriptions.discard(value, self._manual_pipe)
        return True

    def recv(self):
        if not self._pending:
            return None
        if self._manual:
            pipe = self._manual.popleft()
            self._manual_pipe = pipe if pipe in self._distribution.pipes else None
        message = self._pending.popleft()
        self._pending_bytes -= sum(map(len, message))
        return message

    def readable(self):
        return bool(self._pending)

    @property
    def topics_count(self):
        """How many different topics are subscribed to: the option TOPICS_COUNT."""
        return len(self._subscriptions)

    def send(self, message):
        pipes = self._subscriptions.match(message if type(message) is bytes else message[0])
        if self._inverted:
            pipes = {pipe: None for pipe in self._distribution.pipes if pipe not in pipes}
        if self._last_value and self._manual_pipe is not None and self.options.xpub_manual:
            return self._send_last_value(message, pipes)
        if self._nodrop:
            return self._distribution.send(message, pipes) if Distribution.has_room(pipes) else FULL
        if len(pipes) > _MANY:
            return self._distribution.share(message, pipes, self.socket)
        return self._distribution.send(message, pipes)

    def hand_out(self):
        self._distribution.hand_out()

    def unreached(self):
        return self._distribution.unreached()

    def _send_last_value(self, message, pipes):
        """XPUB_MANUAL_LAST_VALUE: the first message after a subscription was received is for that subscriber only."""
        pipes = {pipe: None for pipe in pipes if pipe is self._manual_pipe}
        if self._nodrop and not Distribution.has_room(pipes):
            return FULL
        sent = self._distribution.send(message, pipes)
        if sent:
            self._manual_pipe = None
        return sent

    def writable(self):
        return not self._nodrop or Distribution.has_room(self._distribution.pipes)


class Pub(XPub):
    """XPUB whose user does not hear of subscriptions."""

    name = "PUB"
    connects_twice = False
    receives = False
    recv = Pattern.recv
    readable = Pattern.readable

    def _tell_user(self, pipe, message):
        pass


class XSub(Pattern):
    """Receives what its subscriptions match; its user sends the subscriptions."""

    name = "XSUB"
    prompt = False
    peers = frozenset({"PUB", "XPUB"})

    def __init__(self, socket):
        super().__init__(socket)
        self._topics = Prefixes()
        self._queue = FairQueue()
        self._distribution = Distribution()
        self._only = None  # the pipe that can be read without asking which, if it is one
        self._ready = {}  # the pipes whose publisher is there to hear of subscriptions -> the topics it is yet to hear
        self.delegate(self._queue, read_activated="activated")

    def attach(self, pipe):
        self._distribution.attach(pipe)

    def narrow(self, only):
        self._only = self._queue.alone(only)

    def recv(self):
        return self._queue.recv_in_turn() if self._only is None else self._only.recv_in_turn()

    def readable(self):
        return self._queue.readable()

    def ready(self, pipe):
        """A publisher, new or back again, hears all that we subscribe to, and nothing left from before."""
        pipe.forget_unsent(is_subscription)
        untold = self._ready[pipe] = self._topics.copy()

        def tell(topic):
            if topic in untold and self._ready.get(pipe) is untold:  # neither cancelled meanwhile, nor is the peer gone
                del untold[topic]
                pipe.send_all([[SUBSCRIBE + topic]])

        self.socket.in_slices(untold, tell)
        return True

    def lost(self, pipe):
        self._ready.pop(pipe, None)

    def terminated(self, pipe):
        self._distribution.terminated(pipe)
        self._ready.pop(pipe, None)

    def subscribe(self, topic):
        self._tell_publishers([SUBSCRIBE + topic])

    def unsubscribe(self, topic):
        self._tell_publishers([CANCEL + topic])

    def _tell_publishers(self, message):
        """Apply a message with subscriptions, and pass it on. They are exempt from SNDHWM: none is ever lost."""
        told = [frame for frame in parts(message) if self._applies(frame)]

        def tell(publisher):
            pipe, untold = publisher
            if self._ready.get(pipe) is not untold:
                return  # it has gone; if it is back it will hear all
            news = [frame for frame in told if _is_news(frame, untold)] if untold else told[:]
            if news:
                pipe.send_all([news])

        if told:
            self.socket.to_peers(self._ready.items(), tell)

    @property
    def source(self):
        return self._queue.source

    @property
    def topics_count(self):
        """How many different topics we subscribe to: the option TOPICS_COUNT."""
        return len(self._topics)

    def send(self, message):
        if not has_subscriptions(message, self.options.only_first_subscribe):
            return self._distribution.send(message, self._distribution.pipes)
        self._tell_publishers(message)
        return True

    def _applies(self, frame):
        """Apply a frame if it subscribes or cancels; whether the publishers are to have it."""
        if frame[:1] == SUBSCRIBE:
            self._topics.add(bytes(frame[1:]))
        elif frame[:1] == CANCEL:
            return self._topics.discard(bytes(frame[1:])) or self.options.xsub_verbose_unsubscribe
        return True

    def writable(self):
        return True


class Sub(XSub):
    """XSUB whose user subscribes by options and sends nothing."""

    name = "SUB"
    connects_twice = False
    sends = False

    def __init__(self, socket):
        super().__init__(socket)
        self._next = None  # looked at by `readable`
        self._source = None  # of what was received last
        self._inverted = False
        self.options_changed()

    def options_changed(self):
        self._inverted = bool(self.options.invert_matching)

    def set_option(self, name, value):
        if name == "SUBSCRIBE":
            self.subscribe(value)
        elif name == "UNSUBSCRIBE":
            self.unsubscribe(value)
        else:
            return False
        return True

    def recv(self):
        message = self._next
        if message is None:
            message = self._wanted()
        else:
            self._next = None
        self._source = self._queue.source
        return message

    def readable(self):
        while self._next is None and self._queue.readable():
            self._next = self._wanted()
        return self._next is not None

    def _wanted(self):
        """As `recv`. What was on its way when its topic was cancelled is passed over."""
        queue, only = self._queue, self._only
        while True:
            message = queue.recv_in_turn() if only is None else only.recv_in_turn()
            if message is None:
                return None
            if self._topics.match(message if type(message) is bytes else message[0]) != self._inverted:
                return message
            queue.source.lose("unwanted")

    @property
    def source(self):
        return self._source

    def send(self, message):
        raise zmq_error(errno.ENOTSUP, "SUB sockets do not send; subscribe with the option SUBSCRIBE")

    def writable(self):
        return False
