"""What may be shown of slips after they were printed: everything but their secrets."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from enrollment.models import Slip
from enrollment.slips.issued_slip import rfc3339

SlipState = Literal["waiting", "picked_up", "used", "expired", "replaced", "ended"]

_STATE_AFTER: dict[str | None, SlipState] = {
    "used": "used",
    "expired": "expired",
    "replaced": "replaced",
    "revoked": "ended",
}


@dataclass(frozen=True)
class SlipView:
    """A slip as officers see it."""

    serial_number: str
    issued_at: datetime
    expires_at: datetime
    state: SlipState
    pickup_count: int
    last_pickup_at: datetime | None

    def as_document(self) -> dict[str, object]:
        """Return the slip for JSON."""
        return {
            "serial_number": self.serial_number,
            "issued_at": rfc3339(self.issued_at),
            "expires_at": rfc3339(self.expires_at),
            "state": self.state,
            "pickup_count": self.pickup_count,
            "last_pickup_at": rfc3339(self.last_pickup_at) if self.last_pickup_at else None,
        }


def view_of(slip: Slip, now: datetime) -> SlipView:
    """Return what may be shown of a slip."""
    return SlipView(
        serial_number=slip.serial_number,
        issued_at=slip.issued_at,
        expires_at=slip.expires_at,
        state=_state_of(slip, now),
        pickup_count=slip.pickup_count,
        last_pickup_at=slip.last_pickup_at,
    )


def latest_slips(
    session: Session, subscriber_ids: Collection[int], now: datetime
) -> dict[int, SlipView]:
    """Return the newest slip of each subscriber, ended or not."""
    newest = (
        select(func.max(Slip.id))
        .where(Slip.subscriber_id.in_(subscriber_ids))
        .group_by(Slip.subscriber_id)
    )
    query = select(Slip).where(Slip.id.in_(newest)).execution_options(populate_existing=True)
    return {slip.subscriber_id: view_of(slip, now) for slip in session.scalars(query)}


def _state_of(slip: Slip, now: datetime) -> SlipState:
    if slip.ended_at is not None:
        return _STATE_AFTER[slip.end_reason]
    if slip.expires_at <= now:
        return "expired"
    return "picked_up" if slip.pickup_count else "waiting"
