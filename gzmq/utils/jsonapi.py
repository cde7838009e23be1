"""JSON as UTF-8 bytes, as pyzmq's sockets send it."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["dumps", "loads"]

jsonmod = json


def dumps(o: object, **kwargs: Any) -> bytes:
    """An object as bytes of JSON. ``kwargs`` go to json.dumps."""
    return json.dumps(o, **kwargs).encode("utf-8")


def loads(s: bytes | str, **kwargs: Any) -> Any:
    """The object that JSON stands for. ``kwargs`` go to json.loads. Raises ValueError when it is none."""
    return json.loads(s.decode("utf-8") if isinstance(s, bytes) else s, **kwargs)
