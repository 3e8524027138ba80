"""Carrying out a bulk revocation in chunks, each one transaction.

A chunk takes the next numbers that have no outcome yet, so that whoever goes on
after a crash, and however often, does each certificate once.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog
from foundation.database import Database
from gateway.bulk_revocation.models import RevocationSelection, SelectedCertificate
from gateway.bulk_revocation.selections import get_selection
from gateway.revocation import CredentialRevocation

CHUNK = 200
REVOKED = "revoked"


@dataclass(frozen=True)
class Order:
    """What a bulk revocation is: a fixed set, a reason (RFC 5280, 5.3.1), a date (5.3.2)."""

    selection_id: int
    reason: str
    invalidity_date: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """How far it is; the receipt once nothing remains. `skipped` counts by code."""

    revoked: int
    skipped: dict[str, int]
    remaining: int
    sessions_ended: int
    crl_number: int | None

    @property
    def done(self) -> int:
        """How many have had their turn."""
        return self.revoked + sum(self.skipped.values())

    def as_document(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self)


class BulkExecution:
    """Revokes what a dry run has fixed."""

    def __init__(self, revocation: CredentialRevocation, audit: AuditLog) -> None:
        self._revocation = revocation
        self._audit = audit

    def revoke_next(self, session: Session, order: Order, by: Actor) -> Progress:
        """Revoke the next chunk and return how far it is.

        Sessions end and connections are cut as after a single revocation. A
        certificate that somebody else ended meanwhile is skipped. Does not ask
        whether `by` may do this.
        """
        self._audit.lock_chain(session)
        numbers = self._next(session, order.selection_id)
        if numbers:
            receipt = self._revocation.revoke_all(
                session, numbers, order.reason, by, order.invalidity_date
            )
            outcomes = dict.fromkeys(receipt.revoked, REVOKED) | dict(receipt.skipped)
            for outcome in sorted(set(outcomes.values())):
                these = [number for number in numbers if outcomes.get(number) == outcome]
                _note(session, order.selection_id, these, outcome)
            # Whatever is not told must not come round again for ever.
            _note(session, order.selection_id, [n for n in numbers if n not in outcomes], "untold")
            session.execute(
                update(RevocationSelection)
                .where(RevocationSelection.id == order.selection_id)
                .values(
                    sessions_ended=RevocationSelection.sessions_ended + receipt.sessions_ended,
                    crl_number=func.coalesce(receipt.crl_number, RevocationSelection.crl_number),
                )
                .execution_options(synchronize_session=False)
            )
        return self.progress(session, order.selection_id)

    def carry_out(self, database: Database, order: Order, by: Actor) -> Progress:
        """Revoke all of it, chunk by chunk, for the operator on the machine.

        Opens its own transactions and must not be called inside one.
        """
        while True:
            with database.writing() as session:
                progress = self.revoke_next(session, order, by)
            if not progress.remaining:
                return progress

    def progress(self, session: Session, selection_id: int) -> Progress:
        """Return how far a selection is."""
        selection = get_selection(session, selection_id)
        query = (
            select(SelectedCertificate.outcome, func.count())
            .where(SelectedCertificate.selection_id == selection_id)
            .where(SelectedCertificate.verdict == "hit")
            .group_by(SelectedCertificate.outcome)
        )
        counts: dict[str | None, int] = {row[0]: row[1] for row in session.execute(query)}
        remaining, revoked = counts.pop(None, 0), counts.pop(REVOKED, 0)
        return Progress(
            revoked=revoked,
            skipped={code: count for code, count in counts.items() if code is not None},
            remaining=remaining,
            sessions_ended=selection.sessions_ended,
            crl_number=selection.crl_number,
        )

    def _next(self, session: Session, selection_id: int) -> list[str]:
        query = (
            select(SelectedCertificate.serial_number)
            .where(SelectedCertificate.selection_id == selection_id)
            .where(SelectedCertificate.verdict == "hit", SelectedCertificate.outcome.is_(None))
            .order_by(SelectedCertificate.position)
            .limit(CHUNK)
        )
        return list(session.scalars(query))


def _note(session: Session, selection_id: int, numbers: list[str], outcome: str) -> None:
    if numbers:
        session.execute(
            update(SelectedCertificate)
            .where(SelectedCertificate.selection_id == selection_id)
            .where(SelectedCertificate.serial_number.in_(numbers))
            .values(outcome=outcome)
            .execution_options(synchronize_session=False)
        )
