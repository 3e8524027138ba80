"""General names (RFC 5280 section 4.2.1.6) as x509v3_config(5) writes them."""

import ipaddress
from collections.abc import Set

from cryptography import x509

from ca.errors import ProfileError


def read_general_name(item: str, kinds: Set[str]) -> x509.GeneralName:
    """Read ``KIND:value`` of one of `kinds` (DNS, IP, URI).

    Raises `ProfileError` for another kind and `ValueError` for a bad value.
    """
    kind, _, value = item.partition(":")
    if kind not in kinds or not value:
        raise ProfileError(f"{item!r} is not one of {', '.join(sorted(kinds))} with a value")
    if kind == "IP":
        return x509.IPAddress(ipaddress.ip_address(value))
    return x509.DNSName(value) if kind == "DNS" else x509.UniformResourceIdentifier(value)


def read_subtree(item: str) -> x509.GeneralName:
    """Read the base of a name constraint; an address carries its mask (section 4.2.1.10)."""
    if not item.startswith("IP:"):
        return read_general_name(item, {"DNS"})
    address, _, mask = item.removeprefix("IP:").partition("/")
    return x509.IPAddress(_network(ipaddress.ip_address(address), ipaddress.ip_address(mask)))


def _network(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    mask: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    # OpenSSL takes masks only, Python's IPv6 takes prefix lengths only.
    network = ipaddress.ip_network(f"{address}/{int(mask).bit_count()}")
    if network.netmask != mask:
        raise ProfileError(f"{mask} is no mask of {address}")
    return network


def spell_general_name(name: str) -> str:
    """Return a host name or address as ``DNS:name`` or ``IP:address``."""
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def spell_subtree(name: str) -> str:
    """Return a host name or address as the subtree that permits it."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return f"permitted;DNS:{name}"
    network = ipaddress.ip_network(address)
    return f"permitted;IP:{address}/{network.netmask}"
