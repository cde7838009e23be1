"""The options of sockets and contexts: one row of a table each, and the values that a socket or context has."""

from .row import Row as Row
from .values import CONTEXT_ROWS as CONTEXT_ROWS
from .values import ROWS as ROWS
from .values import ContextOptions as ContextOptions
from .values import Options as Options
from .values import refuse_unknown as refuse_unknown
