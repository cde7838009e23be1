"""ZeroMQ for gevent: pyzmq's names, written natively on gevent's hub."""

import typing as _typing
from types import ModuleType as _ModuleType

from . import build as _build  # noqa: F401  first: it says which build of the others is imported
from .build import compiled as compiled
from .constants import *  # noqa: F403
from .context import Context as Context
from .endpoint import IPC_PATH_MAX_LEN as IPC_PATH_MAX_LEN
from .error import Again as Again
from .error import ContextTerminated as ContextTerminated
from .error import DraftFDWarning as DraftFDWarning
from .error import InterruptedSystemCall as InterruptedSystemCall
from .error import NotDone as NotDone
from .error import ZMQBaseError as ZMQBaseError
from .error import ZMQBindError as ZMQBindError
from .error import ZMQError as ZMQError
from .error import ZMQVersionError as ZMQVersionError
from .error import strerror as strerror
from .error import zmq_errno as zmq_errno
from .limits import Limits as Limits
from .message import COPY_THRESHOLD as COPY_THRESHOLD
from .message import Frame as Frame
from .message import Message as Message
from .message import MessageTracker as MessageTracker
from .onuse import names_on_use as _names_on_use
from .poll import Poller as Poller
from .poll import select as select
from .poll import zmq_poll as zmq_poll
from .socket import Socket as Socket

if _typing.TYPE_CHECKING:
    from . import sugar as sugar
    from . import utils as utils
    from .forwarding import device as device
    from .forwarding import proxy as proxy
    from .forwarding import proxy_steerable as proxy_steerable
    from .keys import curve_keypair as curve_keypair
    from .keys import curve_public as curve_public
    from .monitor import OwnEvent as OwnEvent
    from .sugar.context import SyncContext as SyncContext
    from .sugar.socket import SyncSocket as SyncSocket
    from .sugar.stopwatch import Stopwatch as Stopwatch
    from .version import DRAFT_API as DRAFT_API
    from .version import PYZMQ_DRAFT_API as PYZMQ_DRAFT_API
    from .version import __revision__ as __revision__
    from .version import __version__ as __version__
    from .version import has as has
    from .version import pyzmq_version as pyzmq_version
    from .version import pyzmq_version_info as pyzmq_version_info
    from .version import zmq_version as zmq_version
    from .version import zmq_version_info as zmq_version_info

_LATER = {
    **dict.fromkeys(("device", "proxy", "proxy_steerable"), ".forwarding"),
    **dict.fromkeys(("curve_keypair", "curve_public"), ".keys"),
    **dict.fromkeys(
        (
            "DRAFT_API", "PYZMQ_DRAFT_API", "__revision__", "__version__", "has", "pyzmq_version", "pyzmq_version_info",
            "zmq_version", "zmq_version_info", "version",
        ),
        ".version",
    ),
    "OwnEvent": ".monitor",
    "Stopwatch": ".sugar.stopwatch",
    "SyncContext": ".sugar.context",
    "SyncSocket": ".sugar.socket",
    "sugar": ".sugar",
    "utils": ".utils",
}  # fmt: skip
__getattr__ = _names_on_use(__name__, _LATER)

# `from gzmq import *` must not put gzmq.socket in the place of a program's own `socket`.
__all__ = [name for name in [*globals()] if name[0] != "_" and type(globals()[name]) is not _ModuleType]
__all__ += _LATER.keys() - {"sugar", "utils", "version"}
