"""Whose certificates are, asked for a whole page at once, and conditions about that."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ca.inventory.conditions import NOTHING_FURTHER, Further
from ca.models import CertificateRecord
from enrollment.models import Subscriber, Unit
from enrollment.subscribers.search import Sought, find_all, is_called

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
) -> Further:
    """Return the condition that a certificate is of a unit in `district`, of `unit_class`."""
    conditions = []
    if district is not None:
        conditions.append(Unit.district == district)
    if unit_class is not None:
        conditions.append(Unit.unit_class == unit_class)
    if not conditions:
        return NOTHING_FURTHER
    counted = select(Unit.subscriber_id).where(*conditions).limit(_FEW + 1).subquery()
    units = (
        select(Subscriber.username)
        .join(Unit, Subscriber.id == Unit.subscriber_id)
        .where(*conditions)
    )
    if (session.scalar(select(func.count()).select_from(counted)) or 0) <= _FEW:
        # The certificates of a few units are looked up and sorted.
        return Further(looked_up=(CertificateRecord.subscriber.in_(units),))
    # Of many units a question for each row: the walk along the inventory's
    # index stays what it is and ends when the page is full.
    of_row = units.where(Subscriber.username == CertificateRecord.subscriber)
    return Further(asked=(exists(of_row.correlate(CertificateRecord)),))


def is_of(session: Session, text: str, *, district: str | None = None) -> Further:
    """Return the condition that a certificate is of somebody whom `text` finds.

    With a district that is a unit there; ask `belongs_to` for that as well.
    """
    sought = Sought(text, units_only=district is not None, district=district)
    few = find_all(session, sought, _FEW)
    if few is not None:
        return Further(looked_up=(CertificateRecord.subscriber.in_(few),))
    of_row = (
        select(Subscriber.id)
        .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .where(Subscriber.username == CertificateRecord.subscriber, is_called(text))
    )
    return Further(asked=(exists(of_row.correlate(CertificateRecord)),))
