"""Refusing what the database does not know about, until it has been reconciled."""

from datetime import datetime

from sqlalchemy import Select, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from ca.epoch import advance_epoch
from ca.journal.difference import Unknown
from ca.journal.errors import RevocationsUnknown
from ca.journal.models import RevocationStanding, Standing, UnreconciledRevocation
from ca.journal.outcomes import find_lacking
from ca.models import CertificateRecord
from foundation.errors import Denied

# Why the gateway is closed when the audit log is shorter than it is known to be.
# No journal answers that: only people do.
AUDIT_LOG_CUT = "audit-log-cut"

_DOUBTS = select(
    exists()
    .where(RevocationStanding.id == 1, RevocationStanding.standing == "closed")
    .label("is_closed"),
    exists().where(UnreconciledRevocation.serial_number == bindparam("number")).label("is_named"),
)


def require_reconciled(session: Session, serial_number: str) -> None:
    """Raise when it is not known whether this certificate is still good.

    `Denied("certificate-revoked")` for one that a journal names,
    `RevocationsUnknown` when nobody is let in. What it finds holds for the
    present epoch: every change here begins a new one.
    """
    found = session.connection().execute(_DOUBTS, {"number": serial_number}).one()
    if found.is_closed:
        raise RevocationsUnknown
    if found.is_named:
        raise Denied("certificate-revoked", reason="unspecified")


def refused_serials() -> Select[tuple[str]]:
    """Return the query for the serial numbers that are refused until they are reconciled."""
    return select(UnreconciledRevocation.serial_number)


def set_aside(session: Session, unknown: Unknown, now: datetime) -> None:
    """Refuse what lacks an act that `unknown` tells of, in every process, from the commit on.

    An act that was done again since, as after a commit that failed, leaves
    nothing to wait for: the certificate has the standing that the journal tells.
    """
    lacking = find_lacking(session, unknown.acts())
    if not lacking:
        return
    known = set(session.scalars(select(UnreconciledRevocation.serial_number)))
    session.add_all(
        UnreconciledRevocation(serial_number=number, noted_at=now)
        for number in sorted(lacking - known)
    )
    session.flush()
    if lacking - known:
        advance_epoch(session)


def forget_revoked(session: Session) -> None:
    """Let nothing wait for certificates that are revoked: no act can add to that.

    The revocation that made them so has begun a new epoch.
    """
    session.execute(
        delete(UnreconciledRevocation).where(
            exists().where(
                CertificateRecord.serial_number == UnreconciledRevocation.serial_number,
                CertificateRecord.state == "revoked",
            )
        )
    )


def set_standing(
    session: Session,
    standing: Standing,
    *,
    since: datetime | None = None,
    problem: str | None = None,
) -> None:
    """Say whether everything that was revoked is known; begins a new epoch when that is new."""
    present = session.get(RevocationStanding, 1)
    if present is not None and (present.standing, present.problem) == (standing, problem):
        return
    session.merge(RevocationStanding(id=1, standing=standing, since=since, problem=problem))
    session.flush()
    advance_epoch(session)


def find_standing(session: Session) -> RevocationStanding:
    """Return the standing; "known" when nothing else was ever said."""
    return session.get(RevocationStanding, 1) or RevocationStanding(id=1, standing="known")


def find_unreconciled(session: Session) -> list[str]:
    """Return the serial numbers that are refused until they are reconciled."""
    return list(
        session.scalars(
            select(UnreconciledRevocation.serial_number).order_by(
                UnreconciledRevocation.serial_number
            )
        )
    )


def forget_unreconciled(session: Session) -> None:
    """Refuse nothing any more: every act that was set aside has been done."""
    session.execute(delete(UnreconciledRevocation))
