"""A database that comes back from the past: is it the one, and what must change in it."""

from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from ca.crl.storing import withdraw_crls
from ca.epoch import advance_epoch
from ca.errors import HierarchyMissing
from ca.journal.unreconciled import set_standing
from ca.models import AuthorityRecord
from ca.names.authority_names import ROOT
from foundation.audit import Actor, BrokenChain, verify_chain
from foundation.database import Database
from gateway.backup.errors import BackupAuditBroken, BackupContradicts
from gateway.backup.facts import read_facts
from gateway.backup.manifest import Manifest
from gateway.composition.ground import Ground
from gateway.sessions import SessionRecord


def verify_described(database: Database, manifest: Manifest) -> None:
    """Raise `BackupContradicts` unless the database is the one that the manifest describes."""
    try:
        with database.reading() as session:
            facts = read_facts(session)
    except (DatabaseError, HierarchyMissing) as other:
        raise BackupContradicts from other
    if facts != manifest.database:
        raise BackupContradicts


def verify_audit_log(database: Database) -> int:
    """Return the number of audit entries; raises `BackupAuditBroken`."""
    with database.reading() as session:
        try:
            return verify_chain(session)
        except BrokenChain as broken:
            raise BackupAuditBroken(broken.sequence, broken.reason) from broken


def go_on(database: Database, ground: Ground, manifest: Manifest, sha256: str, by: Actor) -> None:
    """End what must not come back, go past what may have happened since, and record it."""
    now = ground.clock.now()
    with database.writing() as session:
        ground.audit.lock_chain(session)
        # A session that somebody ended since must not live again.
        session.execute(
            update(SessionRecord)
            .where(SessionRecord.ended_at.is_(None))
            .values(ended_at=now, end_reason="restored")
        )
        # The old CRLs are not shown again: the next start publishes new ones,
        # whose numbers are times and so above all that were published since
        # (RFC 5280 section 5.2.3). The root's key may be elsewhere, then its
        # old one must do.
        for name in session.scalars(select(AuthorityRecord.name)).all():
            if name != ROOT or _has_root_key(manifest):
                withdraw_crls(session, name)
        advance_epoch(session)
        _say_what_is_unknown(session, ground, manifest)
        ground.audit.record(
            session,
            "backup.restored",
            by=by,
            subject=f"backup:{manifest.created_at:%Y-%m-%dT%H:%M:%SZ}",
            sha256=sha256,
            audit_sequence=manifest.database.audit_sequence,
        )


def _say_what_is_unknown(session: Session, ground: Ground, manifest: Manifest) -> None:
    """Without a journal nobody knows what was revoked since the backup was made.

    One that an operator has put elsewhere has to be there, or nobody is let in.
    """
    if ground.settings.resolved_journal.exists():
        return
    if ground.settings.revocation_journal is None:
        set_standing(session, "unconfirmed", since=manifest.created_at)
    else:
        problem = "revocation-journal-unreadable"
        set_standing(session, "closed", since=manifest.created_at, problem=problem)


def _has_root_key(manifest: Manifest) -> bool:
    return any(name.startswith("keys/root-") for name in manifest.key_members)
