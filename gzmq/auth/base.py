"""A ZAP handler (27/ZAP) in a greenlet: decides by addresses, passwords and keys who may connect.

Rules: whatever goes wrong while a decision is made, the answer is no; no password is in a log.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Awaitable, Generator, Mapping
from typing import Any

import gevent

from ..constants import Errno, SocketType
from ..context import Context
from ..error import ZMQError, zmq_error
from ..home import here_only
from ..socket import Socket
from ..utils import z85
from .certs import load_certificates

CURVE_ALLOW_ANY = "*"
VERSION = b"1.0"
_ADDRESS = "inproc://zeromq.zap.01"
#: Frames of a request before the credentials.
_REQUEST_FRAMES = 6

Verdict = tuple[bool, bytes]


class Authenticator:
    """pyzmq's ZAP handler, which greenlets make simple: `start` binds and serves, until `stop`.

    Until something is configured, NULL clients are let in, if they are asked for at all, and others are not. Passwords
    and keys belong to a domain, that of the server's ZAP_DOMAIN; ``"*"`` is that of servers without one.

    Attributes as in pyzmq: ``passwords`` {domain: {name: password}}, ``certs`` {domain: {public key: True}},
    ``credentials_providers`` {domain: provider}, ``zap_socket``, ``log``. Source: pyzmq's ``zmq.auth.Authenticator``.
    """

    context: Context
    encoding: str
    allow_any: bool
    credentials_providers: dict[str, Any]
    zap_socket: Socket | None
    passwords: dict[str, dict[str, str]]
    certs: dict[str, Mapping[bytes, Any]]
    log: Any

    def __init__(self, context: Context | None = None, encoding: str = "utf-8", log: Any = None):
        self.context = context or Context.instance()
        self.encoding = encoding
        self.allow_any = False
        self.credentials_providers = {}
        self.zap_socket = None
        self._allowed: set[str] = set()
        self._denied: set[str] = set()
        self.passwords = {}
        self.certs = {}
        self.log = log or logging.getLogger("zmq.auth")
        self._greenlet: Any = None

    # -- serving ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Answer from now on. Raises ZMQError EADDRINUSE when the context has a handler already."""
        self._bind()
        self._greenlet = gevent.spawn(here_only(self._serve))

    def _bind(self) -> None:
        self.zap_socket = self.context.socket(SocketType.REP, socket_class=Socket)
        self.zap_socket.linger = 1
        try:
            self.zap_socket.bind(_ADDRESS)
        except ZMQError:
            self._close()
            raise
        self.log.debug("Starting")

    def stop(self) -> None:
        """Answer no more."""
        greenlet, self._greenlet = self._greenlet, None
        if greenlet is not None:
            greenlet.kill(block=False)
        self._close()

    def _close(self) -> None:
        if self.zap_socket is not None:
            self.zap_socket.close()
            self.zap_socket = None

    def _serve(self) -> None:
        socket = self.zap_socket
        try:
            while socket is not None:
                self.handle_zap_message(socket.recv_multipart())
        except ZMQError as error:
            if error.errno not in (Errno.ETERM, Errno.ENOTSOCK):
                raise

    # -- configuring --------------------------------------------------------------------------------------------------

    def allow(self, *addresses: str) -> None:
        """Let only clients from these IP addresses in; those of PLAIN and CURVE must prove who they are all the same.

        Raises ValueError after `deny`.
        """
        if self._denied:
            raise ValueError("Only use allow or deny, not both")
        self.log.debug("Allowing %s", ",".join(addresses))
        self._allowed.update(addresses)

    def deny(self, *addresses: str) -> None:
        """Let no clients from these IP addresses in. Raises ValueError after `allow`."""
        if self._allowed:
            raise ValueError("Only use allow or deny, not both")
        self.log.debug("Denying %s", ",".join(addresses))
        self._denied.update(addresses)

    def configure_plain(self, domain: str = "*", passwords: dict[str, str] | None = None) -> None:
        """Let PLAIN clients of a domain in by {name: password}."""
        if passwords:
            self.passwords[domain] = passwords
        self.log.debug("Configure plain: %s", domain)

    def configure_curve(self, domain: str = "*", location: str | os.PathLike[str] = ".") -> None:
        """Let CURVE clients of a domain in whose public keys are in a folder, or with CURVE_ALLOW_ANY all, everywhere.

        The folder is read now; call again when it has changed. One that cannot be read is logged, and lets nobody in.
        """
        self.log.debug("Configure curve: %s[%s]", domain, location)
        self.allow_any = location == CURVE_ALLOW_ANY
        if not self.allow_any:
            try:
                self.certs[domain] = load_certificates(location)
            except (OSError, ValueError) as error:
                self.certs.pop(domain, None)
                self.log.error("Failed to load CURVE certs from %s: %s", location, error)

    def configure_curve_callback(self, domain: str = "*", credentials_provider: Any = None) -> None:
        """Let CURVE clients of a domain in for which ``credentials_provider.callback(domain, key)`` is true.

        The key is the client's public one in Z85. The call may block its greenlet.
        """
        self.allow_any = False
        if credentials_provider is not None:
            self.credentials_providers[domain] = credentials_provider
        else:
            self.log.error("None credentials_provider provided for domain:%s", domain)

    def configure_gssapi(self, domain: str = "*", location: str | None = None) -> None:
        """Raises ZMQError ENOTSUP: gzmq has no GSSAPI, so no such client ever asks."""
        raise zmq_error(Errno.ENOTSUP, "gzmq has no GSSAPI mechanism; use CURVE")

    def curve_user_id(self, client_public_key: bytes) -> str:
        """The User-Id of a CURVE client that is let in: its public key (32 bytes) in Z85. For subclasses to change."""
        return z85.encode(client_public_key).decode("ascii")

    # -- deciding -----------------------------------------------------------------------------------------------------

    def handle_zap_message(self, msg: list[bytes]) -> Awaitable[None]:
        """Decide one request of ``zap_socket`` and answer it. It is done when this returns; it may be awaited too."""
        if len(msg) < 2:
            self.log.error("Invalid ZAP message, not enough information to reply: %d frames", len(msg))
            return _Done()
        try:
            status, text, user_id = self._decide(msg)
        except Exception:
            self.log.exception("The decision failed: nobody is let in")
            status, text, user_id = b"500", b"Internal error", ""
        self._send_zap_reply(msg[1], status, text, user_id)
        return _Done()

    def _decide(self, msg: list[bytes]) -> tuple[bytes, bytes, str]:
        """(status, text, user id) for a request."""
        if len(msg) < _REQUEST_FRAMES:
            self.log.error("Invalid ZAP message: %d frames", len(msg))
            return b"400", b"Not enough frames", ""
        version, _, domain, address, _, mechanism = msg[:_REQUEST_FRAMES]
        if version != VERSION:
            self.log.error("Invalid ZAP version: %r", version[:16])
            return b"400", b"Invalid version", ""
        where, who = domain.decode(self.encoding, "replace"), address.decode(self.encoding, "replace")
        self.log.debug("domain: %r, address: %r, mechanism: %r", where, who, mechanism)
        admitted, reason = self._admits(who)
        judge = _MECHANISMS.get(mechanism)
        if not admitted or judge is None:
            self.log.debug("DENIED address=%s mechanism=%r", who, mechanism)
            return b"400", reason if not admitted else b"NO ACCESS", ""
        count, decide = judge
        credentials = msg[_REQUEST_FRAMES:]
        if len(credentials) != count:
            self.log.error("Invalid %s credentials: %d frames", mechanism.decode(), len(credentials))
            return b"400", b"Invalid credentials", ""
        user_id, reason = getattr(self, decide)(where or "*", *credentials)
        self.log.debug("%s (%s) domain=%s", "DENIED" if user_id is None else "ALLOWED", mechanism.decode(), where)
        return (b"400", reason, "") if user_id is None else (b"200", b"OK", user_id)

    def _admits(self, address: str) -> Verdict:
        """Whether `allow` and `deny` let an address in."""
        if self._allowed:
            return address in self._allowed, b"Address not allowed"
        return address not in self._denied, b"Address denied"

    def _authenticate_null(self, domain: str) -> tuple[str | None, bytes]:
        return "anonymous", b"OK"

    def _authenticate_plain(self, domain: str, username: bytes, password: bytes) -> tuple[str | None, bytes]:
        """(user id or None, reason)."""
        name = username.decode(self.encoding, "replace")
        if not self.passwords:
            return None, b"No passwords defined"
        if domain not in self.passwords:
            return None, b"Invalid domain"
        if name not in self.passwords[domain]:
            return None, b"Invalid username"
        # Each as bytes: what does not decode is equal to nothing but itself.
        if not hmac.compare_digest(password, self.passwords[domain][name].encode(self.encoding)):
            return None, b"Invalid password"
        return name, b"OK"

    def _authenticate_curve(self, domain: str, key: bytes) -> tuple[str | None, bytes]:
        """(user id or None, reason)."""
        text = z85.encode(key)
        if not self.allow_any:
            known = self.credentials_providers or self.certs
            if domain not in known:
                return None, b"Unknown domain"
            if self.credentials_providers:
                good = _result(self.credentials_providers[domain].callback(domain, text))
            else:
                good = self.certs[domain].get(text)
            if not good:
                return None, b"Unknown key"
        return self.curve_user_id(key), b"OK"

    def _send_zap_reply(
        self, request_id: bytes, status_code: bytes, status_text: bytes, user_id: str = "anonymous"
    ) -> None:
        self.log.debug("ZAP reply code=%s text=%s", status_code, status_text)
        if self.zap_socket is not None:
            user = user_id.encode(self.encoding, "replace")
            self.zap_socket.send_multipart([VERSION, request_id, status_code, status_text, user, b""])


#: How many frames of credentials a mechanism has, and who judges them.
_MECHANISMS: dict[bytes, tuple[int, str]] = {
    b"NULL": (0, "_authenticate_null"),
    b"PLAIN": (2, "_authenticate_plain"),
    b"CURVE": (1, "_authenticate_curve"),
}


class _Done(Awaitable[None]):
    """For programs that await what is done already."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


def _result(answer: Any) -> Any:
    """What a provider's callback says, also when it is a coroutine that does not wait for anything."""
    if not isinstance(answer, Awaitable):
        return answer
    steps = answer.__await__()
    try:
        next(steps)
    except StopIteration as done:
        return done.value
    raise TypeError("the credentials provider waits for asyncio, which gzmq does not run: block the greenlet instead")


__all__ = ["CURVE_ALLOW_ANY", "Authenticator"]
