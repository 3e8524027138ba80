"""Rows whose content is fixed from the beginning: the number and the intent at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Table, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca.errors import SerialNumberTaken
from ca.issuance.drafting import Drafted, Wanted
from ca.models import CertificateRecord
from foundation.database import execute_for_each

_INSERT: Final = insert(cast(Table, CertificateRecord.__table__))


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
