"""What a socket says of itself to prove who it is, and asks of its peers: the options PLAIN_*, CURVE_* and ZAP_*."""

from __future__ import annotations

import errno
from typing import Any, ClassVar

from .constants import SecurityMechanism
from .error import zmq_error
from .record import Record


class Security(Record):
    """The values, of which the repr shows no secret. Keys are 32 bytes, empty when not set."""

    _hidden: ClassVar[frozenset[str]] = frozenset({"password", "public_key", "secret_key", "server_key"})

    mechanism: SecurityMechanism = SecurityMechanism.NULL
    as_server: bool = False
    username: bytes = b""
    password: bytes = b""
    public_key: bytes = b""
    secret_key: bytes = b""
    server_key: bytes = b""
    zap_domain: bytes = b""
    enforce_domain: bool = False

    # -- setting the options: each gives the values anew, and what was set last decides the mechanism -----------------

    def serve(self, mechanism: SecurityMechanism, value: int) -> Security:
        """PLAIN_SERVER or CURVE_SERVER."""
        if mechanism == SecurityMechanism.CURVE:
            from .keys import nacl  # for CURVE alone, here and below

            nacl()  # or say that it is missing
        return self.changed(mechanism=mechanism if value else SecurityMechanism.NULL, as_server=bool(value))

    def serves(self, mechanism: SecurityMechanism) -> int:
        """What PLAIN_SERVER or CURVE_SERVER reads."""
        return int(self.as_server and self.mechanism == mechanism)

    def with_plain(self, name: str, value: bytes) -> Security:
        """PLAIN_USERNAME or PLAIN_PASSWORD: only a client has one."""
        values: dict[str, Any] = {name: value, "mechanism": SecurityMechanism.PLAIN, "as_server": False}
        return self.changed(**values)

    def with_key(self, name: str, value: bytes) -> Security:
        """A key, as the options take it: CURVE_SERVERKEY is a client's, the others are anybody's."""
        from .keys import key_of, nacl

        nacl()
        as_server = self.as_server and name != "server_key"
        values: dict[str, Any] = {name: key_of(value), "mechanism": SecurityMechanism.CURVE, "as_server": as_server}
        return self.changed(**values)

    # -- before they are used -----------------------------------------------------------------------------------------

    def check_absent(self, endpoint: object, what: str) -> None:
        """Raise ZMQError EINVAL when any is asked for over ``what``, which has no handshake."""
        if self.mechanism != SecurityMechanism.NULL:
            why = f"{what} has no handshake, so no {self.mechanism.name}; use tcp for what must be protected"
            raise zmq_error(errno.EINVAL, f"cannot use {endpoint}: {why}")

    def check(self, endpoint: object) -> None:
        """Raise ZMQError EINVAL for keys with which no handshake can succeed."""
        if self.mechanism != SecurityMechanism.CURVE:
            return
        from .keys import nacl

        bindings, CryptoError = nacl()
        needed = {"CURVE_SECRETKEY": self.secret_key}
        if not self.as_server:
            needed |= {"CURVE_PUBLICKEY": self.public_key, "CURVE_SERVERKEY": self.server_key}
        missing = [name for name, key in needed.items() if not key]
        if missing:
            side = "server" if self.as_server else "client (CURVE_SERVER is 0)"
            raise zmq_error(errno.EINVAL, f"{endpoint} needs {' and '.join(missing)}: the socket is a CURVE {side}")
        if self.as_server:
            return
        if bindings.crypto_scalarmult_base(self.secret_key) != self.public_key:
            raise zmq_error(errno.EINVAL, f"{endpoint}: CURVE_PUBLICKEY does not belong to CURVE_SECRETKEY")
        try:
            bindings.crypto_box_beforenm(self.server_key, self.secret_key)
        except CryptoError:  # a point of low order: its secrets would be known to all
            raise zmq_error(errno.EINVAL, f"{endpoint}: CURVE_SERVERKEY is no public key") from None
