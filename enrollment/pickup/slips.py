"""The slip that a pickup is about, with what its certificate will say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ca.names.subject import Subject
from enrollment.models import Slip, Subscriber, Unit
from enrollment.subscribers.certificate_subject import certificate_subject
from foundation.database import Statement
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
    return _first(session, _BY_SERIAL, serial_number)


def find_slip_by_id(session: Session, slip_id: int) -> PickupSlip | None:
    """Return the slip with this key, ended or not, or None."""
    return _first(session, _BY_ID, slip_id)


# In the order of `PickupSlip`.
_SLIPS: Final = (
    select(
        Slip.id.label("slip_id"),
        Slip.serial_number,
        Slip.download_password_hash,
        Slip.expires_at,
        Slip.end_reason,
        Subscriber.username,
        Subscriber.display_name,
        Subscriber.kind,
        Subscriber.standing,
        Unit.credit_code,
    )
    .join(Subscriber, Subscriber.id == Slip.subscriber_id)
    .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
)
_BY_SERIAL: Final = Statement(_SLIPS.where(Slip.serial_number == bindparam("wanted")))
_BY_ID: Final = Statement(_SLIPS.where(Slip.id == bindparam("wanted")))


def _first(session: Session, statement: Statement, wanted: str | int) -> PickupSlip | None:
    row = statement.find(session, wanted=wanted)
    return PickupSlip(*row) if row is not None else None
