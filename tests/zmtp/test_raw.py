"""Claims of a connection without a protocol."""

from collections import deque

import pytest

from gzmq.zmtp import CLOSED, PROTOCOLS, TRAFFIC, Config
from gzmq.zmtp.raw import RawConnection


def connection(**config):
    return RawConnection(Config("STREAM", frozenset(), **config))


def test_it_has_all_that_a_zmtp_connection_has():
    """Engines and sessions use either in the same way."""
    config = Config("STREAM", frozenset())
    zmtp, raw = PROTOCOLS["zmtp"](config), PROTOCOLS["raw"](config)
    # What a raw connection never asks for (`under_way`, `can_ping`, `take_zap_question`), and what tests look at.
    unused = {"decoder", "filled", "ping", "zap_replied", "verdict"} | {
        name for name in dir(zmtp) if name[:5] == "peer_"
    }
    assert {raw.peer_identity, raw.peer_ttl} == {b"", 0}
    assert {name for name in dir(zmtp) if not name.startswith("_")} - unused <= set(dir(raw))
    assert (raw.under_way, raw.can_ping, raw.output) == (0, False, None)


def test_it_is_in_traffic_from_the_beginning_and_ends():
    """There is no handshake."""
    raw = connection()
    assert raw.state is TRAFFIC
    raw.close()
    assert raw.state is CLOSED


def test_a_chunk_is_a_message():
    """The very same bytes."""
    chunk = b"GET / HTTP/1.0\r\n\r\n"
    (frame,) = connection().receive_data(chunk)
    assert frame is chunk


def test_what_is_sent_is_the_frames_uncopied():
    """One behind the other, until there is enough for one write."""
    queue, buffers = deque([[b"abc"], [b"defg"], [b"h"]]), []
    frames = [message[0] for message in queue]
    connection().encode(queue, buffers, 5)
    assert all(ours is theirs for ours, theirs in zip(buffers, frames[:2], strict=True))
    assert list(queue) == [[b"h"]]


@pytest.mark.parametrize("most, chunk", [(-1, 100), (0, 100), (7, 7), (1000, 100)])
def test_maxmsgsize_bounds_what_is_read_at_once(most, chunk):
    """So no message can exceed it."""
    assert connection(max_message_size=most).at_once(100) == chunk
