"""Slowing down and locking out those who guess (SP 800-63B-4, section 3.2.2).

Counters live in the database, in transactions that nothing around them undoes: a
failure counts even when the request is given up, on every node and after a
restart of the program. An attempt against an account or a serial number is counted *before*
the secret is looked at and forgiven when it was right, so that guesses sent at
the same moment cannot slip past the limit together. An address, which may be a
whole office, is only charged for failures. When the counters cannot be read or
written, nobody gets in.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from enrollment.authenticators.counters import Counter
from enrollment.models import ThrottleCounter
from foundation.clock import Clock
from foundation.database import Statement
from foundation.errors import Throttled

_TABLE: Final = cast(Table, ThrottleCounter.__table__)
_COLUMNS: Final = tuple(_TABLE.c.keys())
_DIALECTS: Final[Mapping[str, sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert(_TABLE),
    "postgresql": postgresql.insert(_TABLE),
}

# Most have not failed lately. Does nothing when there is a counter already.
_MAKE: Final = {
    dialect: Statement(insert.on_conflict_do_nothing(), *_COLUMNS)
    for dialect, insert in _DIALECTS.items()
}
# Changing nothing locks the row, whoever made it, and shows what it says.
_MAKE_OR_LOCK: Final = {
    dialect: Statement(
        insert.on_conflict_do_update(
            index_elements=[_TABLE.c.key], set_={"failures": _TABLE.c.failures}
        ).returning(_TABLE.c.failures, _TABLE.c.blocked_until, _TABLE.c.forget_at),
        *_COLUMNS,
    )
    for dialect, insert in _DIALECTS.items()
}
_CHARGE: Final = Statement(
    update(_TABLE).where(_TABLE.c.key == bindparam("of")),
    *(column for column in _COLUMNS if column != "key"),
)
_BLOCKED_UNTIL: Final = Statement(
    select(_TABLE.c.blocked_until).where(_TABLE.c.key == bindparam("of"))
)
_FORGIVE: Final = Statement(delete(_TABLE).where(_TABLE.c.key == bindparam("of")))


class Throttling:
    """The counters of one purpose. Everything happens in the caller's transaction."""

    def __init__(self, clock: Clock, code: str) -> None:
        """Take the code of the `Throttled` that is raised, as ``login-throttled``."""
        self._clock = clock
        self._code = code

    def charge(self, session: Session, counters: Iterable[Counter]) -> None:
        """Let an attempt through, or raise `Throttled` with the time to wait.

        The transaction is to be given up when it raises.
        """
        now = self._clock.now()
        moments = [
            _charge(session, counter, now)
            if counter.charged_first
            else _blocked_until(session, counter, now)
            for counter in _ordered(counters)
        ]
        blocked_until = max(moments, default=now)
        if blocked_until > now:
            raise Throttled(self._code, retry_after=blocked_until - now)

    def charge_failure(self, session: Session, counters: Iterable[Counter]) -> None:
        """Charge those counters that were not charged for the attempt."""
        now = self._clock.now()
        for counter in _ordered(counters):
            if not counter.charged_first:
                _charge(session, counter, now)

    @staticmethod
    def forgive(session: Session, counters: Iterable[Counter]) -> None:
        """Forgive those counters that were charged for the attempt."""
        for counter in _ordered(counters):
            if counter.charged_first:
                _FORGIVE.change(session, of=counter.key)


def forget_counters(session: Session, now: datetime) -> None:
    """Delete counters whose failures are forgotten."""
    session.execute(delete(ThrottleCounter).where(ThrottleCounter.forget_at <= now))


def _ordered(counters: Iterable[Counter]) -> Sequence[Counter]:
    # One order for all, so that two attempts never wait for each other.
    return sorted(counters, key=lambda counter: counter.key)


def _blocked_until(session: Session, counter: Counter, now: datetime) -> datetime:
    found = _BLOCKED_UNTIL.find(session, of=counter.key)
    return cast(datetime, found.blocked_until) if found else now


def _charge(session: Session, counter: Counter, now: datetime) -> datetime:
    """Charge a counter, made when it is missing; return until when it was blocked before."""
    dialect = session.get_bind().dialect.name
    if _MAKE[dialect].change(session, key=counter.key, **_charged(counter, 1, now)):
        return now
    new = _row(0, now, now, now)
    found = _MAKE_OR_LOCK[dialect].rows(session, key=counter.key, **new)[0]
    failures = 0 if found.forget_at <= now else found.failures
    _CHARGE.change(session, of=counter.key, **_charged(counter, failures + 1, now))
    return cast(datetime, found.blocked_until)


def _charged(counter: Counter, failures: int, now: datetime) -> dict[str, object]:
    blocked_until = now + counter.limits.backoff_after(failures)
    return _row(failures, now, blocked_until, max(blocked_until, now + counter.memory))


def _row(
    failures: int, now: datetime, blocked_until: datetime, forget_at: datetime
) -> dict[str, object]:
    return {
        "failures": failures,
        "counted_at": now,
        "blocked_until": blocked_until,
        "forget_at": forget_at,
    }
