"""Whose certificates are, asked for a whole page at once, and conditions about that."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from ca.models import CertificateRecord
from enrollment.models import Subscriber, Unit

_FEW = 2_000


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
    session: Session, *, district: str | None = None, unit_class: str | None = None
) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a certificate is of a unit in `district`, of `unit_class`."""
    conditions = []
    if district is not None:
        conditions.append(Unit.district == district)
    if unit_class is not None:
        conditions.append(Unit.unit_class == unit_class)
    if not conditions:
        return ()
    counted = select(Unit.subscriber_id).where(*conditions).limit(_FEW + 1).subquery()
    units = (
        select(Subscriber.username)
        .join(Unit, Subscriber.id == Unit.subscriber_id)
        .where(*conditions)
    )
    if (session.scalar(select(func.count()).select_from(counted)) or 0) <= _FEW:
        # The certificates of a few units are looked up and sorted.
        return (CertificateRecord.subscriber.in_(units),)
    # Of many units a question for each row: the walk along the inventory's
    # index stays what it is and ends when the page is full.
    of_row = units.where(Subscriber.username == CertificateRecord.subscriber)
    return (exists(of_row.correlate(CertificateRecord)),)
