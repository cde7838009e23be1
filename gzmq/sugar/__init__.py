"""pyzmq's inner place for the classes that are in the package itself; programs name them so in annotations."""

from ..error import *  # noqa: F403
from ..forwarding import device as device
from . import context as context
from . import frame as frame
from . import poll as poll
from . import socket as socket
from . import stopwatch as stopwatch
from . import tracker as tracker
from . import version as version
from .context import *  # noqa: F403
from .frame import *  # noqa: F403
from .poll import *  # noqa: F403
from .socket import *  # noqa: F403
from .stopwatch import Stopwatch as Stopwatch
from .tracker import *  # noqa: F403
from .version import *  # noqa: F403
