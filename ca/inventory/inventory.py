"""Searching the table of certificates, page by page."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, defer

from ca.inventory.detail import CertificateDetail
from ca.inventory.summary import CertificateSummary
from ca.models import STATES, CertificateRecord
from ca.records import find_record, get_record
from foundation.errors import Invalid

LONGEST_PAGE = 100


@dataclass(frozen=True)
class InventoryPage:
    """Certificates, newest first; `next` is what to pass as `after`, or None at the end."""

    items: tuple[CertificateSummary, ...]
    next: str | None


class Inventory:
    """Reads the table of certificates; changes nothing."""

    def find(
        self,
        session: Session,
        *,
        serial_number: str | None = None,
        subscribers: Collection[str] | None = None,
        state: str | None = None,
        profile: str | None = None,
        after: str | None = None,
        limit: int = 20,
    ) -> InventoryPage:
        """Return a page of at most `limit` (1 to 100) certificates.

        Every condition that is given must hold; `subscribers` are usernames,
        and an empty collection finds nothing.

        `after` is the `next` of the page before. Raises `Invalid` for an
        unknown state or an `after` that is no certificate's serial number.
        """
        size = max(1, min(limit, LONGEST_PAGE))
        statement = (
            select(CertificateRecord)
            .options(defer(CertificateRecord.tbs), defer(CertificateRecord.der))
            .order_by(CertificateRecord.created_at.desc(), CertificateRecord.serial_number.desc())
        )
        if serial_number is not None:
            statement = statement.where(CertificateRecord.serial_number == serial_number)
        if subscribers is not None:
            statement = statement.where(CertificateRecord.subscriber.in_(subscribers))
        if state is not None:
            statement = statement.where(CertificateRecord.state == _known_state(state))
        if profile is not None:
            statement = statement.where(CertificateRecord.profile == profile)
        if after is not None:
            statement = statement.where(_before(session, after))
        rows = session.scalars(statement.limit(size + 1)).all()
        page = tuple(map(CertificateSummary.of, rows[:size]))
        return InventoryPage(page, page[-1].serial_number if len(rows) > size else None)

    def get(self, session: Session, serial_number: str) -> CertificateDetail:
        """Return one certificate decoded; raises `CertificateNotFound`."""
        return CertificateDetail.of(get_record(session, serial_number))


def _known_state(unverified_state: str) -> str:
    if unverified_state not in STATES:
        raise Invalid("certificate-state-unknown", field="state")
    return unverified_state


def _before(session: Session, after: str) -> ColumnElement[bool]:
    last = find_record(session, after)
    if last is None:
        raise Invalid("page-unknown", field="after")
    return or_(
        CertificateRecord.created_at < last.created_at,
        and_(
            CertificateRecord.created_at == last.created_at,
            CertificateRecord.serial_number < last.serial_number,
        ),
    )
