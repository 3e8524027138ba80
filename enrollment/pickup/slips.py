"""The slip that a pickup is about, with what its certificate will say."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ca.subject import Subject
from enrollment.models import Slip, Subscriber, Unit
from enrollment.subscribers.certificate_subject import certificate_subject
from policies.principal import Kind, Standing


@dataclass(frozen=True)
class PickupSlip:
    """A slip and its subscriber as they were read; either may have ended since."""

    slip_id: int
    serial_number: str
    download_password_hash: str | None
    expires_at: datetime
    end_reason: str | None
    username: str
    display_name: str
    kind: Kind
    standing: Standing
    credit_code: str | None

    @property
    def audit_subject(self) -> str:
        """How the audit log names the subscriber."""
        return f"{self.kind}:{self.username}"

    @property
    def certificate_subject(self) -> Subject:
        """The subject of the certificate that the slip yields."""
        return certificate_subject(self.username, self.display_name, self.credit_code)

    def end_at(self, now: datetime) -> str | None:
        """Return why nothing can be picked up at `now`, or None when it can."""
        if self.end_reason is not None:
            return self.end_reason
        if self.expires_at <= now:
            return "expired"
        return "suspended" if self.standing == "suspended" else None


def find_slip_by_serial(session: Session, serial_number: str) -> PickupSlip | None:
    """Return the slip with this serial number, ended or not, or None."""
    return _first(session, _slips().where(Slip.serial_number == serial_number))


def find_slip_by_id(session: Session, slip_id: int) -> PickupSlip | None:
    """Return the slip with this key, ended or not, or None."""
    return _first(session, _slips().where(Slip.id == slip_id))


def _slips() -> Select[Slip, Subscriber, str]:
    return (
        select(Slip, Subscriber, Unit.credit_code)
        .join(Subscriber, Subscriber.id == Slip.subscriber_id)
        .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .execution_options(populate_existing=True)
    )


def _first(session: Session, statement: Select[Slip, Subscriber, str]) -> PickupSlip | None:
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    slip, subscriber, credit_code = row
    return PickupSlip(
        slip_id=slip.id,
        serial_number=slip.serial_number,
        download_password_hash=slip.download_password_hash,
        expires_at=slip.expires_at,
        end_reason=slip.end_reason,
        username=subscriber.username,
        display_name=subscriber.display_name,
        kind=cast(Kind, subscriber.kind),
        standing=cast(Standing, subscriber.standing),
        credit_code=credit_code,
    )
