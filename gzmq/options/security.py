"""The options of mechanisms: how peers prove who they are."""

from __future__ import annotations

from .checks import NEVER
from .row import Row

_NO_SECURITY = "only the NULL mechanism is there; nothing would be protected"
_NO_GSSAPI = "libzmq is commonly built without the GSSAPI mechanism too; use CURVE"

ROWS = [
    Row("MECHANISM", "The socket's mechanism, as in SecurityMechanism.", 0, NEVER),
    Row("PLAIN_SERVER", default=0, missing=_NO_SECURITY),
    Row("PLAIN_USERNAME", default=b"", missing=_NO_SECURITY),
    Row("PLAIN_PASSWORD", default=b"", missing=_NO_SECURITY),
    Row("CURVE_SERVER", default=0, missing=_NO_SECURITY),
    Row("CURVE_PUBLICKEY", default=b"", missing=_NO_SECURITY),
    Row("CURVE_SECRETKEY", default=b"", missing=_NO_SECURITY),
    Row("CURVE_SERVERKEY", default=b"", missing=_NO_SECURITY),
    Row("ZAP_DOMAIN", default=b"", missing=_NO_SECURITY),
    Row("ZAP_ENFORCE_DOMAIN", default=0, missing=_NO_SECURITY),
    Row("GSSAPI_SERVER", default=0, missing=_NO_GSSAPI),
    Row("GSSAPI_PRINCIPAL", default=b"", missing=_NO_GSSAPI),
    Row("GSSAPI_SERVICE_PRINCIPAL", default=b"", missing=_NO_GSSAPI),
    Row("GSSAPI_PLAINTEXT", default=0, missing=_NO_GSSAPI),
    Row("GSSAPI_PRINCIPAL_NAMETYPE", default=0, missing=_NO_GSSAPI),
    Row("GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", default=0, missing=_NO_GSSAPI),
]
