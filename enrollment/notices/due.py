"""Which units are to be written to now.

For each number of days there is a bracket: with the notices 60, 30 and 14, a
certificate with 20 days left is in the bracket of 30. A unit gets the notice of
its bracket, once. What was missed before, because no mail server was there or
the unit had no address, is not sent afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from ca.models import CertificateRecord
from enrollment.models import CertificateAuthenticator, ExpiryNotice, Subscriber, Unit


@dataclass(frozen=True)
class DueNotice:
    """One letter to write; `days` is the bracket, not how many days are really left."""

    serial_number: str
    days: int
    not_after: datetime
    username: str
    display_name: str
    email: str


def find_due(
    session: Session, days: Sequence[int], now: datetime, stale_before: datetime, limit: int
) -> list[DueNotice]:
    """Return at most `limit` notices that nobody has sent, those that press most first.

    A claim from `stale_before` or earlier counts as given up. Left out are
    certificates nobody has logged in with, successors, those not in good
    standing, and units that are suspended or have no address.
    """
    due: list[DueNotice] = []
    for lower, upper in _brackets(days):
        query = _expiring(now + timedelta(days=lower), now + timedelta(days=upper))
        query = query.where(~_dealt_with(upper, stale_before)).limit(limit - len(due))
        due += [
            DueNotice(
                row.serial_number,
                upper,
                row.not_after,
                row.username,
                row.display_name,
                row.contact_email,
            )
            for row in session.execute(query)
        ]
        if len(due) >= limit:
            break
    return due


def _brackets(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    ascending = sorted(days)
    return zip([0, *ascending], ascending, strict=False)


def _expiring(after: datetime, until: datetime) -> Select[str, datetime | None, str, str, str]:
    return (
        select(
            CertificateRecord.serial_number,
            CertificateRecord.not_after,
            Subscriber.username,
            Subscriber.display_name,
            Unit.contact_email,
        )
        .join(
            CertificateAuthenticator,
            CertificateAuthenticator.serial_number == CertificateRecord.serial_number,
        )
        .join(Subscriber, Subscriber.id == CertificateAuthenticator.subscriber_id)
        .join(Unit, Unit.subscriber_id == Subscriber.id)
        .where(
            CertificateRecord.not_after > after,
            CertificateRecord.not_after <= until,
            CertificateRecord.state == "good",
            CertificateAuthenticator.ended_at.is_(None),
            CertificateAuthenticator.bound_at.is_not(None),
            CertificateAuthenticator.pending.is_(False),
            Subscriber.standing == "active",
            Unit.contact_email != "",
        )
        .order_by(CertificateRecord.not_after, CertificateRecord.serial_number)
    )


def _dealt_with(days: int, stale_before: datetime) -> ColumnElement[bool]:
    return exists().where(
        and_(
            ExpiryNotice.serial_number == CertificateRecord.serial_number,
            ExpiryNotice.days == days,
            or_(ExpiryNotice.state != "claimed", ExpiryNotice.claimed_at > stale_before),
        )
    )
