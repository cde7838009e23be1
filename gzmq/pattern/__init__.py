"""The patterns: how each socket type routes messages, whatever carries them."""

from __future__ import annotations

from ..constants import SocketType
from .base import Pattern
from .clientserver import Client, Peer, Server
from .dgram import Dgram
from .pair import Channel, Pair
from .pipeline import Gather, Pull, Push, Scatter
from .pubsub import Pub, Sub, XPub, XSub
from .radiodish import Dish, Radio
from .reqrep import Dealer, Rep, Req
from .router import Router
from .stream import Stream

#: Socket type -> class.
PATTERNS: dict[SocketType, type[Pattern]] = {
    SocketType[cls.name]: cls
    for cls in (
        Pair, Pub, Sub, Req, Rep, Dealer, Router, Pull, Push, XPub, XSub,
        Server, Client, Radio, Dish, Gather, Scatter, Dgram, Peer, Channel, Stream,
    )
}  # fmt: skip
