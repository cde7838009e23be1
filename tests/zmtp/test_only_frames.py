"""A message of one frame may be that frame, without a list around it."""

import pytest

from gzmq.zmtp import legacy
from gzmq.zmtp.framing import Decoder, encode

from .marriage import frame, pieces, written

SIZES = [0, 1, 255, 256, 8191, 8192, 65536]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("coder", [encode, legacy.encode])
def test_a_message_may_be_its_only_frame(coder, size):
    """The same goes on the wire as of a list of one."""
    body = bytes(size)
    assert written(coder, body, [b"a", body], body) == written(coder, [body], [b"a", body], [body])


def test_a_message_of_one_frame_is_decoded_to_that():
    """No list is made of it, whether it came at once or in pieces."""
    assert Decoder(-1, None).feed(frame(b"a") + frame(b"b", 1) + frame(b"c")) == [b"a", [b"b", b"c"]]
    taker = Decoder(-1, None)
    assert [taker.feed(piece) for piece in pieces(frame(b"abc"), 4)] == [[], [b"abc"]]
