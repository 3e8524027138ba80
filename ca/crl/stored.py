"""Reading published CRLs. Nothing here builds or signs."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ca.models import AuthorityName, CrlRecord


def find_crl(session: Session, issuer: AuthorityName) -> CrlRecord | None:
    """Return the newest CRL of an authority, or None before its first."""
    query = (
        select(CrlRecord)
        .where(CrlRecord.issuer == issuer)
        .order_by(CrlRecord.crl_number.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def find_crl_number(session: Session, issuer: AuthorityName) -> int | None:
    """Return the number of the newest CRL without loading it, or None before the first."""
    query = select(func.max(CrlRecord.crl_number)).where(CrlRecord.issuer == issuer)
    return session.scalar(query)
