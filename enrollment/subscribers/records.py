"""Reading subscribers with what units and officers have beside that: one, or those of a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Select
from sqlalchemy.orm import Session

from enrollment.authenticators.records import current_serial_numbers
from enrollment.models import Subscriber
from enrollment.slips.issued_slip import rfc3339
from enrollment.slips.records import SlipView, latest_slips
from enrollment.subscribers.usernames import normalise_username
from foundation.errors import NotFound
from policies.principal import Standing

Own = TypeVar("Own")
View = TypeVar("View", bound="SubscriberView")
Rows = Sequence[tuple[Subscriber, Own]]


@dataclass(frozen=True, kw_only=True)
class SubscriberView:
    """What every kind of subscriber has; `serial_number` is of the current certificate."""

    username: str
    standing: Standing
    created_at: datetime
    serial_number: str | None
    slip: SlipView | None

    def as_document(self) -> dict[str, object]:
        """Return the subscriber for JSON."""
        return {
            "username": self.username,
            "standing": self.standing,
            "created_at": rfc3339(self.created_at),
            "serial_number": self.serial_number,
            "slip": self.slip.as_document() if self.slip else None,
        }


@dataclass(frozen=True)
class Common:
    """The fields of `SubscriberView`, of all subscribers of a page."""

    slips: dict[int, SlipView]
    serial_numbers: dict[int, str]

    def fields(self, subscriber: Subscriber) -> dict[str, Any]:
        """Return them by name."""
        return {
            "username": subscriber.username,
            "standing": cast(Standing, subscriber.standing),
            "created_at": subscriber.created_at,
            "serial_number": self.serial_numbers.get(subscriber.id),
            "slip": self.slips.get(subscriber.id),
        }


@dataclass(frozen=True)
class Records(Generic[Own, View]):
    """How one kind is read: both rows of each, their views, and what a missing one is called."""

    statement: Select[Subscriber, Own]
    views: Callable[[Session, Rows[Own], Common], tuple[View, ...]]
    missing: str

    def get(self, session: Session, unverified_username: str, now: datetime) -> View:
        """Return one as the database has it now; raises `NotFound`."""
        username = normalise_username(unverified_username)
        rows = self._rows(session, self.statement.where(Subscriber.username == username))
        if not rows:
            raise NotFound(self.missing)
        return self._seen(session, rows, now)[0]

    def named(self, session: Session, usernames: Sequence[str], now: datetime) -> tuple[View, ...]:
        """Return those with these usernames, in this order."""
        if not usernames:
            return ()
        rows = self._rows(session, self.statement.where(Subscriber.username.in_(usernames)))
        places = {username: place for place, username in enumerate(usernames)}
        return self._seen(session, sorted(rows, key=lambda row: places[row[0].username]), now)

    def _rows(self, session: Session, statement: Select[Subscriber, Own]) -> Rows[Own]:
        rows = session.execute(statement.execution_options(populate_existing=True))
        return [(row[0], row[1]) for row in rows]

    def _seen(self, session: Session, rows: Rows[Own], now: datetime) -> tuple[View, ...]:
        ids = [subscriber.id for subscriber, _ in rows]
        common = Common(latest_slips(session, ids, now), current_serial_numbers(session, ids))
        return self.views(session, rows, common)
