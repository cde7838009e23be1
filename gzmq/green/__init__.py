"""`import gzmq.green as zmq`: the same as `import gzmq as zmq`, as all of gzmq is green."""

from .. import *  # noqa: F403
from .. import __all__ as __all__
from . import core as core
from . import poll as poll
from .device import device as device
