"""pyzmq's place for Frame."""

from ..message import Frame, Message

__all__ = ["Frame", "Message"]
