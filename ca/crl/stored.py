"""Reading published CRLs. Nothing here builds or signs."""

from itertools import chain
from typing import Final

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from ca.crl.models import CrlPart, CrlRecord, CrlScopeRecord
from ca.crl.scopes import FULL, Scope
from ca.models import AuthorityName
from foundation.database import read_values, stream_values
from foundation.errors import Unavailable

# Octets of a CRL that is read in one go.
_SHORT: Final = 2 * 1024 * 1024


def find_crl(session: Session, issuer: AuthorityName, scope: Scope = FULL) -> CrlRecord | None:
    """Return the newest CRL of a scope without its octets, or None before the first."""
    return session.scalars(_OF_SCOPE, {"of_issuer": issuer, "of_scope": scope}).one_or_none()


def list_crls(session: Session, issuer: AuthorityName) -> list[CrlRecord]:
    """Return the newest CRL of every scope of an issuer, without their octets."""
    return list(session.scalars(_newest().where(CrlScopeRecord.issuer == issuer)))


def find_crl_number(session: Session, issuer: AuthorityName, scope: Scope = FULL) -> int | None:
    """Return the number of the newest CRL of a scope, or None before the first."""
    found = find_crl(session, issuer, scope)
    return found.crl_number if found is not None else None


def read_der(session: Session, crl: CrlRecord) -> bytes:
    """Return the octets of a CRL; raises `Unavailable` when a newer one has replaced it."""
    parts = _parts_of(crl)
    if crl.octets <= _SHORT:
        der = b"".join(read_values(session, parts))
    else:
        # One by one: the driver has them in a form twice as long.
        der = b"".join(chain.from_iterable(stream_values(session, parts, 1)))
    if len(der) != crl.octets:
        raise Unavailable("crl-replaced")
    return der


def find_part(session: Session, crl: CrlRecord, place: int) -> bytes | None:
    """Return one part, counted from 0, or None after the last."""
    return session.scalar(_parts_of(crl).where(CrlPart.place == place))


def _newest() -> Select[CrlRecord]:
    return select(CrlRecord).join(
        CrlScopeRecord,
        (CrlScopeRecord.issuer == CrlRecord.issuer)
        & (CrlScopeRecord.scope == CrlRecord.scope)
        & (CrlScopeRecord.crl_number == CrlRecord.crl_number),
    )


def _parts_of(crl: CrlRecord) -> Select[bytes]:
    return (
        select(CrlPart.content)
        .where(CrlPart.issuer == crl.issuer)
        .where(CrlPart.scope == crl.scope)
        .where(CrlPart.crl_number == crl.crl_number)
        .order_by(CrlPart.place)
    )


# Every verification of a client certificate asks this twice, so it is built once.
_OF_SCOPE = _newest().where(
    CrlScopeRecord.issuer == bindparam("of_issuer"), CrlScopeRecord.scope == bindparam("of_scope")
)
