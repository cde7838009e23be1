"""pyzmq's place for Context."""

from ..context import Context as Context
from ..context import Context as SyncContext

__all__ = ["Context", "SyncContext"]
