"""The sockets of a program, its inproc names, and the end of both."""

from __future__ import annotations

import atexit
import errno
import os
import weakref
from collections.abc import Set
from types import GenericAlias
from typing import Any

from .constants import ContextOption, Errno, SocketOption
from .error import ZMQError, zmq_error
from .home import Home, Lock, here
from .options import ContextOptions, Options, refuse_unknown
from .socket import Socket
from .termination import Termination


class Context:
    """Makes sockets, and joins its own by inproc.

    Attributes with the name of a socket option (``context.linger = 0``) are defaults for the sockets made later.
    Source: zmq_ctx_new(3), and pyzmq's ``zmq.Context``.
    """

    __class_getitem__: Any = classmethod(GenericAlias)  # for annotations: Context[Socket]
    _socket_class = Socket
    _instance: Context | None = None
    _instance_pid: int | None = None
    _live: weakref.WeakSet[Context] = weakref.WeakSet()
    options: ContextOptions
    sockopts: dict[int, Any]
    shares: bool
    _state: str
    _cores: dict[Any, None]
    _unaware: dict[Any, None]
    _lingering: dict[Any, Home]

    def __init__(self, io_threads: int = 1):
        self.__dict__.update(
            options=ContextOptions(),
            sockopts={},
            inproc={},  # name -> the listener bound there
            inproc_waiting={},  # name -> connections made before anyone bound
            lock=Lock(),  # held while the directory or the lists of what is open change; nothing under it waits
            exiting=False,
            shares=False,  # whether some socket has sent a buffer from where it is
            _unaware={},  # those that do not know it yet
            _cores={},
            _lingering={},
            _terminations=[],
            _orphans=[],
            _state="open",
            _pid=os.getpid(),
        )
        self.options.set(ContextOption.IO_THREADS, io_threads)
        Context._live.add(self)

    @classmethod
    def instance(cls, io_threads: int = 1) -> Context:
        """The context that this process shares; a new one after that was terminated, or in a forked child."""
        shared = cls._instance
        if shared is None or shared.closed or cls._instance_pid != os.getpid():
            shared = cls._instance = cls(io_threads)
            cls._instance_pid = os.getpid()
        return shared

    def socket(self, socket_type: int, socket_class: type[Socket] | None = None, **kwargs: Any) -> Socket:
        """A new socket of a type such as ``gzmq.PUSH``.

        Raises ZMQError: EINVAL for no such type, EMFILE beyond MAX_SOCKETS, ETERM once the context terminates.
        """
        made = (socket_class or self._socket_class)(self, socket_type, **kwargs)
        for option, value in self.sockopts.items():
            try:
                made.setsockopt(option, value)
            except Exception as error:  # a default that this type does not have
                if getattr(error, "errno", None) != errno.EINVAL:
                    raise
        return made

    # -- options ------------------------------------------------------------------------------------------------------

    def set(self, option: int, optval: int) -> None:
        """Set a ContextOption. Raises ZMQError EINVAL. Source: zmq_ctx_set(3)."""
        self.check_open()
        self.options.set(option, optval)

    def get(self, option: int) -> int:
        """A ContextOption's value. Raises ZMQError EINVAL. Source: zmq_ctx_get(3)."""
        self.check_open()
        return self.options.get(option)

    def setsockopt(self, opt: int, value: Any) -> None:
        """Set a default for the sockets made from now on; those whose type does not have the option go without.

        Raises ZMQError EINVAL for an option that no socket has.
        """
        Options.row(opt).check_known()
        self.sockopts[SocketOption(opt)] = value

    def getsockopt(self, opt: int) -> Any:
        """A default set with `setsockopt`. Raises KeyError when there is none."""
        return self.sockopts[opt]

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

    # -- what sockets and sessions report -----------------------------------------------------------------------------

    @property
    def ending(self) -> bool:
        """Whether it terminates or has: nobody can make a socket or bind any more."""
        return self._state != "open"

    def check_open(self) -> None:
        """Raise ETERM once the context terminates."""
        if self.ending:
            raise zmq_error(Errno.ETERM, "the context was terminated")

    def add(self, core: Any) -> None:
        """A socket was made."""
        with self.lock:
            self.check_open()
            limit = self.options.get(ContextOption.MAX_SOCKETS)
            if len(self._cores) >= limit:
                raise zmq_error(errno.EMFILE, f"{limit} sockets are open; raise MAX_SOCKETS or close some")
            self._cores[core] = None
        self._take_orphans()

    def remove(self, core: Any) -> None:
        """A socket was closed."""
        self._cores.pop(core, None)
        self.aware(core)
        self._look_if_quiet()

    def hold(self, session: Any, home: Home) -> None:
        """A session still has messages of a closed socket, and lives at ``home``."""
        self._lingering[session] = home
        home.take_in(session)

    def let_go(self, session: Any) -> None:
        """It has sent or dropped them."""
        home = self._lingering.pop(session, None)
        if home is not None:
            home.let_out(session)
        self._look_if_quiet()

    def share(self) -> bool:
        """A socket is about to send a buffer from where it is. Over inproc that arrives as it is, so all must look.

        False while the sockets of another thread have not heard of it.
        """
        if not self.shares:
            with self.lock:
                if not self.shares:
                    self._unaware.update(self._cores)
                    self.__dict__["shares"] = True
            for core in list(self._unaware):
                core.post(core.expect_views)
        return not self._unaware

    def aware(self, core: Any) -> None:
        """A socket looks, or is no more."""
        self._unaware.pop(core, None)

    def forget_others(self) -> None:
        """Forget the sockets of all other threads: nothing of theirs moves any more."""
        with self.lock:
            for core in [core for core in self._cores if not core.home.here and core.thread is not None]:
                del self._cores[core]
                self.aware(core)
            for session in [session for session, home in self._lingering.items() if not home.here]:
                del self._lingering[session]
        self._look_if_quiet()

    def adopt(self, orphan: Any) -> None:
        """From a thread that ends: one that lives, and uses this context, goes on with what lingers; the first of them
        that makes a socket or terminates the context, if there is none now.
        """
        with self.lock:
            homes = [*(termination.home for termination in self._terminations), *(core.home for core in self._cores)]
            home = next((home for home in homes if not home.ending), None)
            if home is None:
                self._orphans.append(orphan)
                return
        home.post(self._bring_up, orphan, home)

    def _bring_up(self, orphan: Any, home: Home) -> None:
        if home.ending:  # in this very moment
            self.adopt(orphan)
        else:
            orphan.go_on(home)

    def _take_orphans(self) -> None:
        with self.lock:
            orphans = self._orphans[:]
            self._orphans.clear()
        for orphan in orphans:
            self._bring_up(orphan, here())

    @property
    def quiet(self) -> bool:
        """Whether every socket is closed and everything sent."""
        return not self._cores and not self._lingering

    def _look_if_quiet(self) -> None:
        if self.quiet:
            for termination in tuple(self._terminations):
                termination.wake()

    def homes(self) -> Set[Home]:
        """Where there is something open or lingering."""
        with self.lock:
            return {core.home for core in self._cores} | {*self._lingering.values()}

    def give_up(self, asleep: Set[Home], now: float) -> None:
        """These hubs do not run: forget of theirs the sockets that have been closed, and what has lingered enough."""
        with self.lock:
            for core in [core for core in self._cores if core.leaving and core.home in asleep]:
                del self._cores[core]
            for session in [
                session
                for session, home in self._lingering.items()
                if home in asleep and session.linger_until is not None and session.linger_until < now
            ]:
                del self._lingering[session]
        self._look_if_quiet()

    # -- the end ------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether the context was terminated."""
        return self._state == "terminated"

    def term(self) -> None:
        """End the context: wakes every waiting call with ETERM, then waits for its sockets to be closed and their
        messages to be sent as LINGER says. Blocks the calling greenlet only. Source: zmq_ctx_term(3).
        """
        with self.lock:
            if self._state == "terminated":
                return
            self._state = "terminating"
            cores = list(self._cores)
            links = [link for links in self.inproc_waiting.values() for link in links]
        for core in cores:
            core.in_own_thread(core.refuse, Errno.ETERM, "the context was terminated")
        for link in links:
            link.end_wait()  # for a bind, which nobody can do any more
        self._take_orphans()
        termination = Termination(self)
        self._terminations.append(termination)
        try:
            termination.wait()
        finally:
            self._terminations.remove(termination)
        self._state = "terminated"
        Context._live.discard(self)

    def destroy(self, linger: int | None = None) -> None:
        """Close all sockets, with ``linger`` milliseconds for those if given, then `term`."""
        if self._state == "terminated":
            return
        for core in list(self._cores):
            core.leave(linger)
        self.term()

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.destroy()

    def __repr__(self) -> str:
        return f"<gzmq.Context {self._state} sockets={len(self._cores)} lingering={len(self._lingering)}>"


@atexit.register
def _flush_at_exit() -> None:
    """A program that falls off its end still delivers what it sent.

    LINGER bounds that. Without a bound it lasts as long as the peers are there: a peer that cannot be reached at that
    moment is not waited for, where zmq_ctx_term(3) would wait for ever.
    """
    for context in list(Context._live):
        if context._pid == os.getpid():
            context.exiting = True
            context.forget_others()
            context.destroy()
