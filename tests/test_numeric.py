"""IP addresses as text."""

from _socket import AF_INET, AF_INET6
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmq.numeric import family, is_multicast

FAMILIES = {4: AF_INET, 6: AF_INET6}


def expected(host):
    """What the standard library says, of a host without a zone: (family, multicast)."""
    try:
        address = ip_address(host)
    except ValueError:
        return None, False
    return FAMILIES[address.version], address.is_multicast


@given(st.ip_addresses().map(str) | st.text("0123456789abcdef:.", max_size=20) | st.text(max_size=9))
def test_it_agrees_with_ipaddress(host):
    """On addresses, what resembles them, and any text."""
    host = host.replace("%", "")
    assert (family(host), is_multicast(host)) == expected(host)


@pytest.mark.parametrize(
    "host, known",
    [("fe80::1%eth0", AF_INET6), ("fe80::1%", None), ("fe80::1%a%b", None), ("127.0.0.1%lo", None), ("%eth0", None)],
)
def test_zones(host, known):
    """Only IPv6 has them, one at most, and it has a name."""
    assert family(host) == known


@pytest.mark.parametrize(
    "host, multicast",
    [("223.255.255.255", False), ("224.0.0.0", True), ("239.255.255.255", True), ("240.0.0.0", False),
     ("ff02::1%eth0", True), ("fe00::1", False), ("localhost", False)],
)  # fmt: skip
def test_multicast(host, multicast):
    """The borders of the groups."""
    assert is_multicast(host) is multicast
