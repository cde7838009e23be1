"""pyzmq's place for Poller and select."""

from ..poll import Poller, select

__all__ = ["Poller", "select"]
