"""The patterns: how each socket type routes messages, whatever carries them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from ..constants import SocketType
from ..onuse import OnUse
from .base import Pattern


def _clientserver() -> ModuleType:
    from . import clientserver

    return clientserver


def _dgram() -> ModuleType:
    from . import dgram

    return dgram


def _pair() -> ModuleType:
    from . import pair

    return pair


def _pipeline() -> ModuleType:
    from . import pipeline

    return pipeline


def _pubsub() -> ModuleType:
    from . import pubsub

    return pubsub


def _radiodish() -> ModuleType:
    from . import radiodish

    return radiodish


def _reqrep() -> ModuleType:
    from . import reqrep

    return reqrep


def _router() -> ModuleType:
    from . import router

    return router


def _stream() -> ModuleType:
    from . import stream

    return stream


_CLASSES: dict[Callable[[], ModuleType], str] = {
    _clientserver: "Client Peer Server",
    _dgram: "Dgram",
    _pair: "Channel Pair",
    _pipeline: "Gather Pull Push Scatter",
    _pubsub: "Pub Sub XPub XSub",
    _radiodish: "Dish Radio",
    _reqrep: "Dealer Rep Req",
    _router: "Router",
    _stream: "Stream",
}


def _loader(room: Callable[[], ModuleType], name: str) -> Callable[[], type[Pattern]]:
    return lambda: getattr(room(), name)


#: Socket type -> class.
PATTERNS: OnUse[SocketType, type[Pattern]] = OnUse(
    {SocketType[name.upper()]: _loader(room, name) for room, names in _CLASSES.items() for name in names.split()}
)
