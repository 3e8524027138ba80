"""Reading renewals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.models import Renewal

Way = Literal["est", "request", "file"]


@dataclass(frozen=True)
class PendingRenewal:
    """A successor that waits for its first login; `has_file` when there is one to download."""

    new_serial_number: str
    way: Way
    has_file: bool
    started_at: datetime
    expires_at: datetime


def find_open_renewal(session: Session, subscriber_id: int) -> Renewal | None:
    """Return the subscriber's renewal that has not ended, as the database has it now."""
    query = select(Renewal).where(
        Renewal.subscriber_id == subscriber_id, Renewal.ended_at.is_(None)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def find_pending(session: Session, subscriber_id: int) -> PendingRenewal | None:
    """Return what may be shown of the open renewal, or None."""
    query = select(
        Renewal.new_serial_number,
        Renewal.way,
        Renewal.sealed_pkcs12.is_not(None).label("has_file"),
        Renewal.started_at,
        Renewal.expires_at,
    ).where(Renewal.subscriber_id == subscriber_id, Renewal.ended_at.is_(None))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    return PendingRenewal(
        row.new_serial_number, cast(Way, row.way), row.has_file, row.started_at, row.expires_at
    )
