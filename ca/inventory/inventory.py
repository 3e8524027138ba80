"""Searching the table of certificates, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, defer

from ca.inventory.certificate_filter import EVERYTHING, CertificateFilter
from ca.inventory.conditions import (
    NOTHING_FURTHER,
    Further,
    Order,
    behind,
    columns_of,
    conditions_of,
    order_of,
    sorting,
)
from ca.inventory.detail import CertificateDetail
from ca.inventory.shortest_list import looked_up_and_asked
from ca.inventory.summary import CertificateSummary
from ca.models import CertificateRecord
from ca.records import find_record, get_record
from foundation.database import Database, Picked, pick
from foundation.errors import Invalid

LONGEST_PAGE = 100
_BATCH = 1_000


@dataclass(frozen=True)
class InventoryPage:
    """Certificates; `next` is what to pass as `after`, or None at the end.

    With conditions that no index has together, or that each row must be asked, a
    page may be short or empty and have a next one: it has looked far enough.
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
        further: Further = NOTHING_FURTHER,
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
        self,
        database: Database,
        wanted: CertificateFilter = EVERYTHING,
        *,
        further: Further = NOTHING_FURTHER,
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
        _certificates()
        .where(*conditions_of(wanted), *further.looked_up)
        .order_by(*sorting(order_of(wanted)))
        .limit(size + 1)
    )


def _certificates() -> Select[CertificateRecord]:
    return select(CertificateRecord).options(
        defer(CertificateRecord.tbs), defer(CertificateRecord.der)
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
    last = None if after is None else _last(session, after)
    conditions = looked_up_and_asked(session, wanted, further, last)
    if conditions.asked:
        return _picked(session, order_of(wanted), conditions, last, size)
    statement = page_statement(wanted, further, size)
    if last is not None:
        statement = statement.where(behind(order_of(wanted), last))
    rows = session.scalars(statement).all()
    page = tuple(map(CertificateSummary.of, rows[:size]))
    return InventoryPage(page, page[-1].serial_number if len(rows) > size else None)


def _picked(
    session: Session,
    order: Order,
    conditions: Further,
    first: CertificateRecord | None,
    size: int,
) -> InventoryPage:
    statement = (
        select(*columns_of(order), and_(*conditions.asked).label("fits"))
        .where(*conditions.looked_up)
        .order_by(*sorting(order))
    )

    def window(last: Any, length: int) -> Sequence[Any]:
        behind_it = () if last is None else (behind(order, last),)
        return session.execute(statement.where(*behind_it).limit(length)).all()

    picked: Picked[Any] = pick([window], lambda row: bool(row.fits), most=size, after=first)
    numbers = [row.serial_number for row in picked.rows]
    found = session.scalars(_certificates().where(CertificateRecord.serial_number.in_(numbers)))
    summaries = {record.serial_number: CertificateSummary.of(record) for record in found}
    following = None if picked.last is None else picked.last.serial_number
    return InventoryPage(tuple(summaries[number] for number in numbers), following)


def _last(session: Session, unverified_after: str) -> CertificateRecord:
    # Not every text can be asked for: PostgreSQL refuses a NUL.
    last = find_record(session, unverified_after) if unverified_after.isalnum() else None
    if last is None:
        raise Invalid("page-unknown", field="after")
    return last
