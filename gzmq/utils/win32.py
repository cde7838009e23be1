"""What pyzmq needs on Windows to be interrupted, and nobody needs here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class allow_interrupt:
    """``with allow_interrupt(action):`` does nothing: Ctrl-C reaches a waiting greenlet by itself."""

    def __init__(self, action: Callable[[], Any] | None = None) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *args: object) -> None:
        pass
