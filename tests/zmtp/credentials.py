"""Two sides of each mechanism, and their handshakes command by command."""

import pytest

from gzmq.constants import SecurityMechanism
from gzmq.security import Security
from gzmq.zmtp import GREETING

from .marriage import hear, said, single

bindings = pytest.importorskip("nacl.bindings")

SERVER_KEYS, CLIENT_KEYS, STRANGER = (bindings.crypto_box_keypair() for _ in range(3))
PLAIN_SERVER = Security(SecurityMechanism.PLAIN, True)
PLAIN_CLIENT = Security(SecurityMechanism.PLAIN, username=b"anna", password=b"opensesame")
CURVE_SERVER = Security(SecurityMechanism.CURVE, True, secret_key=SERVER_KEYS[1])
CURVE_CLIENT = Security(
    SecurityMechanism.CURVE, public_key=CLIENT_KEYS[0], secret_key=CLIENT_KEYS[1], server_key=SERVER_KEYS[0]
)
#: What a ZAP handler says to let a client in.
WELCOME = [b"", b"1.0", b"1", b"200", b"OK", b"anna", b""]


def greeted(client=CURVE_CLIENT, server=CURVE_SERVER, kinds=("PUSH", "PULL"), to_server=(), **config):
    """A client and a server that know each other's greeting; what the client has said since."""
    one, other = single(kinds[0], security=client, **config), single(kinds[1], security=server, **dict(to_server))
    while GREETING in (one.state, other.state):
        hear(other, said(one))
        if other.state != GREETING:
            break
        hear(one, said(other))
    hear(one, said(other))
    return one, other, said(one)


def exchange(client, server, hello, reply=None, cut=None):
    """The rest of a handshake, command by command; the ZAP handler says ``reply``."""
    words = [hello]
    speaker, listener = client, server
    while words[-1]:
        hear(listener, words[-1], cut)
        if listener.take_zap_question() is not None:
            listener.zap_replied(reply)
        words.append(said(listener))
        speaker, listener = listener, speaker
    return words[:-1]


def married(client=CURVE_CLIENT, server=CURVE_SERVER, kinds=("PUSH", "PULL"), reply=None, cut=None, **config):
    """A client and a server after their handshake."""
    one, other, hello = greeted(client, server, kinds, **config)
    exchange(one, other, hello, reply, cut)
    return one, other
