"""Claims that every socket type speaks with libzmq's, whoever binds, in messages of any size and shape."""

import pytest

from .claims import ONE_WAY, PAIRS, back, meet, name, options_of, there
from .frames import body

SIZES = [0, 1, 255, 256, 1 << 16]
LARGE = 10 << 20
#: Pairs that may send again and again, and drop nothing.
STREAMS = [("PUSH", "PULL"), ("DEALER", "DEALER"), ("DEALER", "ROUTER"), ("PAIR", "PAIR")]
SHAPES = [[size] for size in SIZES] + [
    [SIZES[(part + parts) % len(SIZES)] for part in range(parts)] for parts in range(2, 9)
]


@pytest.fixture(params=[0, 1], ids=["gzmq first", "gzmq second"])
def ours_is(request):
    """Which of a pair's two is ours."""
    return request.param


@pytest.fixture(params=PAIRS, ids=name)
def met(request, joined, anywhere, ours_is):
    """Each pair of types that speak to each other: (their types, the first, the second)."""
    pair = request.param
    options = options_of(pair)
    ours, theirs = joined(pair[ours_is], pair[1 - ours_is], anywhere, options[ours_is], options[1 - ours_is])
    first, second = (theirs, ours) if ours_is else (ours, theirs)
    meet(pair, first, second)
    return pair, first, second


def test_messages_of_all_shapes_pass(met):
    """Empty, at the edges of the short and the long frame, larger than a read; of one part to eight; both ways."""
    pair, first, second = met
    for seed, shape in enumerate(SHAPES, start=2):
        message = [body(size, seed + part) for part, size in enumerate(shape)]
        route = there(pair, first, second, message)
        if pair not in ONE_WAY:
            back(pair, first, second, route, message[::-1])


def test_large_messages_pass(met):
    """10 MiB, alone and between two short frames."""
    pair, first, second = met
    route = there(pair, first, second, [body(LARGE, 7)])
    if pair not in ONE_WAY:
        back(pair, first, second, route, [b"before", body(LARGE, 9), b"after"])


@pytest.mark.parametrize("met", STREAMS, ids=name, indirect=True)
def test_many_messages_keep_their_order(met):
    """None lost, doubled or overtaken; the receiver is now and then behind."""
    _, first, second = met
    for batch in range(3):
        numbers = [b"%d" % (400 * batch + number) for number in range(400)]
        for number in numbers:
            first.send(number)
        assert [second.recv_multipart()[-1] for _ in numbers] == numbers
