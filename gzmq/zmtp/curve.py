"""The CURVE mechanism's handshake (25/ZMTP-CURVE, 26/CURVEZMQ), as libzmq speaks it.

Rules: between WELCOME and INITIATE a server keeps the key of the cookie and nothing else of the client; no secret is in
an error or a repr; whatever does not open ends the connection.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from ..constants import Event
from ..keys import nacl
from . import command
from .curvebox import Box, CurveCipher, broken
from .errors import ProtocolError
from .handshake import Outcome, Party, Script
from .sealed import SHORT_NONCE

_VERSION = b"\x01\x00"
_PADDING = bytes(72)  # so that no answer is larger than what asks for it
_SIGNED = bytes(64)
_KEY, _LONG_NONCE, _MAC = 32, 16, 16
_HELLO_SIZE = len(_VERSION) + len(_PADDING) + _KEY + SHORT_NONCE + _MAC + len(_SIGNED)
_COOKIE_SIZE = _LONG_NONCE + _MAC + 2 * _KEY
_WELCOME_SIZE = _LONG_NONCE + _MAC + _KEY + _COOKIE_SIZE
_VOUCH_SIZE = _LONG_NONCE + _MAC + 2 * _KEY
_INITIATE_SIZE = _COOKIE_SIZE + SHORT_NONCE + _MAC + _KEY + _VOUCH_SIZE  # and the metadata
_READY_SIZE = SHORT_NONCE + _MAC


def client(party: Party) -> Script:
    """HELLO, WELCOME, INITIATE, READY."""
    (bindings, _), security = nacl(), party.security
    short_public, short_secret = bindings.crypto_box_keypair()

    nonce = _number(1)
    to_server = Box(security.server_key, short_secret)
    signature = to_server.seal(_SIGNED, b"CurveZMQHELLO---" + nonce)
    party.send(b"HELLO", b"".join((_VERSION, _PADDING, short_public, nonce, signature)))

    data = yield from party.expect(b"WELCOME")
    _check_size(data, len(data) == _WELCOME_SIZE, "WELCOME")
    opened = to_server.open(data[_LONG_NONCE:], b"WELCOME-" + data[:_LONG_NONCE], "WELCOME")
    server_short, cookie = opened[:_KEY], opened[_KEY:]

    vouch_nonce = bindings.randombytes(_LONG_NONCE)
    vouch = Box(server_short, security.secret_key).seal(short_public + security.server_key, b"VOUCH---" + vouch_nonce)
    nonce = _number(2)
    box = Box(server_short, short_secret)
    said = b"".join((security.public_key, vouch_nonce, vouch, party.metadata()))
    party.send(b"INITIATE", b"".join((cookie, nonce, box.seal(said, b"CurveZMQINITIATE" + nonce))))

    data = yield from party.expect(b"READY")
    _check_size(data, len(data) >= _READY_SIZE, "READY")
    theirs = data[:SHORT_NONCE]
    metadata = command.parse_metadata(box.open(data[SHORT_NONCE:], b"CurveZMQREADY---" + theirs, "READY"))
    party.accept(metadata, tell=False)  # for the server the handshake is over, and takes no ERROR
    return Outcome(metadata, None, CurveCipher(box, b"CurveZMQMESSAGEC", 2, b"CurveZMQMESSAGES", theirs))


def server(party: Party) -> Script:
    """The same from the other side. The ZAP handler, if there is one, judges the client's public key."""
    (bindings, _), security = nacl(), party.security

    cookie_key, hello_nonce = yield from _say_welcome(party)
    data = yield from party.expect(b"INITIATE")
    _check_size(data, len(data) >= _INITIATE_SIZE, "INITIATE")
    client_short, short_secret = _open_cookie(data[:_COOKIE_SIZE], cookie_key)
    theirs, sealed = data[_COOKIE_SIZE : _COOKIE_SIZE + SHORT_NONCE], data[_COOKIE_SIZE + SHORT_NONCE :]
    if theirs <= hello_nonce:
        raise ProtocolError(
            "the peer sent an INITIATE whose nonce is not above its HELLO's", Event.PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE
        )
    box = Box(client_short, short_secret)
    opened = box.open(sealed, b"CurveZMQINITIATE" + theirs, "INITIATE")
    client_key, vouch, said = opened[:_KEY], opened[_KEY : _KEY + _VOUCH_SIZE], opened[_KEY + _VOUCH_SIZE :]
    own_key = bindings.crypto_scalarmult_base(security.secret_key)
    _check_vouch(bindings, vouch, Box(client_key, short_secret), client_short + own_key)
    metadata = command.parse_metadata(said)

    verdict = None
    if security.zap_domain or not security.enforce_domain:
        verdict = yield from party.ask(client_key, required=security.enforce_domain)
    party.accept(metadata)
    nonce = _number(1)
    party.send(b"READY", nonce + box.seal(party.metadata(), b"CurveZMQREADY---" + nonce))
    return Outcome(metadata, verdict, CurveCipher(box, b"CurveZMQMESSAGES", 1, b"CurveZMQMESSAGEC", theirs))


