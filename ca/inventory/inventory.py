"""Searching the table of certificates, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, defer

from ca.inventory.certificate_filter import EVERYTHING, CertificateFilter
from ca.inventory.conditions import behind, conditions_of, order_of, sorting
from ca.inventory.detail import CertificateDetail
from ca.inventory.summary import CertificateSummary
from ca.models import CertificateRecord
from ca.records import find_record, get_record
from foundation.database import Database
from foundation.errors import Invalid

LONGEST_PAGE = 100
_BATCH = 1_000

Further = Sequence[ColumnElement[bool]]
"""Conditions that other rooms know about: whose certificates may be seen."""


@dataclass(frozen=True)
class InventoryPage:
    """Certificates; `next` is what to pass as `after`, or None at the end.

    Newest first; those searched by expiry in the order they expire, and by
    serial prefix in the order of their numbers.
    """

    items: tuple[CertificateSummary, ...]
    next: str | None


class Inventory:
    """Reads the table of certificates; changes nothing."""

    def find(
        self,
        session: Session,
        wanted: CertificateFilter = EVERYTHING,
        *,
        further: Further = (),
        after: str | None = None,
        limit: int = 20,
    ) -> InventoryPage:
        """Return a page of at most `limit` (1 to 100) certificates.

        `after` is the `next` of the page before. Raises `Invalid` for
        conditions nobody can meet or an `after` that is no certificate's serial
        number.
        """
        size = max(1, min(limit, LONGEST_PAGE))
        return _page(session, wanted.verified(), further, after, size)

    def walk(
        self, database: Database, wanted: CertificateFilter = EVERYTHING, *, further: Further = ()
    ) -> Iterator[tuple[CertificateSummary, ...]]:
        """Yield all that fit in batches, each read in a transaction of its own.

        Memory stays flat, and a slow reader holds nothing open. What is issued
        or revoked meanwhile may or may not be in it. Raises `Invalid` at once.
        """
        return _batches(database, wanted.verified(), further)

    def get(self, session: Session, serial_number: str) -> CertificateDetail:
        """Return one certificate decoded; raises `CertificateNotFound`."""
        return CertificateDetail.of(get_record(session, serial_number))


def page_statement(
    wanted: CertificateFilter, further: Further, size: int
) -> Select[CertificateRecord]:
    """Return the query of the first page: one row more than fits tells whether there is another."""
    return (
        select(CertificateRecord)
        .options(defer(CertificateRecord.tbs), defer(CertificateRecord.der))
        .where(*conditions_of(wanted), *further)
        .order_by(*sorting(order_of(wanted)))
        .limit(size + 1)
    )


def _batches(
    database: Database, wanted: CertificateFilter, further: Further
) -> Iterator[tuple[CertificateSummary, ...]]:
    after: str | None = None
    while True:
        with database.reading() as session:
            page = _page(session, wanted, further, after, _BATCH)
        yield page.items
        if page.next is None:
            return
        after = page.next


def _page(
    session: Session, wanted: CertificateFilter, further: Further, after: str | None, size: int
) -> InventoryPage:
    statement = page_statement(wanted, further, size)
    if after is not None:
        statement = statement.where(behind(order_of(wanted), _last(session, after)))
    rows = session.scalars(statement).all()
    page = tuple(map(CertificateSummary.of, rows[:size]))
    return InventoryPage(page, page[-1].serial_number if len(rows) > size else None)


def _last(session: Session, unverified_after: str) -> CertificateRecord:
    # Not every text can be asked for: PostgreSQL refuses a NUL.
    last = find_record(session, unverified_after) if unverified_after.isalnum() else None
    if last is None:
        raise Invalid("page-unknown", field="after")
    return last
