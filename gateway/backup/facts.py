"""What the manifest tells of a database, read from that database."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.epoch import read_epoch
from ca.errors import HierarchyMissing
from foundation.audit import AuditEntry
from foundation.audit.chain import GENESIS_HASH
from foundation.database.schema import find_revision
from gateway.backup.manifest import DatabaseFacts


def read_facts(session: Session) -> DatabaseFacts:
    """Return the facts; raises `HierarchyMissing` when there is no installation in it."""
    revision = find_revision(session.connection())
    if revision is None:
        raise HierarchyMissing
    newest = session.execute(
        select(AuditEntry.sequence, AuditEntry.entry_hash)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).first()
    sequence, entry_hash = newest if newest is not None else (0, GENESIS_HASH)
    return DatabaseFacts(
        schema_revision=revision,
        revocation_epoch=read_epoch(session),
        audit_sequence=sequence,
        audit_hash=entry_hash,
    )
