"""The validity that is remembered is the one that would be worked out."""

from datetime import timedelta

import pytest

from ca.errors import IssuerExpired
from ca.issuance.validities import Validities
from ca.profiles.lifetimes import Lifetimes
from tests.support.certification import make_profiles
from tests.support.clock import NEW_YEAR
from tests.support.drafts import authority

PROFILES = [make_profiles().get(name) for name in ("unit", "officer")]


def test_every_second_profile_and_issuer_has_its_own() -> None:
    lifetimes = Lifetimes()
    validities = Validities(lifetimes)
    for issuer in (authority("root"), authority("issuing")):
        for profile in (*PROFILES, *PROFILES):
            for later in (0.0, 0.5, 1.0, 1.0, 0.2):
                now = NEW_YEAR + timedelta(days=1, seconds=later)
                worked_out = lifetimes.validity(profile.name, now, issuer.certificate)
                assert validities.get(profile, now, issuer) == worked_out


def test_an_issuer_that_has_expired_since_is_noticed() -> None:
    validities, issuer = Validities(Lifetimes()), authority("issuing")
    last = issuer.certificate.not_valid_after_utc
    validities.get(PROFILES[0], last - timedelta(seconds=1), issuer)
    with pytest.raises(IssuerExpired):
        validities.get(PROFILES[0], last, issuer)
