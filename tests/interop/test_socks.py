"""Claims of SOCKS: the tests' proxy is one to libzmq too, and either side may be behind it."""

import pytest

from ..socks_proxy import Proxy
from .claims import address

LOGIN = {"username": b"user", "password": b"secret"}
OPTIONS = {"socks_username": b"user", "socks_password": b"secret"}


@pytest.fixture(params=["no login", "login"])
def through(request):
    """A proxy, and the options of its clients."""
    login = request.param == "login"
    proxy = Proxy(hosts={"server.invalid": "127.0.0.1"}, **(LOGIN if login else {}))
    yield proxy, {"socks_proxy": proxy.address, **(OPTIONS if login else {})}
    proxy.stop()


@pytest.mark.parametrize("host, kind", [("127.0.0.1", 1), ("server.invalid", 3)])
@pytest.mark.parametrize("we_dial", [True, False], ids=["we dial", "libzmq dials"])
def test_requests_go_through_the_proxy(make, peer, through, we_dial, host, kind):
    """Both ask the proxy for the same: the address as it is, or the name."""
    proxy, options = through
    rep = (peer.socket if we_dial else make)("REP", bind="tcp://127.0.0.1:*")
    port = int(address(rep).rpartition(":")[2])
    req = (make if we_dial else peer.socket)("REQ", **options)
    req.connect(f"tcp://{host}:{port}")
    req.send(b"ask")
    assert rep.recv() == b"ask"
    rep.send(b"answer")
    assert req.recv() == b"answer"
    assert proxy.asked == [(kind, host, port)]
