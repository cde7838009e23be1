"""All options by number."""

from __future__ import annotations

from . import connections, contexts, messages, networks, security
from .row import Row

#: The modules that have the rows, by subject.
SOCKET_ROOMS = (messages, connections, security, networks)
#: Of sockets.
ROWS: dict[int, Row] = {int(row.number): row for room in SOCKET_ROOMS for row in room.ROWS}
#: Of contexts.
CONTEXT_ROWS: dict[int, Row] = {int(row.number): row for row in contexts.ROWS}
