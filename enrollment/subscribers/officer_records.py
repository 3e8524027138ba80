"""Reading officers: one, or a page of those that match."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from enrollment.models import Officer, OfficerRole, Subscriber, Unit
from enrollment.pages import Page, next_key, page_size
from enrollment.subscribers.records import Common, Records, Rows, SubscriberView
from enrollment.subscribers.search import is_called


@dataclass(frozen=True, kw_only=True)
class OfficerView(SubscriberView):
    """An officer as administrators see one."""

    display_name: str
    roles: tuple[str, ...]
    district: str | None

    def as_document(self) -> dict[str, object]:
        """Return the officer for JSON."""
        return {
            **super().as_document(),
            "display_name": self.display_name,
            "roles": list(self.roles),
            "district": self.district,
        }


def find_officers(
    session: Session, query: str, *, after: str | None, limit: int, now: datetime
) -> Page[OfficerView]:
    """Return a page of officers in the order of their usernames, from behind `after`.

    An agency's officers are hundreds, however many units there are: each is
    looked at, so that any part of a username is found too.
    """
    limit = page_size(limit)
    statement = (
        select(Subscriber.username)
        .join(Officer, Officer.subscriber_id == Subscriber.id)
        .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .order_by(Subscriber.username)
        .limit(limit + 1)
    )
    if text := query.strip():
        within = Subscriber.username.contains(text.lower(), autoescape=True)
        statement = statement.where(or_(is_called(text), within))
    if after is not None:
        statement = statement.where(Subscriber.username > after)
    usernames = session.scalars(statement).all()
    return Page(_OFFICERS.named(session, usernames[:limit], now), next_key(usernames, limit))


def get_officer(session: Session, username: str, *, now: datetime) -> OfficerView:
    """Return one officer; raises `NotFound` ("officer-not-found")."""
    return _OFFICERS.get(session, username, now)


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


def _views(session: Session, rows: Rows[Officer], common: Common) -> tuple[OfficerView, ...]:
    roles = _roles(session, [subscriber.id for subscriber, _ in rows])
    return tuple(
        OfficerView(
            **common.fields(subscriber),
            display_name=subscriber.display_name,
            roles=tuple(roles.get(subscriber.id, ())),
            district=officer.district,
        )
        for subscriber, officer in rows
    )


_OFFICERS: Records[Officer, OfficerView] = Records(
    select(Subscriber, Officer).join(Officer, Officer.subscriber_id == Subscriber.id),
    _views,
    "officer-not-found",
)
