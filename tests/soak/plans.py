"""Which lanes there are: pattern, mechanism and transport for each peer process."""

import os
from itertools import product

from .roles import MECHANISMS

_CLASSIC = ("push", "pull", "req", "rep", "dealer", "router", "pub", "sub", "xpub", "xsub", "pair")
#: Types that pyzmq's libzmq does not have.
_DRAFT = ("client", "server", "channel", "scatter", "gather", "radio", "dish", "peer")
INPROC = _CLASSIC + _DRAFT
#: Over these a wire stands between.
WIRED = ("tcp", "ipc")
#: pgm is for root alone.
MULTICAST = ("epgm", "pgm") if os.geteuid() == 0 else ("epgm",)


def processes():
    """(library, its lanes), for each."""
    for library, transport in product(("gzmq", "zmq"), WIRED):
        lanes = list(product(_CLASSIC, MECHANISMS, (transport,)))
        if library == "gzmq":
            lanes += product(_DRAFT, ("NULL", "CURVE"), (transport,))
        if transport == "tcp":
            lanes += product(("stream", "streamed"), ("NULL",), (transport,))
        yield library, lanes
    datagrams = product(("radio", "dish", "dgram", "writer"), ("NULL",), ("udp",))
    yield "gzmq", [*datagrams, *product(("pub", "sub"), ("NULL",), MULTICAST)]
