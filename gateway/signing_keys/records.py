"""Reading the keys of a purpose, and which of them are over."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.signing_keys.models import SigningKeyRecord
from gateway.signing_keys.purposes import KeyPurpose


def records_of(session: Session, purpose: KeyPurpose) -> Sequence[SigningKeyRecord]:
    """Return the keys of a purpose, oldest first."""
    query = select(SigningKeyRecord).where(SigningKeyRecord.purpose == purpose.name)
    return session.scalars(query.order_by(SigningKeyRecord.generation)).all()


def over(records: Sequence[SigningKeyRecord], purpose: KeyPurpose, now: datetime) -> set[str]:
    """Return the names of those whose signatures are believed no more."""
    return {
        old.kid for old, new in pairwise(records) if new.signs_from + purpose.accepted_after <= now
    }
