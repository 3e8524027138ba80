"""Counters of failed attempts (SP 800-63B-4, section 3.2.2), on a clock that tests move."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from enrollment.authenticators.throttling import (
    Attempt,
    Counter,
    Throttling,
    account_counter,
    address_counter,
    forget_counters,
)
from foundation.database import Database
from foundation.errors import Throttled, Unavailable
from policies.credentials import ThrottleParameters
from tests.support.clock import FakeClock

LIMITS = ThrottleParameters(
    free_attempts=2,
    first_backoff="2 seconds",  # type: ignore[arg-type]
    longest_backoff="5 seconds",  # type: ignore[arg-type]
    lock_after=6,
    lock_duration="1 hour",  # type: ignore[arg-type]
)
ACCOUNT = account_counter("wh000001", LIMITS)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def throttling(database: Database, clock: FakeClock) -> Throttling:
    return Throttling(database, clock, "login-throttled")


def fail(throttling: Throttling, *counters: Counter) -> Attempt:
    attempt = throttling.begin(counters)
    throttling.failed(attempt)
    return attempt


def wait_asked(throttling: Throttling, *counters: Counter) -> timedelta:
    with pytest.raises(Throttled) as throttled:
        throttling.begin(counters)
    return throttled.value.retry_after


def test_waits_double_up_to_a_bound_and_end_in_a_lock(
    throttling: Throttling, clock: FakeClock
) -> None:
    fail(throttling, ACCOUNT)
    waits = []
    for _ in range(5):
        fail(throttling, ACCOUNT)
        waits.append(wait_asked(throttling, ACCOUNT))
        clock.advance(waits[-1])
    assert [wait.total_seconds() for wait in waits] == [2, 4, 5, 5, 3600]
    fail(throttling, ACCOUNT)
    assert wait_asked(throttling, ACCOUNT) == timedelta(hours=1)


def test_waiting_out_does_not_count_as_an_attempt(throttling: Throttling, clock: FakeClock) -> None:
    fail(throttling, ACCOUNT)
    fail(throttling, ACCOUNT)
    clock.advance(seconds=1)
    for _ in range(20):
        assert wait_asked(throttling, ACCOUNT) == timedelta(seconds=1)


def test_success_forgives_an_account(throttling: Throttling) -> None:
    for _ in range(5):
        fail(throttling, ACCOUNT)
        throttling.succeeded(throttling.begin([ACCOUNT]))


def test_an_address_is_charged_for_failures_only(throttling: Throttling) -> None:
    address = address_counter("login", "203.0.113.9", LIMITS)
    for number in range(10):
        account = account_counter(f"wh{number}", LIMITS)
        throttling.succeeded(throttling.begin([account, address]))
    fail(throttling, address)
    throttling.succeeded(throttling.begin([ACCOUNT, address]))
    fail(throttling, address)
    assert wait_asked(throttling, address)


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        (None, "no address"),
    ],
)
def test_one_site_has_one_counter(address: str | None, same: str | None) -> None:
    assert address_counter("login", address, LIMITS) == address_counter("login", same, LIMITS)


def test_another_site_has_another_counter() -> None:
    first = address_counter("login", "2001:db8:1:2::1", LIMITS)
    assert first != address_counter("login", "2001:db8:1:3::1", LIMITS)
    assert first != address_counter("pickup", "2001:db8:1:2::1", LIMITS)


def test_failures_are_forgotten_after_a_quiet_day(
    throttling: Throttling, clock: FakeClock, database: Database
) -> None:
    fail(throttling, ACCOUNT)
    clock.advance(days=1)
    fail(throttling, ACCOUNT)
    throttling.succeeded(throttling.begin([ACCOUNT]))
    fail(throttling, ACCOUNT)
    clock.advance(days=1)
    with database.writing() as session:
        forget_counters(session, clock.now())
        assert session.scalar(text("SELECT count(*) FROM throttle_counters")) == 0


def test_counters_are_in_the_database_not_in_the_process(
    throttling: Throttling, database: Database, clock: FakeClock
) -> None:
    fail(throttling, ACCOUNT)
    fail(throttling, ACCOUNT)
    assert wait_asked(Throttling(database, clock, "login-throttled"), ACCOUNT)


def test_nobody_gets_in_when_the_counters_cannot_be_kept(
    throttling: Throttling, database: Database
) -> None:
    with database.writing() as session:
        session.execute(text("DROP TABLE throttle_counters"))
    with pytest.raises(Unavailable, match="throttle-unavailable"):
        throttling.begin([ACCOUNT])
