"""Changing an audit log behind its back, as an administrator of the database could."""

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from foundation.audit import AuditEntry
from foundation.audit.checkpoint_model import AuditCheckpoint
from foundation.database import Database


def drop_triggers(session: Session) -> None:
    """Take away what the database itself refuses."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("DROP FUNCTION audit_entries_refuse_change CASCADE"))
        return
    names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    assert names
    for name in names:
        session.execute(text(f"DROP TRIGGER {name}"))


def cut(database: Database, after: int) -> None:
    """Remove the newest entries and every trace of them in the database."""
    with database.writing() as session:
        drop_triggers(session)
        session.execute(delete(AuditEntry).where(AuditEntry.sequence > after))
        session.execute(delete(AuditCheckpoint).where(AuditCheckpoint.size > after))
