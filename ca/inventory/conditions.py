"""A filter in SQL, and the order in which its certificates are walked.

Every order is that of an index which begins with what is searched for, and a
page goes on behind the last row of the page before (keyset). So a page costs
the same at a thousand and at a million certificates; `EXPLAIN` shows no sort.
What has no index of its own is looked at while walking: it should be frequent.
Of several that have one, `ca.inventory.shortest_list` says which is walked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, UnaryExpression, literal, literal_column, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from ca.inventory.certificate_filter import CertificateFilter
from ca.models import USUAL_KEY, CertificateRecord

Order = Literal["newest", "expiry", "serial"]

# A number is reserved before its certificate is issued, at most as long as a
# slip is valid (90 days: `policies.credentials`), and a little.
_LONGEST_WAIT = timedelta(days=100)
# Behind every hex digit.
_AFTER_HEX = "G"


@dataclass(frozen=True)
class Further:
    """Conditions that other rooms know about: whose certificates are wanted.

    Those `looked_up` are answered by an index of certificates. Those `asked`
    are not: each row on the way is asked, and of a page only so many.
    """

    looked_up: tuple[ColumnElement[bool], ...] = ()
    asked: tuple[ColumnElement[bool], ...] = ()

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """All of them, for who reads every row anyway."""
        return self.looked_up + self.asked

    def __add__(self, other: "Further") -> "Further":
        """Return the conditions of both."""
        return Further(self.looked_up + other.looked_up, self.asked + other.asked)


NOTHING_FURTHER = Further()


def order_of(conditions: CertificateFilter) -> Order:
    """Return the order that an index gives for these conditions."""
    if conditions.serial_prefix is not None:
        return "serial"
    if conditions.expires_from is not None or conditions.expires_before is not None:
        return "expiry"
    return "newest"


def sorting(order: Order) -> tuple[UnaryExpression[object], ...]:
    """Return the columns to sort by, ending with the serial number, which is unique."""
    columns = columns_of(order)
    return tuple(column.desc() if order == "newest" else column.asc() for column in columns)


def behind(order: Order, last: CertificateRecord | Row[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """Return the condition of the rows that follow `last`, which has the columns of the order."""
    columns = columns_of(order)
    # A comparison of rows, which both databases look up in an index.
    here = tuple_(*columns)
    there = tuple_(*(literal(getattr(last, column.key), column.type) for column in columns))
    return here < there if order == "newest" else here > there


def conditions_of(wanted: CertificateFilter) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of a verified filter."""
    row = CertificateRecord
    found: list[ColumnElement[bool]] = [
        getattr(row, name) == value
        for name in ("serial_number", "profile", "issuer", "spki_sha256", "fingerprint_sha256")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.subscribers is not None:
        found.append(row.subscriber.in_(wanted.subscribers))
    if wanted.serial_prefix is not None:
        prefix = wanted.serial_prefix
        found += [row.serial_number >= prefix, row.serial_number < prefix + _AFTER_HEX]
    if wanted.state is not None:
        found += _rare(row.state, wanted.state, "good")
    if wanted.key_type is not None:
        found += _rare(row.key_type, wanted.key_type, USUAL_KEY)
    return [*found, *_within(wanted)]


def _rare(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], value: str, usual: str
) -> list[ColumnElement[bool]]:
    """Return an equality; of an unusual value with the words of its partial index."""
    if value == usual:
        return [column == value]
    return [column == value, column != literal_column(f"'{usual}'")]


def _within(wanted: CertificateFilter) -> list[ColumnElement[bool]]:
    row = CertificateRecord
    found: list[ColumnElement[bool]] = []
    if wanted.issued_from is not None:
        found.append(row.issued_at >= wanted.issued_from)
        found.append(row.created_at >= wanted.issued_from - _LONGEST_WAIT)
    if wanted.issued_before is not None:
        found.append(row.issued_at < wanted.issued_before)
        found.append(row.created_at < wanted.issued_before)
    if wanted.expires_from is not None:
        found.append(row.not_after >= wanted.expires_from)
    if wanted.expires_before is not None:
        found.append(row.not_after < wanted.expires_before)
    return found


def columns_of(order: Order) -> tuple[InstrumentedAttribute[object], ...]:
    """Return what the rows are in the order of, the serial number last."""
    row = CertificateRecord
    columns: dict[Order, tuple[object, ...]] = {
        "newest": (row.created_at, row.serial_number),
        "expiry": (row.not_after, row.serial_number),
        "serial": (row.serial_number,),
    }
    return columns[order]  # type: ignore[return-value] # columns of different types
