"""The validity of what is issued in one second, worked out once."""

from datetime import datetime

from ca.authorities import Authority
from ca.models import ProfileName
from ca.profiles import Profile
from ca.profiles.lifetimes import Lifetimes

_Second = tuple[ProfileName, datetime, bytes]
_Validity = tuple[datetime, datetime]


class Validities:
    """Remembers the newest; a batch has the same hundreds of times."""

    def __init__(self, lifetimes: Lifetimes) -> None:
        self._lifetimes = lifetimes
        self._newest: tuple[_Second, _Validity] | None = None

    def get(self, profile: Profile, now: datetime, issuer: Authority) -> _Validity:
        """Return (not_before, not_after); raises `IssuerExpired`, see `Lifetimes.validity`."""
        second = (profile.name, now.replace(microsecond=0), issuer.certificate.signature)
        # Read once: another thread may put another in its place.
        newest = self._newest
        if newest is not None and newest[0] == second:
            return newest[1]
        validity = self._lifetimes.validity(profile.name, now, issuer.certificate)
        self._newest = (second, validity)
        return validity
