"""How a certificate's renewal stands, for the page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.models import CertificateAuthenticator
from enrollment.renewal.eligibility import Eligibility
from enrollment.renewal.records import PendingRenewal, find_pending
from foundation.clock import Clock
from foundation.errors import NotFound


@dataclass(frozen=True)
class RenewalStatus:
    """Dates of a certificate, whether it can be renewed now, and its pending successor."""

    serial_number: str
    not_after: datetime
    opens_at: datetime
    is_open: bool
    pending: PendingRenewal | None


class RenewalStatuses:
    """Reads the status of renewals."""

    def __init__(self, eligibility: Eligibility, clock: Clock) -> None:
        self._eligibility = eligibility
        self._clock = clock

    def get(self, session: Session, serial_number: str) -> RenewalStatus:
        """Return the status; raises `NotFound` ("certificate-not-found").

        `is_open` looks at the dates alone: `Renewals.renew` has the last word.
        """
        validity = self._eligibility.validity(session, serial_number)
        owner_id = session.scalar(
            select(CertificateAuthenticator.subscriber_id).where(
                CertificateAuthenticator.serial_number == serial_number
            )
        )
        if validity is None or owner_id is None:
            raise NotFound("certificate-not-found", serial_number=serial_number)
        return RenewalStatus(
            serial_number=serial_number,
            not_after=validity.not_after,
            opens_at=validity.opens_at,
            is_open=validity.opens_at <= self._clock.now() <= validity.not_after,
            pending=find_pending(session, owner_id),
        )
