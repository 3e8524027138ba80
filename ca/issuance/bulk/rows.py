"""What a batch writes, each of the three in a transaction of its caller's.

`intend` before anything is signed, `store` when everything is signed and
verified, `give_up` for what was intended and will not be signed.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Update, bindparam, literal_column, update
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict, KeyOfAnother
from ca.issuance.bulk.drafts import Draft
from ca.issuance.known_keys import verify_keys_are_free
from ca.issuance.prepared_rows import insert_prepared, prepare_reserved, prepared_row
from ca.models import CertificateRecord
from ca.records import fingerprint_of, get_record
from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import execute_for_each

_TABLE = CertificateRecord.__table__
_PREPARED: Update = update(_TABLE).where(  # type: ignore[arg-type]
    _TABLE.c.serial_number == bindparam("number"),
    _TABLE.c.state == literal_column("'prepared'"),
)
_STORE = _PREPARED.values(
    state=literal_column("'good'"),
    der=bindparam("content"),
    fingerprint_sha256=bindparam("fingerprint"),
    issued_at=bindparam("moment"),
)
_GIVE_UP = _PREPARED.values(state=literal_column("'abandoned'"))


class BatchRows:
    """Writes the rows of a batch and their audit entries; takes the chain's lock first."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock

    def intend(self, session: Session, drafts: Sequence[Draft], by: Actor) -> None:
        """Step 4: write what will be signed.

        Raises `KeyCompromised`, `KeyOfAnother`, `SerialNumberTaken` and
        `CertificateStateConflict`.
        """
        self._audit.lock_chain(session)
        verify_keys_are_free(session, _owners(drafts))
        self._prepare(session, drafts)
        self._audit.record(
            session,
            "certificates.prepared",
            by=by,
            subject=f"batch:{drafts[0].serial_number}",
            issuer=drafts[0].wanted.issuer,
            count=len(drafts),
            # All that the signatures will be over: number, profile and digest.
            contents=[
                f"{draft.serial_number} {draft.wanted.profile} {draft.drafted.tbs_sha256}"
                for draft in drafts
            ],
        )

    def store(
        self, session: Session, drafts: Sequence[Draft], contents: Sequence[bytes], by: Actor
    ) -> None:
        """Step 7: write the certificates in DER; raises `CertificateStateConflict`."""
        now = self._clock.now()
        self._audit.lock_chain(session)
        rows, entries = [], []
        for draft, content in zip(drafts, contents, strict=True):
            number, fingerprint = draft.serial_number, fingerprint_of(content)
            rows.append(
                {"number": number, "content": content, "fingerprint": fingerprint, "moment": now}
            )
            entries.append(
                AuditDraft(
                    "certificate.issued",
                    by,
                    f"certificate:{number}",
                    facts={"fingerprint_sha256": fingerprint},
                )
            )
        if execute_for_each(session, _STORE, rows) != len(rows):
            # One was abandoned meanwhile: none of these signatures is handed out.
            raise _conflict(session, [draft.serial_number for draft in drafts], "good")
        self._audit.record_all(session, entries)

    def give_up(self, session: Session, drafts: Sequence[Draft], by: Actor) -> None:
        """Abandon what will not be signed."""
        self._audit.lock_chain(session)
        numbers = [draft.serial_number for draft in drafts]
        execute_for_each(session, _GIVE_UP, [{"number": number} for number in numbers])
        self._audit.record_all(
            session,
            [
                AuditDraft("certificate.abandoned", by, f"certificate:{number}")
                for number in numbers
            ],
        )

    def _prepare(self, session: Session, drafts: Sequence[Draft]) -> None:
        now = self._clock.now()
        rows, reserved = [], []
        for draft in drafts:
            subscriber = draft.order.subscriber
            if draft.is_of_reserved_number:
                reserved.append((draft.serial_number, subscriber, draft.drafted))
            else:
                rows.append(prepared_row(draft.wanted, draft.drafted, subscriber, now))
        if rows:
            insert_prepared(session, rows)
        if not prepare_reserved(session, reserved):
            raise _conflict(session, [number for number, _, _ in reserved], "prepared")


def _owners(drafts: Sequence[Draft]) -> dict[str, str | None]:
    """Return the subscriber of each key; raises `KeyOfAnother` when a batch has two for one."""
    owners: dict[str, str | None] = {}
    for draft in drafts:
        digest, subscriber = str(draft.drafted.columns["spki_sha256"]), draft.order.subscriber
        if owners.setdefault(digest, subscriber) != subscriber:
            raise KeyOfAnother
    return owners


def _conflict(
    session: Session, serial_numbers: Iterable[str], expected: str
) -> CertificateStateConflict:
    for serial_number in serial_numbers:
        record = get_record(session, serial_number)
        if record.state != expected:
            return CertificateStateConflict(record.serial_number, record.state)
    # Each is in the state it should be in, and the update did not touch all: another's.
    return CertificateStateConflict(record.serial_number, record.state)
