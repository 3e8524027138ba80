"""Reading officers: one, or a page of those that match."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from enrollment.authenticators.records import current_serial_numbers
from enrollment.models import Officer, OfficerRole, Subscriber
from enrollment.pages import Page, next_key, page_size
from enrollment.slips.issued_slip import rfc3339
from enrollment.slips.records import SlipView, latest_slips
from enrollment.subscribers.finding import has_in_its_name
from enrollment.subscribers.usernames import normalise_username
from foundation.errors import NotFound
from policies.principal import Standing


@dataclass(frozen=True)
class OfficerView:
    """An officer as administrators see one; `serial_number` is of the current certificate."""

    username: str
    display_name: str
    roles: tuple[str, ...]
    district: str | None
    standing: Standing
    created_at: datetime
    serial_number: str | None
    slip: SlipView | None

    def as_document(self) -> dict[str, object]:
        """Return the officer for JSON."""
        return {
            "username": self.username,
            "display_name": self.display_name,
            "roles": list(self.roles),
            "district": self.district,
            "standing": self.standing,
            "created_at": rfc3339(self.created_at),
            "serial_number": self.serial_number,
            "slip": self.slip.as_document() if self.slip else None,
        }


def find_officers(
    session: Session, query: str, *, after: str | None, limit: int, now: datetime
) -> Page[OfficerView]:
    """Return a page of officers in the order of their usernames, from behind `after`."""
    limit = page_size(limit)
    statement = _all_officers().order_by(Subscriber.username).limit(limit + 1)
    if text := query.strip():
        statement = statement.where(has_in_its_name(text))
    if after is not None:
        statement = statement.where(Subscriber.username > after)
    rows = session.execute(statement).all()
    views = _views(session, rows[:limit], now)
    return Page(views, next_key([subscriber.username for subscriber, _ in rows], limit))


def get_officer(session: Session, username: str, *, now: datetime) -> OfficerView:
    """Return one officer; raises `NotFound` ("officer-not-found")."""
    statement = _all_officers().where(Subscriber.username == normalise_username(username))
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("officer-not-found")
    return _views(session, [row], now)[0]


def _all_officers() -> Select[Subscriber, Officer]:
    return (
        select(Subscriber, Officer)
        .join(Officer, Officer.subscriber_id == Subscriber.id)
        .execution_options(populate_existing=True)
    )


def _roles(session: Session, subscriber_ids: Collection[int]) -> dict[int, list[str]]:
    statement = (
        select(OfficerRole.subscriber_id, OfficerRole.role)
        .where(OfficerRole.subscriber_id.in_(subscriber_ids))
        .order_by(OfficerRole.role)
    )
    roles: dict[int, list[str]] = defaultdict(list)
    for subscriber_id, role in session.execute(statement):
        roles[subscriber_id].append(role)
    return roles


def _views(
    session: Session, rows: Sequence[tuple[Subscriber, Officer]], now: datetime
) -> tuple[OfficerView, ...]:
    ids = [subscriber.id for subscriber, _ in rows]
    slips = latest_slips(session, ids, now)
    serial_numbers = current_serial_numbers(session, ids)
    roles = _roles(session, ids)
    return tuple(
        OfficerView(
            username=subscriber.username,
            display_name=subscriber.display_name,
            roles=tuple(roles.get(subscriber.id, ())),
            district=officer.district,
            standing=cast(Standing, subscriber.standing),
            created_at=subscriber.created_at,
            serial_number=serial_numbers.get(subscriber.id),
            slip=slips.get(subscriber.id),
        )
        for subscriber, officer in rows
    )
