"""Whose certificates are, asked for a whole page at once, and conditions about that."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from ca.models import CertificateRecord
from enrollment.models import Subscriber, Unit


@dataclass(frozen=True)
class Owner:
    """A subscriber; only what a unit has lies in a district (ACT-04)."""

    username: str
    display_name: str
    district: str | None


def owners_of(session: Session, usernames: Iterable[str | None]) -> dict[str, Owner]:
    """Return the owners by username; those nobody knows are missing."""
    wanted = {name for name in usernames if name is not None}
    query = (
        select(Subscriber.username, Subscriber.display_name, Unit.district)
        .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .where(Subscriber.username.in_(wanted))
    )
    return {row.username: Owner(*row) for row in session.execute(query)}


def belongs_to(
    *, district: str | None = None, unit_class: str | None = None
) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a certificate is of a unit in `district`, of `unit_class`."""
    if district is None and unit_class is None:
        return ()
    # A question for each row, not a list of usernames: the walk along the
    # inventory's index stays what it is and ends when the page is full.
    query = (
        select(Unit.subscriber_id)
        .join(Subscriber, Subscriber.id == Unit.subscriber_id)
        .where(Subscriber.username == CertificateRecord.subscriber)
    )
    if district is not None:
        query = query.where(Unit.district == district)
    if unit_class is not None:
        query = query.where(Unit.unit_class == unit_class)
    return (exists(query.correlate(CertificateRecord)),)
