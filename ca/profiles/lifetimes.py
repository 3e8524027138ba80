"""How long certificates are valid (RFC 5280 section 4.1.2.5), and when to renew them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509

from ca.errors import IssuerExpired
from ca.models import ProfileName

# A client whose clock is a little slow still accepts a certificate made now.
BACKDATE = timedelta(minutes=5)
# A third of the lifetime is left when renewal is due: several attempts fit in.
_RENEWAL_FRACTION = 3

DEFAULT_LIFETIMES: Mapping[ProfileName, timedelta] = {
    "root": timedelta(days=20 * 365),
    "issuing": timedelta(days=10 * 365),
    "server": timedelta(days=397),
    "ocsp": timedelta(days=30),
    "edge": timedelta(days=397),
    "unit": timedelta(days=2 * 365),
    "officer": timedelta(days=365),
    "person": timedelta(days=2 * 365),
}


class Lifetimes:
    """The lifetime of each profile; those not given are as in `DEFAULT_LIFETIMES`."""

    def __init__(self, lifetimes: Mapping[ProfileName, timedelta] | None = None) -> None:
        self._lifetimes = {**DEFAULT_LIFETIMES, **(lifetimes or {})}
        if any(lifetime <= BACKDATE for lifetime in self._lifetimes.values()):
            raise ValueError("a certificate's lifetime must be longer than its backdating")

    def validity(
        self, profile: ProfileName, now: datetime, issuer: x509.Certificate | None
    ) -> tuple[datetime, datetime]:
        """Return (not_before, not_after), both part of the validity, in whole seconds.

        The lifetime counts from not_before, which lies `BACKDATE` in the past.

        Never outside the issuer's own validity (the shell model), so that no
        certificate outlives the key that vouches for it. Raises
        `IssuerExpired` when that leaves nothing.
        """
        start = now.replace(microsecond=0)
        not_before = start - BACKDATE
        not_after = not_before + self._lifetimes[profile] - timedelta(seconds=1)
        if issuer is None:
            return not_before, not_after
        if issuer.not_valid_after_utc <= start:
            raise IssuerExpired
        return (
            max(not_before, issuer.not_valid_before_utc),
            min(not_after, issuer.not_valid_after_utc),
        )


def needs_renewal(certificate: x509.Certificate, now: datetime) -> bool:
    """Return whether less than a third of the certificate's lifetime is left."""
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - now < lifetime / _RENEWAL_FRACTION
