"""Weak RSA moduli (FIPS 186-5 section 5, CA/Browser Forum Baseline Requirements 6.1.6)."""

from collections.abc import Callable, Mapping
from typing import Final

from badkeys import rsakeys

# Name and check; a check takes modulus and exponent and answers False when it
# finds nothing. Left out: patterns in the modulus that strong keys show as well.
_CHECKS: Final[Mapping[str, Callable[..., object]]] = {
    "small-factors": rsakeys.smallfactors,
    # CVE-2017-15361: primes of a form that Infineon's library made.
    "roca": rsakeys.roca,
    # CVE-2022-26320: primes so close that Fermat's method finds them at once.
    "fermat": rsakeys.fermat,
    # One prime with keys found in the wild ("Mining Your Ps and Qs", 2012).
    "shared-primes": rsakeys.sharedprimes,
    # Runs of zeros that make the modulus factor like a polynomial.
    "polynomial": rsakeys.rsapoly,
    "biased": rsakeys.rsabias,
    "invalid-exponent": rsakeys.rsainvalid,
    # Wiener's attack; only an exponent far beyond 65537 comes to it.
    "small-private-exponent": rsakeys.smalld,
}


def find_modulus_weakness(modulus: int, exponent: int) -> str | None:
    """Return the name of the first weakness of an RSA key, or None."""
    return next(
        (name for name, check in _CHECKS.items() if check(modulus, e=exponent) is not False), None
    )
