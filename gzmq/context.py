"""The sockets of a program and the end of them: pyzmq's Context."""

from __future__ import annotations

import errno
import os
import warnings
import weakref
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from .bases import Generic
from .constants import ContextOption, SocketOption
from .contextcore import ContextCore
from .error import ZMQError, zmq_error
from .home import Lock
from .limits import Limits, check_limits
from .options import ContextOptions, Options, refuse_unknown
from .shadows import Shadows
from .socket import Socket

if TYPE_CHECKING:
    C = TypeVar("C", bound="Context")

S = TypeVar("S", bound=Socket, covariant=True)

_contexts = Shadows(
    "context", "there is no libzmq behind gzmq: give another gzmq Context, or the `underlying` of one that is there"
)


class Context(Generic[S]):
    """Makes sockets, and joins its own by inproc.

    Attributes with the name of a socket option (``context.linger = 0``) are defaults for the sockets made later.
    A subclass names the class of its sockets in ``_socket_class``.

    io_threads: kept, and of no effect. shadow: a Context, also as first argument, or the `underlying` of one: this is
    another handle to the same context then, with defaults of its own; forgetting it does not end the context.

    Raises ZMQError: EINVAL for a negative io_threads, EFAULT for a number that is no context's. A context that is
    forgotten without having been terminated is, with a ResourceWarning, and does not wait. Source: zmq_ctx_new(3), and
    pyzmq's ``zmq.Context``.
    """

    _socket_class: type[S] = cast(Any, Socket)
    _instance: Any = None
    _instance_lock = Lock()
    _shadow = False
    _core: ContextCore
    _sockets: weakref.WeakSet[Any]
    sockopts: dict[int, Any]

    def __init__(self: Context[Socket[bytes]], io_threads: int | Context[Any] = 1, shadow: Context[Any] | int = 0):
        if isinstance(io_threads, Context):
            io_threads, shadow = 1, io_threads
        core = _contexts.find(shadow)._core if shadow else ContextCore(io_threads)
        self.__dict__.update(_core=core, _shadow=bool(shadow), _sockets=weakref.WeakSet(), sockopts={})
        if not shadow:
            _contexts.add(core, self)
        elif not isinstance(shadow, int):
            self.__dict__["_shadow_obj"] = shadow  # which is not forgotten before us

    @classmethod
    def shadow(cls: type[C], address: Context[Any] | int) -> C:
        """Another handle to a context. Arguments and errors as for the class."""
        return cls(shadow=address)

    @classmethod
    def shadow_pyczmq(cls: type[C], ctx: Any) -> NoReturn:
        """Raises ENOTSUP: pyczmq's contexts are libzmq's."""
        raise zmq_error(errno.ENOTSUP, "pyczmq's contexts are libzmq's, and there is none here: use Context.shadow")

    @property
    def underlying(self) -> int:
        """A number that `shadow` finds the context by; it is no address. 0 once it was terminated."""
        return 0 if self.closed else id(self._core)

    @property
    def options(self) -> ContextOptions:
        """The values of the context's own options."""
        return self._core.options

    def __copy__(self: C, memo: Any = None) -> C:
        return self.shadow(self)

    __deepcopy__ = __copy__

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object: a context is its process's own")

    @classmethod
    def instance(cls: type[C], io_threads: int = 1) -> C:
        """The context that this process shares; a new one after that was terminated, or in a forked child."""
        with cls._instance_lock:
            if cls._instance is None or cls._instance.closed:
                cls._instance = cls(io_threads=io_threads)
            return cls._instance

    def socket(self, socket_type: int, socket_class: Any = None, **kwargs: Any) -> S:
        """A new socket of a type such as ``gzmq.PUSH``; ``socket_class(context, socket_type, **kwargs)`` makes it.

        Raises ZMQError: EINVAL for no such type, EMFILE beyond MAX_SOCKETS, ETERM once the context terminates.
        """
        made = (socket_class or self._socket_class)(self, socket_type, **kwargs)
        for option, value in self.sockopts.items():
            try:
                made.setsockopt(option, value)
            except Exception as error:  # a default that this type does not have
                if getattr(error, "errno", None) != errno.EINVAL:
                    raise
        self._sockets.add(made)
        return made

    # -- options ------------------------------------------------------------------------------------------------------

    def set(self, option: int, optval: int) -> None:
        """Set a ContextOption. Raises ZMQError EINVAL. Source: zmq_ctx_set(3)."""
        self._core.check_open()
        self._core.options.set(option, optval)

    def get(self, option: int) -> int:
        """A ContextOption's value. Raises ZMQError EINVAL. Source: zmq_ctx_get(3)."""
        self._core.check_open()
        return self._core.options.get(option)

    def setsockopt(self, opt: int, value: Any) -> None:
        """Set a default for the sockets made from now on; those whose type does not have the option go without.

        Raises ZMQError EINVAL for an option that no socket has.
        """
        Options.row(opt).check_known()
        self.sockopts[SocketOption(opt)] = value

    def getsockopt(self, opt: int) -> Any:
        """A default set with `setsockopt`. Raises KeyError when there is none."""
        return self.sockopts[opt]

    @property
    def limits(self) -> Limits:
        """What peers may make the sockets hold that are made from now on; see `Limits`. Raises TypeError, EINVAL."""
        return self.options.limits

    @limits.setter
    def limits(self, value: Limits) -> None:
        self.options.limits = check_limits(value)

    def __setattr__(self, name: str, value: Any) -> None:
        key = name.upper()
        if key in ContextOption.__members__:
            self.set(ContextOption[key], value)
        elif key in SocketOption.__members__:
            self.setsockopt(SocketOption[key], value)
        else:
            refuse_unknown(self, name, SocketOption, ContextOption)
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        key = name.upper()
        if key in ContextOption.__members__:
            return self._readable(ContextOption[key])
        if key in SocketOption.__members__:
            return self._default(SocketOption[key])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *ContextOption.__members__]

    def __delattr__(self, name: str) -> None:
        key = name.upper()
        if key in SocketOption.__members__:
            self._default(SocketOption[key])
            del self.sockopts[SocketOption[key]]
        elif key in ContextOption.__members__:
            raise AttributeError(f"the context's option {key} cannot be deleted; only defaults of sockets can")
        else:
            object.__delattr__(self, name)

    def _readable(self, option: ContextOption) -> int:
        try:
            return self.get(option)
        except ZMQError as error:
            if error.errno != errno.EINVAL:
                raise
            raise AttributeError(str(error)) from None  # so that hasattr says no, as pyzmq has it

    def _default(self, option: SocketOption) -> Any:
        if option in self.sockopts:
            return self.sockopts[option]
        raise AttributeError(f"no default was set for the sockets' option {option.name}")

    # -- the end ------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether the context was terminated."""
        return self._core.closed

    def term(self) -> None:
        """End the context: wakes every waiting call with ETERM, then waits for its sockets to be closed and their
        messages to be sent as LINGER says. Blocks the calling greenlet only. Source: zmq_ctx_term(3).

        It also waits for sockets of other threads. A RuntimeWarning says when the hub of one does not run.
        """
        if not self.closed:
            self._core.term()

    def destroy(self, linger: int | None = None) -> None:
        """Close all sockets, with ``linger`` milliseconds for those if given, then `term`. A shadow closes only those
        that it made.
        """
        if self.closed:
            return
        if self._shadow:
            for socket in list(self._sockets):
                socket.close(linger)
        else:
            self._core.close_all(linger)
        self.term()

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for socket in list(self._sockets):
            if not socket.closed:
                warnings.warn(
                    f"Destroying context with unclosed socket {socket!r}", ResourceWarning, stacklevel=2, source=socket
                )
        self.destroy()

    def __del__(self) -> None:
        core = self.__dict__.get("_core")
        if core is None or self._shadow or core.state != "open" or core.pid != os.getpid():
            return
        warnings.warn(f"Unclosed context {self!r}", ResourceWarning, stacklevel=2, source=self)
        core.close_all()
        core.begin_to_end()

    def __repr__(self) -> str:
        cls = type(self)
        name = "gzmq.Context" if cls is Context else f"{cls.__module__}.{cls.__qualname__}"
        return f"<{name} {self._core!r}{' shadow' if self._shadow else ''}>"


def _renew_lock() -> None:
    """In a forked child: another thread of the parent may have held it."""
    Context._instance_lock = Lock()


os.register_at_fork(after_in_child=_renew_lock)
