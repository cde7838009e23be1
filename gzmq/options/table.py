"""All options by number."""

from __future__ import annotations

from . import connections, contexts, messages, networks, security
from .row import Row

#: Of sockets.
ROWS: dict[int, Row] = {
    int(row.number): row for room in (messages, connections, security, networks) for row in room.ROWS
}
#: Of contexts.
CONTEXT_ROWS: dict[int, Row] = {int(row.number): row for row in contexts.ROWS}
