"""A ZAP handler in a thread of its own, so that a decision that blocks does not hold the program up."""

from __future__ import annotations

from typing import Any

from ..constants import Errno, PollEvent, SocketType
from ..context import Context
from ..devices.thread import Ending, NativeThread
from ..error import ZMQError
from ..poll import Poller
from ..socket import Socket
from .base import Authenticator

_TERMINATE = b"TERMINATE"


class AuthenticationThread(NativeThread):
    """Serves the ZAP socket of an authenticator, on a hub of its own, until its pipe says TERMINATE."""

    poller: Poller | None = None

    def __init__(self, authenticator: Authenticator, pipe: Socket):
        super().__init__(self._serve)
        self.authenticator = authenticator
        self.log = authenticator.log
        self.pipe = pipe
        self.started = Ending()

    def _serve(self) -> None:
        """What the thread does."""
        try:
            self._answer_until_told()
        except ZMQError as error:
            if error.errno not in (Errno.ETERM, Errno.ENOTSOCK):
                self.log.exception("The authentication thread ends")
        finally:
            self.pipe.close()
            self.authenticator._close()

    def _answer_until_told(self) -> None:
        socket, poller = self.authenticator.zap_socket, Poller()
        self.poller = poller
        poller.register(self.pipe, PollEvent.POLLIN)
        poller.register(socket, PollEvent.POLLIN)
        self.started.reach()
        while socket is not None:
            ready = dict(poller.poll())
            if self.pipe in ready and self.pipe.recv() == _TERMINATE:
                return
            if socket in ready:
                self.authenticator.handle_zap_message(socket.recv_multipart())


class ThreadAuthenticator(Authenticator):
    """As `Authenticator`, in a thread. It can be configured at any time, from any thread.

    Callbacks of credentials providers run there. Source: pyzmq's ``zmq.auth.thread.ThreadAuthenticator``.
    """

    pipe: Socket | None
    pipe_endpoint: str = ""
    thread: AuthenticationThread | None

    def __init__(self, context: Context | None = None, encoding: str = "utf-8", log: Any = None):
        super().__init__(context=context, encoding=encoding, log=log)
        self.pipe = None
        self.pipe_endpoint = f"inproc://{id(self)}.inproc"
        self.thread = None

    def start(self) -> None:
        """Answer from now on. Raises ZMQError EADDRINUSE when the context has a handler already."""
        self._bind()
        self.pipe = self.context.socket(SocketType.PAIR, socket_class=Socket)
        self.pipe.linger = 1
        self.pipe.bind(self.pipe_endpoint)
        theirs = self.context.socket(SocketType.PAIR, socket_class=Socket)
        theirs.linger = 1
        theirs.connect(self.pipe_endpoint)
        self.thread = AuthenticationThread(self, theirs)
        self.thread.start()
        self.thread.started.wait(timeout=10)
        if not self.thread.started.reached:
            raise RuntimeError("Authenticator thread failed to start")

    def stop(self) -> None:
        """Answer no more, and wait for the thread to end."""
        thread, self.thread = self.thread, None
        pipe, self.pipe = self.pipe, None
        if thread is not None and pipe is not None:
            if thread.is_alive() and not pipe.closed:
                pipe.send(_TERMINATE)
            thread.join()  # it ends by itself where the context was destroyed
            pipe.close()
        super().stop()

    def is_alive(self) -> bool:
        """Whether the thread serves."""
        return self.thread is not None and self.thread.is_alive()


__all__ = ["ThreadAuthenticator"]
