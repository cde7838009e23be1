"""Prefix matching that costs one dictionary look-up for each distinct length of prefix, however many there are."""

from __future__ import annotations

#: So many prefixes are tried one by one in less time than one is looked up.
_FEW = 4


class Prefixes:
    """A multiset of topics a SUB asks for."""

    __slots__ = ("_few", "_lengths", "counts")

    def __init__(self):
        self.counts = {}
        self._few = ()  # all of them, if they are so few that they are tried one by one, else None
        self._lengths = {}  # length of prefix -> how many distinct prefixes have it

    def __len__(self):
        return len(self.counts)

    def copy(self):
        """Each topic once, as the keys of a dictionary of the caller's own."""
        return self.counts.copy()

    def __contains__(self, topic):
        return topic in self.counts

    def add(self, topic):
        """Count a topic once more; True when it is new."""
        count = self.counts.get(topic, 0)
        self.counts[topic] = count + 1
        if count == 0:
            _count_length(self._lengths, len(topic), 1)
            self._few = tuple(self.counts) if len(self.counts) <= _FEW else None
        return count == 0

    def discard(self, topic):
        """Count it once less: True when it is gone now, False when it stays, None when it was not there."""
        count = self.counts.get(topic)
        if count is None:
            return None
        if count > 1:
            self.counts[topic] = count - 1
            return False
        del self.counts[topic]
        _count_length(self._lengths, len(topic), -1)
        self._few = tuple(self.counts) if len(self.counts) <= _FEW else None
        return True

    def match(self, topic):
        """Whether some prefix fits."""
        whole = topic if type(topic) is bytes else _longest_prefix(topic, self._lengths)
        if self._few is not None:
            return whole.startswith(self._few)
        counts = self.counts
        raw = whole  # compiled it is a pointer
        for length in self._lengths:  # noqa: SIM110  a generator for every message costs more
            if length <= len(whole) and raw[:length] in counts:
                return True
        return False


class Names(Prefixes):
    """A multiset of names: nothing but the very name fits."""

    __slots__ = ()

    def match(self, topic):
        return topic in self.counts


class Subscriptions:
    """Which pipes want which topics."""

    __slots__ = ("_by_pipe", "_bytes", "_lengths", "_parting", "_table")

    def __init__(self):
        self._table = {}  # prefix -> {pipe: None}
        self._by_pipe = {}  # pipe -> {prefix: None}
        self._bytes = {}  # pipe -> how many they have
        self._lengths = {}
        self._parting = {}  # the pipes that have gone, and of which topics are left

    def __len__(self):
        return len(self._table)

    def exceeds(self, topic, pipe, limits):
        """The field of `Limits` that a pipe would exceed if it asked for this topic too, or ""."""
        if len(topic) > limits.topic_bytes:
            return "topic_bytes"
        topics = self._by_pipe.get(pipe, ())
        if topic in topics:
            return ""
        if len(topics) >= limits.subscriptions:
            return "subscriptions"
        return "subscription_bytes" if self._bytes.get(pipe, 0) + len(topic) > limits.subscription_bytes else ""

    def add(self, topic, pipe):
        """True when nobody had asked for this topic before."""
        pipes = self._table.get(topic)
        first = pipes is None
        if first:
            pipes = self._table[topic] = {}
            _count_length(self._lengths, len(topic), 1)
        topics = self._by_pipe.setdefault(pipe, {})
        if topic not in topics:
            pipes[pipe] = topics[topic] = None
            self._bytes[pipe] = self._bytes.get(pipe, 0) + len(topic)
        return first

    def discard(self, topic, pipe):
        """True when nobody asks for this topic any more, False when others do, None when this pipe never did."""
        pipes = self._table.get(topic)
        if pipes is None or pipe not in pipes:
            return None
        del pipes[pipe]
        topics = self._by_pipe[pipe]
        del topics[topic]
        self._bytes[pipe] -= len(topic)
        if not topics:
            del self._by_pipe[pipe], self._bytes[pipe]
            self._parting.pop(pipe, None)
        if pipes:
            return False
        del self._table[topic]
        _count_length(self._lengths, len(topic), -1)
        return True

    def part(self, pipe):
        """Match nothing to a pipe any more, though its topics, which this gives, are still to be discarded."""
        topics = self._by_pipe.get(pipe)
        if not topics:
            return ()
        self._parting[pipe] = None
        return topics

    def _without_parting(self, pipes):
        return {pipe: None for pipe in pipes if pipe not in self._parting}

    def match(self, topic):
        """The pipes that want this topic, each once."""
        table = self._table
        whole = topic if type(topic) is bytes else _longest_prefix(topic, self._lengths)
        raw = whole  # compiled it is a pointer
        found = None
        merged = False
        for length in self._lengths:
            pipes = table.get(raw[:length]) if length <= len(whole) else None
            if pipes is None:
                continue
            if found is None:
                found = pipes
            elif merged:
                found.update(pipes)
            else:
                found = {**found, **pipes}
                merged = True
        if found is None:
            return _NONE
        return self._without_parting(found) if self._parting else found


class Groups(Subscriptions):
    """Which pipes want which groups, by the very name; some want all."""

    __slots__ = ("all",)

    def __init__(self):
        super().__init__()
        self.all = {}  # pipe -> None

    def match(self, topic):
        pipes = self._table.get(topic, _NONE)
        if self._parting:
            pipes = self._without_parting(pipes)
        return {**pipes, **self.all} if self.all else pipes


#: What matches nothing: nobody writes into what `match` gives.
_NONE = {}  # type: ignore[var-annotated]


def _longest_prefix(topic, lengths):
    """As much of a view as can matter, as bytes: memory that may change has no hash."""
    return bytes(topic[: max(lengths, default=0)])


def _count_length(lengths, length, change):
    count = lengths.get(length, 0) + change
    if count:
        lengths[length] = count
    else:
        del lengths[length]
