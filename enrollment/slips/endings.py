"""How credentials end: always with their secrets, always conditionally.

Each function returns whether it was this call that ended the thing, so that of
two callers at once exactly one goes on.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from enrollment.conditional_updates import changed_one
from enrollment.models import CertificateAuthenticator, PasswordAuthenticator, PickupTicket, Slip

EndReason = Literal["used", "expired", "replaced", "revoked"]


def end_slip(session: Session, slip_id: int, reason: EndReason, now: datetime) -> bool:
    """End a slip and erase its secrets, the sealed private key and open tickets included."""
    statement = (
        update(Slip)
        .where(Slip.id == slip_id, Slip.ended_at.is_(None))
        .values(
            ended_at=now, end_reason=reason, download_password_hash=None, sealed_private_key=None
        )
    )
    ended = changed_one(session, statement)
    session.execute(delete(PickupTicket).where(PickupTicket.slip_id == slip_id))
    return ended


def end_password(session: Session, subscriber_id: int, now: datetime) -> bool:
    """End the subscriber's current password and erase its hash."""
    statement = (
        update(PasswordAuthenticator)
        .where(PasswordAuthenticator.subscriber_id == subscriber_id)
        .where(PasswordAuthenticator.ended_at.is_(None))
        .values(ended_at=now, hash=None)
    )
    return changed_one(session, statement)


def end_certificate(session: Session, serial_number: str, now: datetime) -> bool:
    """End a certificate as an authenticator; whether it is revoked is the CA's to say."""
    statement = (
        update(CertificateAuthenticator)
        .where(CertificateAuthenticator.serial_number == serial_number)
        .where(CertificateAuthenticator.ended_at.is_(None))
        .values(ended_at=now)
    )
    return changed_one(session, statement)
