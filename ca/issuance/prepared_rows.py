"""Rows whose content is fixed from the beginning: the number and the intent at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Table, bindparam, insert, literal_column, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca.errors import SerialNumberTaken
from ca.issuance.drafting import Drafted, Wanted
from ca.models import CertificateRecord
from foundation.database import execute_for_each

_TABLE: Final = cast(Table, CertificateRecord.__table__)
_INSERT: Final = insert(_TABLE)
_DRAFTED: Final = (
    "tbs", "subject", "not_before", "not_after", "key_type", "spki_sha256",
)  # fmt: skip
_PREPARE: Final = (
    update(_TABLE)
    .where(
        _TABLE.c.serial_number == bindparam("number"),
        _TABLE.c.subscriber == bindparam("owner"),
        _TABLE.c.state == literal_column("'reserved'"),
    )
    .values(
        state=literal_column("'prepared'"),
        **{name: bindparam(f"drafted_{name}") for name in _DRAFTED},
    )
)


def prepared_row(
    wanted: Wanted, drafted: Drafted, subscriber: str, now: datetime
) -> dict[str, object]:
    """Return the row of content that was linted and is not signed yet."""
    return {
        "serial_number": wanted.serial_number,
        "issuer": wanted.issuer,
        "profile": wanted.profile,
        "crl_shard": wanted.crl_shard,
        "subscriber": subscriber,
        "state": "prepared",
        "created_at": now,
        **drafted.columns,
    }


def insert_prepared(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows; raises `SerialNumberTaken`, and the transaction is to be given up."""
    try:
        execute_for_each(session, _INSERT, rows)
    except IntegrityError as taken:
        # Never twice, whatever the generator does (RFC 5280 section 4.1.2.2).
        raise SerialNumberTaken from taken


def prepare_reserved(session: Session, drafts: Sequence[tuple[str, str, Drafted]]) -> bool:
    """Fix the content of reserved numbers, each with its subscriber; return whether of all.

    When it was not, one of them is something else by now, and the transaction is
    to be given up.
    """
    rows = [
        {
            "number": number,
            "owner": subscriber,
            **{f"drafted_{name}": drafted.columns[name] for name in _DRAFTED},
        }
        for number, subscriber, drafted in drafts
    ]
    return not rows or execute_for_each(session, _PREPARE, rows) == len(rows)
