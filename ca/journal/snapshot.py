"""The standing of all certificates, with which a journal begins."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.epoch import read_epoch
from ca.journal.entry import JournalAct, JournalEntry
from ca.models import NOT_GOOD, CertificateRecord

_ACTS: dict[str, JournalAct] = {
    "revoked": "revoked",
    "on_hold": "held",
    "abandoned": "abandoned",
}


def read_standing(session: Session) -> Iterator[JournalEntry]:
    """Yield an entry for each certificate that is revoked, held or abandoned now.

    They carry the present epoch: when each was revoked is in `at`, in which
    epoch is not on record.
    """
    epoch = read_epoch(session)
    rows = session.execute(
        select(
            CertificateRecord.state,
            CertificateRecord.issuer,
            CertificateRecord.serial_number,
            CertificateRecord.revoked_at,
            CertificateRecord.created_at,
            CertificateRecord.reason,
            CertificateRecord.invalidity_date,
            CertificateRecord.not_after,
        ).where(CertificateRecord.state.in_(_ACTS), NOT_GOOD)
    ).yield_per(1_000)
    for row in rows:
        yield JournalEntry(
            epoch=epoch,
            act=_ACTS[row.state],
            issuer=row.issuer,
            serial_number=row.serial_number,
            at=row.revoked_at or row.created_at,
            reason=row.reason,
            invalidity_date=row.invalidity_date,
            not_after=row.not_after,
        )
