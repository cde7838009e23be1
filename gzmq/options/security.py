"""The options of mechanisms: how peers prove who they are. All are kept as one `Security`."""

from __future__ import annotations

from functools import partial

from ..constants import SecurityMechanism
from ..security import Security
from .row import FLAG, NAME, NEVER, TRUTH, Check, Row

_row = partial(Row, kept_as="security")
_NO_GSSAPI = "libzmq is commonly built without the GSSAPI mechanism too; use CURVE"


def _is_key(value: bytes) -> bool:
    from ..keys import key_of  # for CURVE alone

    return key_of(value) is not None


_KEY: Check = ("a key of 32 bytes, or 40 characters of Z85", _is_key)


def _serve(mechanism: SecurityMechanism, kept: Security, value: int) -> Security:
    return kept.serve(mechanism, value)


def _serves(mechanism: SecurityMechanism, kept: Security) -> int:
    return kept.serves(mechanism)


def _with_plain(name: str, kept: Security, value: bytes) -> Security:
    return kept.with_plain(name, value)


def _with_key(name: str, kept: Security, value: bytes) -> Security:
    return kept.with_key(name, value)


def _server(name: str, mechanism: SecurityMechanism) -> Row:
    does = f"Is the server of the mechanism {mechanism.name}, whoever binds; 0 chooses the mechanism NULL."
    return _row(name, does, 0, FLAG, keep=partial(_serve, mechanism), show=partial(_serves, mechanism))


def _key(name: str, does: str, kept_as: str) -> Row:
    return _row(name, does, b"", _KEY, readable=False, secret=True, keep=partial(_with_key, kept_as))


ROWS = [
    _row(
        "MECHANISM",
        "The socket's mechanism, as in SecurityMechanism: what was set last decides.",
        0,
        NEVER,
        show=lambda kept: int(kept.mechanism),
    ),
    _server("PLAIN_SERVER", SecurityMechanism.PLAIN),
    _row(
        "PLAIN_USERNAME",
        "The name that a PLAIN client gives.",
        b"",
        NAME,
        keep=partial(_with_plain, "username"),
        show=lambda kept: kept.username,
    ),
    _row(
        "PLAIN_PASSWORD",
        "The password that a PLAIN client gives, in clear.",
        b"",
        NAME,
        secret=True,
        keep=partial(_with_plain, "password"),
        show=lambda kept: kept.password,
    ),
    _server("CURVE_SERVER", SecurityMechanism.CURVE),
    _key("CURVE_PUBLICKEY", "A CURVE client's own public key; a server does without.", "public_key"),
    _key("CURVE_SECRETKEY", "The socket's own secret key.", "secret_key"),
    _key("CURVE_SERVERKEY", "The public key of the server that a CURVE client means.", "server_key"),
    _row(
        "ZAP_DOMAIN",
        "What the ZAP handler is told to decide by; with NULL it is asked only if this is set.",
        b"",
        NAME,
        keep=lambda kept, value: kept.changed(zap_domain=value),
        show=lambda kept: kept.zap_domain,
    ),
    _row(
        "ZAP_ENFORCE_DOMAIN",
        "With a ZAP_DOMAIN nobody is let in without a ZAP handler; CURVE without a domain asks none.",
        0,
        TRUTH,
        keep=lambda kept, value: kept.changed(enforce_domain=bool(value)),
        show=lambda kept: int(kept.enforce_domain),
    ),
    Row("GSSAPI_SERVER", default=0, missing=_NO_GSSAPI),
    Row("GSSAPI_PRINCIPAL", default=b"", missing=_NO_GSSAPI),
    Row("GSSAPI_SERVICE_PRINCIPAL", default=b"", missing=_NO_GSSAPI),
    Row("GSSAPI_PLAINTEXT", default=0, missing=_NO_GSSAPI),
    Row("GSSAPI_PRINCIPAL_NAMETYPE", default=0, missing=_NO_GSSAPI),
    Row("GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", default=0, missing=_NO_GSSAPI),
]
