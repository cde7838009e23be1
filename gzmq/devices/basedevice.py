"""A proxy between two sockets that it makes itself, where it runs: in the caller, a greenlet, a thread or a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent

from ..constants import DeviceType, Errno, SocketType
from ..context import Context
from ..error import ZMQBindError, ZMQError
from ..forwarding import proxy
from ..home import here_only
from ..socket import Socket
from .child import ChildProcess
from .thread import Ending, NativeThread

__all__ = ["Device", "GreenletDevice", "ProcessDevice", "ThreadDevice"]


class Plan:
    """A socket to be made later, and what is to be done to it then: options first, then binds, then connects."""

    def __init__(self, socket_type: int):
        self.socket_type = socket_type
        self.options: list[tuple[int, Any]] = []
        self.binds: list[str] = []
        self.connects: list[str] = []

    def apply(self, socket: Socket) -> None:
        """Do it. Raises what the socket raises."""
        for option, value in self.options:
            socket.setsockopt(option, value)
        for address in self.binds:
            socket.bind(address)
        for address in self.connects:
            socket.connect(address)


class Device:
    """A `proxy` between two sockets, told by type; `start` makes them, with what was asked for before, and runs it.

    device_type: has no effect, as in pyzmq. in_type, out_type: socket types; an ``out_type`` below 0 is no second
    socket: the first one is both. It ends, and closes its sockets, when its context terminates or one of them is
    closed; other errors of its sockets leave `run`. Here `start` blocks its caller until then.

    Raises TypeError without both types. Source: pyzmq's ``zmq.devices``.
    """

    #: Gives the context of the sockets.
    context_factory: Callable[[], Context] = Context.instance
    #: Whether the program may end while the device runs.
    daemon: bool
    #: Whether it has run and ended.
    done: bool

    def __init__(self, device_type: int = DeviceType.QUEUE, in_type: int | None = None, out_type: int | None = None):
        if in_type is None or out_type is None:
            raise TypeError("a device needs the types of its sockets: in_type and out_type")
        self.device_type, self.in_type, self.out_type = device_type, in_type, out_type
        self.daemon, self.done = True, False
        self._in, self._out = Plan(in_type), Plan(out_type)
        self._sockets: list[Socket] = []
        self._random_addresses: set[str] = set()
        self._ended = Ending()

    def bind_in(self, addr: str) -> None:
        """Bind the first socket, at the start."""
        self._in.binds.append(addr)

    def bind_in_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """`bind_in` to a port that is free now, and its number. Arguments as `Socket.bind_to_random_port`."""
        return self._bind_to_random_port(self._in, addr, *args, **kwargs)

    def connect_in(self, addr: str) -> None:
        """Connect the first socket, at the start."""
        self._in.connects.append(addr)

    def setsockopt_in(self, opt: int, value: Any) -> None:
        """Set an option of the first socket, at the start."""
        self._in.options.append((opt, value))

    def bind_out(self, addr: str) -> None:
        """Bind the second socket, at the start."""
        self._out.binds.append(addr)

    def bind_out_to_random_port(self, addr: str, *args: int, **kwargs: int) -> int:
        """`bind_out` to a port that is free now, and its number. Arguments as `Socket.bind_to_random_port`."""
        return self._bind_to_random_port(self._out, addr, *args, **kwargs)

    def connect_out(self, addr: str) -> None:
        """Connect the second socket, at the start."""
        self._out.connects.append(addr)

    def setsockopt_out(self, opt: int, value: Any) -> None:
        """Set an option of the second socket, at the start."""
        self._out.options.append((opt, value))

    def _bind_to_random_port(self, plan: Plan, addr: str, *args: int, **kwargs: int) -> int:
        """Find a port that is free and that this device has not found before; nobody holds it until the start."""
        with Context() as context, context.socket(SocketType.PUSH) as finder:
            for _ in range(5):
                port = finder.bind_to_random_port(addr, *args, **kwargs)
                address = f"{addr}:{port}"
                if address not in self._random_addresses:
                    self._random_addresses.add(address)
                    plan.binds.append(address)
                    return port
        raise ZMQBindError(f"found no port for {addr} but those that this device binds already")

    def _setup_sockets(self) -> list[Socket]:
        """Make the sockets of `run_device`, in the order in which its proxy takes them."""
        context = self.context_factory()
        first = self._make(context, self._in)
        if self.out_type < 0:
            self._out.apply(first)
            return [first, first]
        return [first, self._make(context, self._out)]

    def _make(self, context: Context, plan: Plan) -> Socket:
        socket = context.socket(plan.socket_type)
        self._sockets.append(socket)
        plan.apply(socket)
        return socket

    def run_device(self) -> None:
        """Make the sockets, and forward until an error. For `run` to call."""
        proxy(*self._setup_sockets())

    def run(self) -> None:
        """Run the device to its end, here. For `start` to call, or the thread or process that it starts."""
        try:
            self.run_device()
        except ZMQError as error:
            if error.errno not in (Errno.ETERM, Errno.ENOTSOCK):
                raise
        finally:
            for socket in self._sockets:
                socket.close()
            self._sockets.clear()
            self.done = True
            self._ended.reach()

    def start(self) -> None:
        """Run the device; the classes of devices in the background return at once."""
        self.run()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the device has ended, or for ``timeout`` seconds. Blocks the calling greenlet only."""
        self._ended.wait(timeout)


class BackgroundDevice(Device):
    """A device whose `start` returns at once; ``launcher`` is what runs it then, which `join` waits for."""

    launcher: Any = None

    def _launch(self) -> Any:
        raise NotImplementedError("a device in the background says what runs it")

    def start(self) -> None:
        """Let the device run, and return."""
        self.launcher = self._launch()
        self.launcher.daemon = self.daemon
        self.launcher.start()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the device has ended, or for ``timeout`` seconds. Blocks the calling greenlet only."""
        self.launcher.join(timeout)


class GreenletDevice(BackgroundDevice):
    """A device in a greenlet of its own; ``launcher.kill()`` ends it at any time. gzmq's addition."""

    def _launch(self) -> gevent.Greenlet:
        return gevent.Greenlet(here_only(self.run))


class ThreadDevice(BackgroundDevice):
    """A device in a thread of the operating system with a hub of its own, whether gevent has patched or not."""

    def _launch(self) -> NativeThread:
        return NativeThread(self.run)


class ProcessDevice(BackgroundDevice):
    """A device in a process of its own, a new interpreter that inherits nothing; it ends when its parent does.

    It is pickled on its way there: a class of one's own must be in a module that can be imported, not in ``__main__``.
    """

    context_factory = Context

    def _launch(self) -> ChildProcess:
        return ChildProcess(self)

    def abandon(self) -> None:
        """Close the sockets without waiting for what they have sent, which ends `run`. For the launcher to call."""
        for socket in self._sockets:
            socket.close(linger=0)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("launcher", "_ended")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _ended=Ending())
