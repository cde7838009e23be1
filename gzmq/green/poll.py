"""pyzmq's place for the green poller."""

from ..poll import Poller as _Poller  # noqa: F401
