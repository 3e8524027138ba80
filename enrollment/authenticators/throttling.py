"""Slowing down and locking out those who guess (SP 800-63B-4, section 3.2.2).

Counters live in the database, in transactions of their own: a failure counts
even when the request around it is rolled back, on every node and after a
restart. An attempt against an account or a serial number is counted *before*
the secret is looked at and forgiven when it was right, so that guesses sent at
the same moment cannot slip past the limit together. An address, which may be a
whole office, is only charged for failures. When the counters cannot be read or
written, nobody gets in.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from enrollment.models import ThrottleCounter
from foundation.clock import Clock
from foundation.database import Database, insert_or_conflict
from foundation.errors import Conflict, Throttled, Unavailable
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


@dataclass(frozen=True)
class Attempt:
    """One attempt that was let through; it is settled once, as failed or succeeded."""

    counters: tuple[Counter, ...]


class Throttling:
    """The counters of one purpose."""

    def __init__(self, database: Database, clock: Clock, code: str) -> None:
        """Take the code of the `Throttled` that is raised, as ``login-throttled``."""
        self._database = database
        self._clock = clock
        self._code = code

    def begin(self, counters: Sequence[Counter]) -> Attempt:
        """Let an attempt through, or raise `Throttled` with the time to wait.

        Raises `Unavailable` when the counters cannot be kept.
        """
        # One order for all, so that two attempts never wait for each other.
        ordered = tuple(sorted(counters, key=lambda counter: counter.key))
        now = self._clock.now()
        with self._storing() as session:
            rows = [(counter, _lock(session, counter, now)) for counter in ordered]
            blocked_until = max((row.blocked_until for _, row in rows), default=now)
            if blocked_until > now:
                raise Throttled(self._code, retry_after=blocked_until - now)
            for counter, row in rows:
                if counter.charged_first:
                    _charge(counter, row, now)
        return Attempt(ordered)

    def failed(self, attempt: Attempt) -> None:
        """Charge those counters that were not charged before."""
        now = self._clock.now()
        with self._storing() as session:
            for counter in attempt.counters:
                if not counter.charged_first:
                    _charge(counter, _lock(session, counter, now), now)

    def succeeded(self, attempt: Attempt) -> None:
        """Forgive those counters that were charged for the attempt."""
        forgiven = [counter.key for counter in attempt.counters if counter.charged_first]
        with self._storing() as session:
            session.execute(delete(ThrottleCounter).where(ThrottleCounter.key.in_(forgiven)))

    @contextmanager
    def _storing(self) -> Iterator[Session]:
        try:
            with self._database.writing() as session:
                yield session
        except SQLAlchemyError as failure:
            raise Unavailable("throttle-unavailable") from failure


def forget_counters(session: Session, now: datetime) -> None:
    """Delete counters whose failures are forgotten."""
    session.execute(delete(ThrottleCounter).where(ThrottleCounter.forget_at <= now))


def _lock(session: Session, counter: Counter, now: datetime) -> ThrottleCounter:
    """Return the counter's row, locked until the transaction ends."""
    query = (
        select(ThrottleCounter)
        .where(ThrottleCounter.key == counter.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        fresh = ThrottleCounter(
            key=counter.key, failures=0, counted_at=now, blocked_until=now, forget_at=now
        )
        try:
            insert_or_conflict(session, fresh, Conflict("counted-meanwhile"))
        except Conflict:
            return _lock(session, counter, now)
        return fresh
    if row.forget_at <= now:
        row.failures = 0
    return row


def _charge(counter: Counter, row: ThrottleCounter, now: datetime) -> None:
    row.failures += 1
    row.counted_at = now
    row.blocked_until = now + counter.limits.backoff_after(row.failures)
    row.forget_at = max(row.blocked_until, now + counter.memory)


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
