"""zeromq-pyre and pyre-gevent: two nodes on hosts of their own, on gzmq and on pyzmq, that find each other."""

import pytest

from ..hosts import Hosts, why_not

BOTH = """\
ENTER {0} as {0} known
JOIN {0} chat
SHOUT {0} chat hello from {0}
WHISPER {0} only for you {0}
"""
STAYS, LEAVES = BOTH + "LEAVE {0} chat\nEXIT {0}\nend\n", BOTH + "WHISPER {0} goodbye\nend\n"


@pytest.fixture
def hosts():
    """Two hosts on a network of their own, where a beacon reaches only the other."""
    if reason := why_not():
        pytest.skip(reason)
    made = Hosts(2)
    yield made
    made.close()


@pytest.mark.parametrize("package, gevent", [("pyre", True), ("pyre", False), ("pyre_gevent", False)])
def test_nodes_find_each_other_and_talk(start, hosts, sides, package, gevent):
    """By UDP beacons; then they join a group, shout, whisper, leave and go. Each node has two actors."""
    words = ("pyre_node.py", "anna", package), ("pyre_node.py", "bert", package, "leave")
    for_each = zip(sides, words, (1, 2), strict=True)
    anna, bert = (start(side, *args, gevent=gevent, before=hosts.there(at)) for side, args, at in for_each)
    assert anna.ends().partition(f"node on {sides[0]}\n")[2] == STAYS.format("bert")
    assert bert.ends().partition(f"node on {sides[1]}\n")[2] == LEAVES.format("anna")
