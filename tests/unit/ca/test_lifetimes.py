"""Validity periods nest (RFC 5280 section 4.1.2.5) and renewal leaves time for another try."""

from datetime import timedelta

import pytest

from ca.errors import IssuerExpired
from ca.profiles.lifetimes import BACKDATE, Lifetimes, needs_renewal
from tests.support.clock import NEW_YEAR
from tests.support.drafts import authority

ISSUING = authority("issuing").certificate
WEEK = timedelta(days=7)
LIFETIMES = Lifetimes({"unit": WEEK})


def test_starts_a_little_in_the_past_and_lasts_as_long_as_it_says() -> None:
    now = NEW_YEAR + timedelta(days=1, microseconds=123456)
    not_before, not_after = LIFETIMES.validity("unit", now, ISSUING)
    assert not_before == NEW_YEAR + timedelta(days=1) - BACKDATE
    # Both ends belong to the period, hence one second less.
    assert not_after - not_before == WEEK - timedelta(seconds=1)


def test_never_starts_before_the_issuer() -> None:
    not_before, _ = LIFETIMES.validity("unit", ISSUING.not_valid_before_utc, ISSUING)
    assert not_before == ISSUING.not_valid_before_utc


def test_never_outlives_the_issuer() -> None:
    now = ISSUING.not_valid_after_utc - timedelta(days=1)
    _, not_after = LIFETIMES.validity("unit", now, ISSUING)
    assert not_after == ISSUING.not_valid_after_utc


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=1)])
def test_an_issuer_that_is_over_issues_nothing(late: timedelta) -> None:
    with pytest.raises(IssuerExpired):
        LIFETIMES.validity("unit", ISSUING.not_valid_after_utc + late, ISSUING)


def test_a_lifetime_that_backdating_would_eat_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than its backdating"):
        Lifetimes({"ocsp": BACKDATE})


def test_renewal_is_due_when_a_third_is_left() -> None:
    lifetime = ISSUING.not_valid_after_utc - ISSUING.not_valid_before_utc
    due = ISSUING.not_valid_after_utc - lifetime / 3
    assert not needs_renewal(ISSUING, due)
    assert needs_renewal(ISSUING, due + timedelta(seconds=1))
    assert needs_renewal(ISSUING, ISSUING.not_valid_after_utc + WEEK)
