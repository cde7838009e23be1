"""Importing it loads all that gzmq else loads when it is first used: for a program that drops privileges or changes its
root, and cannot read its modules any more from then on.

What a socket needs is there when it was made, and what an endpoint needs when `bind` or `connect` return. This is for
types, endpoints, mechanisms and host names that are used for the first time later.
"""

from __future__ import annotations

import difflib  # noqa: F401
import importlib.util  # noqa: F401
import ipaddress  # noqa: F401
import pickle  # noqa: F401
import random  # noqa: F401
import select  # noqa: F401
import tempfile  # noqa: F401
from contextlib import suppress

from gevent import config

from . import eventfd, forwarding, monitor, peers, sugar, version  # noqa: F401
from .error import ZMQError
from .keys import sodium
from .pattern import PATTERNS
from .transport import TRANSPORTS, exchange, interfaces, socks, zap  # noqa: F401
from .utils import interop, jsonapi  # noqa: F401
from .zmtp import ENCODERS, MECHANISMS, PROTOCOLS, SHAPES

for table in (PATTERNS, TRANSPORTS, PROTOCOLS, ENCODERS, SHAPES):
    table.load()
with suppress(ZMQError):  # without PyNaCl there is no CURVE
    sodium()
    MECHANISMS.load()
MECHANISMS["PLAIN"]
_ = config.resolver, config.threadpool  # what looks up names
