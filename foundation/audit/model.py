"""The table of audit entries, which the database itself keeps append-only."""

from datetime import datetime

from sqlalchemy import DDL, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey


class AuditEntry(Base):
    """One act: who, what, on what, how it ended, and the hash that chains it."""

    __tablename__ = "audit_entries"

    sequence: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(128), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    facts: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64), unique=True)


# A slip of the program or a curious administrator meets the trigger; somebody
# who may drop triggers is met by the chain.
REFUSE_CHANGE_SQLITE = (
    *(
        f"CREATE TRIGGER audit_entries_no_{verb.lower()} BEFORE {verb} ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without firing the trigger of DELETE.
    "CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries "
    "WHEN EXISTS (SELECT 1 FROM audit_entries "
    "WHERE sequence = NEW.sequence OR entry_hash = NEW.entry_hash) "
    "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END",
)
REFUSE_CHANGE_POSTGRESQL = (
    "CREATE FUNCTION audit_entries_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$",
    "CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse_change()",
)

for _dialect, _statements in (
    ("sqlite", REFUSE_CHANGE_SQLITE),
    ("postgresql", REFUSE_CHANGE_POSTGRESQL),
):
    for _statement in _statements:
        event.listen(
            AuditEntry.__table__,
            "after_create",
            DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
