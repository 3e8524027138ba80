"""Counters of failed attempts (SP 800-63B-4, section 3.2.2), on a clock that tests move."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from enrollment.authenticators.charges import Charge, counting
from enrollment.authenticators.counters import Counter, account_counter, address_counter
from enrollment.authenticators.throttling import Throttling, forget_counters
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


class Attempts:
    """Attempts that are let through, and how they end, each step in a transaction of its own."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self._database = database
        self._throttling = Throttling(clock, "login-throttled")

    def begin(self, *counters: Counter) -> Charge:
        with counting(self._database, durable=False) as session:
            self._throttling.charge(session, counters)
        return Charge(self._database, counters)

    def fail(self, *counters: Counter) -> None:
        self.begin(*counters)
        with counting(self._database, durable=True) as session:
            self._throttling.charge_failure(session, counters)

    def succeed(self, *counters: Counter) -> None:
        self.begin(*counters).settle()

    def wait_asked(self, *counters: Counter) -> timedelta:
        with pytest.raises(Throttled) as throttled:
            self.begin(*counters)
        return throttled.value.retry_after


@pytest.fixture
def attempts(database: Database, clock: FakeClock) -> Attempts:
    return Attempts(database, clock)


def test_waits_double_up_to_a_bound_and_end_in_a_lock(attempts: Attempts, clock: FakeClock) -> None:
    attempts.fail(ACCOUNT)
    waits = []
    for _ in range(5):
        attempts.fail(ACCOUNT)
        waits.append(attempts.wait_asked(ACCOUNT))
        clock.advance(waits[-1])
    assert [wait.total_seconds() for wait in waits] == [2, 4, 5, 5, 3600]
    attempts.fail(ACCOUNT)
    assert attempts.wait_asked(ACCOUNT) == timedelta(hours=1)


def test_waiting_out_does_not_count_as_an_attempt(attempts: Attempts, clock: FakeClock) -> None:
    attempts.fail(ACCOUNT)
    attempts.fail(ACCOUNT)
    clock.advance(seconds=1)
    for _ in range(20):
        assert attempts.wait_asked(ACCOUNT) == timedelta(seconds=1)


def test_success_forgives_an_account(attempts: Attempts) -> None:
    for _ in range(5):
        attempts.fail(ACCOUNT)
        attempts.succeed(ACCOUNT)


def test_a_charge_is_forgiven_with_what_it_was_for_and_only_when_that_is_kept(
    attempts: Attempts, database: Database
) -> None:
    attempts.fail(ACCOUNT)
    charge = attempts.begin(ACCOUNT)

    def undone() -> None:
        with database.writing() as session:
            charge.forgive(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert attempts.wait_asked(ACCOUNT)
    with charge, database.writing() as session:
        charge.forgive(session)
    attempts.fail(ACCOUNT)
    attempts.begin(ACCOUNT)


def test_a_charge_is_forgiven_however_its_block_ends(attempts: Attempts) -> None:
    for _ in range(5):
        attempts.fail(ACCOUNT)
        with pytest.raises(ZeroDivisionError), attempts.begin(ACCOUNT):
            raise ZeroDivisionError


def test_an_address_is_charged_for_failures_only(attempts: Attempts) -> None:
    address = address_counter("login", "203.0.113.9", LIMITS)
    for number in range(10):
        account = account_counter(f"wh{number}", LIMITS)
        attempts.succeed(account, address)
    attempts.fail(address)
    attempts.succeed(ACCOUNT, address)
    attempts.fail(address)
    assert attempts.wait_asked(address)


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
    attempts: Attempts, clock: FakeClock, database: Database
) -> None:
    attempts.fail(ACCOUNT)
    clock.advance(days=1)
    attempts.fail(ACCOUNT)
    attempts.succeed(ACCOUNT)
    attempts.fail(ACCOUNT)
    clock.advance(days=1)
    with database.writing() as session:
        forget_counters(session, clock.now())
        assert session.scalar(text("SELECT count(*) FROM throttle_counters")) == 0


def test_counters_are_in_the_database_not_in_the_process(
    attempts: Attempts, database: Database, clock: FakeClock
) -> None:
    attempts.fail(ACCOUNT)
    attempts.fail(ACCOUNT)
    assert Attempts(database, clock).wait_asked(ACCOUNT)


def test_nobody_gets_in_when_the_counters_cannot_be_kept(
    attempts: Attempts, database: Database
) -> None:
    with database.writing() as session:
        session.execute(text("DROP TABLE throttle_counters"))
    # A missing table is an OperationalError to SQLite, as a database that is away is.
    with pytest.raises(Unavailable, match=r"throttle-unavailable|database-unavailable"):
        attempts.begin(ACCOUNT)
