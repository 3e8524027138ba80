"""Slowing down and locking out those who guess (SP 800-63B-4, section 3.2.2).

Counters live in the database, in transactions of their own: a failure counts
even when the request around it is rolled back, on every node and after a
restart of the program. An attempt against an account or a serial number is counted *before*
the secret is looked at and forgiven when it was right, so that guesses sent at
the same moment cannot slip past the limit together. An address, which may be a
whole office, is only charged for failures. When the counters cannot be read or
written, nobody gets in.

Neither the charge nor its forgiving waits for the disk, because every right
password pays for both: a power cut may forget the charges of its last moment.
Failures are durable before they are answered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final, cast

from sqlalchemy import Connection, Executable, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from enrollment.models import ThrottleCounter
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Throttled, Unavailable
from policies.credentials import ThrottleParameters

_ACCOUNT_MEMORY = timedelta(days=1)
_IPV6_SITE_BITS = 64

# Built once, and past the object layer: every login and every pickup comes here.
_TABLE: Final = cast(Table, ThrottleCounter.__table__)


def _locking(insert: postgresql.Insert | sqlite.Insert) -> Executable:
    # Changing nothing locks the row, whoever made it, and shows what it says.
    made_or_found = insert.on_conflict_do_update(
        index_elements=[_TABLE.c.key], set_={"failures": _TABLE.c.failures}
    )
    return made_or_found.returning(_TABLE.c.failures, _TABLE.c.blocked_until, _TABLE.c.forget_at)


_LOCK: Final = {
    "sqlite": _locking(sqlite.insert(_TABLE)),
    "postgresql": _locking(postgresql.insert(_TABLE)),
}
_CHARGE: Final = update(_TABLE).where(_TABLE.c.key == bindparam("of"))
_BLOCKED_UNTIL: Final = select(_TABLE.c.blocked_until).where(_TABLE.c.key == bindparam("of"))
_FORGIVE: Final = delete(_TABLE).where(_TABLE.c.key == bindparam("of"))


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


# As of a database that is away (`foundation.database.failures`), which is why.
_RETRY_AFTER = timedelta(seconds=5)


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
        with self._storing(durable=False) as connection:
            charged = [_lock(connection, each, now) for each in ordered if each.charged_first]
            moments = [count.blocked_until for count in charged]
            for other in (each for each in ordered if not each.charged_first):
                moments += connection.scalars(_BLOCKED_UNTIL, {"of": other.key})
            blocked_until = max(moments, default=now)
            if blocked_until > now:
                raise Throttled(self._code, retry_after=blocked_until - now)
            for count in charged:
                _charge(connection, count, now)
        return Attempt(ordered)

    def failed(self, attempt: Attempt) -> None:
        """Charge those counters that were not charged before."""
        now = self._clock.now()
        with self._storing() as connection:
            for counter in attempt.counters:
                if not counter.charged_first:
                    _charge(connection, _lock(connection, counter, now), now)

    def succeeded(self, attempt: Attempt) -> None:
        """Forgive those counters that were charged for the attempt."""
        with self._storing(durable=False) as connection:
            for counter in attempt.counters:
                if counter.charged_first:
                    connection.execute(_FORGIVE, {"of": counter.key})

    @contextmanager
    def _storing(self, *, durable: bool = True) -> Iterator[Connection]:
        try:
            with self._database.writing(durable=durable) as session:
                yield session.connection()
        except SQLAlchemyError as failure:
            raise ThrottleUnavailable from failure


class ThrottleUnavailable(Unavailable):
    """Attempts cannot be counted now, so none is let through."""

    def __init__(self) -> None:
        super().__init__("throttle-unavailable")
        self.retry_after = _RETRY_AFTER


def forget_counters(session: Session, now: datetime) -> None:
    """Delete counters whose failures are forgotten."""
    session.execute(delete(ThrottleCounter).where(ThrottleCounter.forget_at <= now))


@dataclass(frozen=True)
class _Count:
    """A counter's row, locked until the transaction ends."""

    counter: Counter
    failures: int
    blocked_until: datetime


def _lock(connection: Connection, counter: Counter, now: datetime) -> _Count:
    # Made when it is missing, so that two attempts at the same moment wait for one row.
    new = {
        "key": counter.key,
        "failures": 0,
        "counted_at": now,
        "blocked_until": now,
        "forget_at": now,
    }
    found = connection.execute(_LOCK[connection.dialect.name], new).one()
    failures = 0 if found.forget_at <= now else found.failures
    return _Count(counter, failures, found.blocked_until)


def _charge(connection: Connection, count: _Count, now: datetime) -> None:
    counter, failures = count.counter, count.failures + 1
    blocked_until = now + counter.limits.backoff_after(failures)
    connection.execute(
        _CHARGE,
        {
            "of": counter.key,
            "failures": failures,
            "counted_at": now,
            "blocked_until": blocked_until,
            "forget_at": max(blocked_until, now + counter.memory),
        },
    )


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
