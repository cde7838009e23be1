"""pyzmq's place for green contexts and sockets."""

from ..context import Context as _Context  # noqa: F401
from ..socket import Socket as _Socket  # noqa: F401
