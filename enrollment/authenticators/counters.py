"""What failures are counted against: an account, a serial number, an address."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from policies.credentials import ThrottleParameters

_ACCOUNT_MEMORY = timedelta(days=1)
_IPV6_SITE_BITS = 64


@dataclass(frozen=True)
class Counter:
    """What failures are counted against, and its limits.

    `charged_first` counters are charged for the attempt, the others only for
    its failure. Failures are forgotten after `memory` without an attempt.
    """

    key: str
    limits: ThrottleParameters
    charged_first: bool
    memory: timedelta


def account_counter(username: str, limits: ThrottleParameters) -> Counter:
    """Return the counter of logins to one account."""
    return Counter(f"account:{username}", limits, True, _ACCOUNT_MEMORY)


def serial_counter(serial_number: str, limits: ThrottleParameters) -> Counter:
    """Return the counter of pickups of one certificate."""
    return Counter(f"serial:{serial_number}", limits, True, _ACCOUNT_MEMORY)


def address_counter(purpose: str, address: str | None, limits: ThrottleParameters) -> Counter:
    """Return the counter of one address, of an IPv6 site as a whole (/64)."""
    key = f"{purpose}-address:{_site(address)}"
    return Counter(key, limits, False, limits.lock_duration)


def _site(address: str | None) -> str:
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        if mapped is not None:
            return str(mapped)
        host_bits = 128 - _IPV6_SITE_BITS
        return f"{IPv6Address(int(parsed) >> host_bits << host_bits)}/{_IPV6_SITE_BITS}"
    return str(parsed)
