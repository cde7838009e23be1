"""pyzmq's place for MessageTracker."""

from ..message import MessageTracker

__all__ = ["MessageTracker"]
