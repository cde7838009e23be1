"""Bad networks and scripted peers, for the tests of programs that use sockets."""

from .peer import Heard, Peer
from .wire import Lane, Wire

__all__ = ["Heard", "Lane", "Peer", "Wire"]