def _say_welcome(party: Party) -> Generator[int, Any, tuple[bytes, bytes]]:
    """(the key of the cookie, the nonce of the HELLO): the cookie has the rest of what we must know to go on."""
    secret_key = party.security.secret_key
    data = yield from party.expect(b"HELLO")
    client_short, nonce = _parse_hello(data, secret_key)
    bindings, _ = nacl()
    cookie_key = bindings.randombytes(_KEY)
    party.send(b"WELCOME", _welcome(bindings, client_short, secret_key, cookie_key))
    return cookie_key, nonce


def _parse_hello(data: bytes, secret_key: bytes) -> tuple[bytes, bytes]:
    """(the client's short-term key, the nonce) of a HELLO that was made for us."""
    if len(data) != _HELLO_SIZE or data[:2] != _VERSION:
        raise ProtocolError(
            f"the peer sent a HELLO of {len(data)} bytes and version {data[:2].hex()}; CURVE 1.0 has {_HELLO_SIZE}",
            Event.PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
        )
    rest = data[len(_VERSION) + len(_PADDING) :]
    client_short, nonce, signature = rest[:_KEY], rest[_KEY : _KEY + SHORT_NONCE], rest[_KEY + SHORT_NONCE :]
    if Box(client_short, secret_key).open(signature, b"CurveZMQHELLO---" + nonce, "HELLO") != _SIGNED:
        raise broken("HELLO")
    return client_short, nonce


def _welcome(bindings: Any, client_short: bytes, secret_key: bytes, cookie_key: bytes) -> bytes:
    """WELCOME, with a cookie that only this connection can open, so that an INITIATE is of use once and here."""
    short_public, short_secret = bindings.crypto_box_keypair()
    nonce = bindings.randombytes(_LONG_NONCE)
    cookie = nonce + bindings.crypto_secretbox(client_short + short_secret, b"COOKIE--" + nonce, cookie_key)
    nonce = bindings.randombytes(_LONG_NONCE)
    return nonce + Box(client_short, secret_key).seal(short_public + cookie, b"WELCOME-" + nonce)


def _open_cookie(cookie: bytes, cookie_key: bytes) -> tuple[bytes, bytes]:
    """(the client's short-term key, our short-term secret) that the cookie has kept."""
    bindings, CryptoError = nacl()
    try:
        opened = bindings.crypto_secretbox_open(cookie[_LONG_NONCE:], b"COOKIE--" + cookie[:_LONG_NONCE], cookie_key)
    except CryptoError:
        raise broken("cookie") from None
    return opened[:_KEY], opened[_KEY:]


def _check_vouch(bindings: Any, vouch: bytes, box: Box, expected: bytes) -> None:
    """The client's long-term key vouches for its short-term one, and means us."""
    opened = box.open(vouch[_LONG_NONCE:], b"VOUCH---" + vouch[:_LONG_NONCE], "vouch")
    if not bindings.sodium_memcmp(opened, expected):
        raise ProtocolError("the peer's vouch is for another connection", Event.PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE)


def _check_size(data: bytes, good: bool, name: str) -> None:
    if not good:
        raise ProtocolError(
            f"the peer sent a {name} of {len(data)} bytes", Event[f"PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_{name}"]
        )


def _number(nonce: int) -> bytes:
    return nonce.to_bytes(SHORT_NONCE, "big")
