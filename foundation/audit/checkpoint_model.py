"""The table of checkpoints, append-only like the entries they commit to."""

from datetime import datetime

from sqlalchemy import DDL, LargeBinary, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey


class AuditCheckpoint(Base):
    """The tree over the first `size` entries, signed (C2SP tlog-checkpoint).

    `note` is the signed text as it was given out. `frontier` holds the roots of
    the perfect trees that the tree consists of, so that the next checkpoint
    needs the entries since and no others.
    """

    __tablename__ = "audit_checkpoints"

    size: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(300))
    root_hash: Mapped[bytes] = mapped_column(LargeBinary)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


REFUSE_CHANGE_SQLITE = (
    *(
        f"CREATE TRIGGER audit_checkpoints_no_{verb.lower()} BEFORE {verb} ON audit_checkpoints "
        "BEGIN SELECT RAISE(ABORT, 'audit checkpoints are append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without firing the trigger of DELETE.
    "CREATE TRIGGER audit_checkpoints_no_replace BEFORE INSERT ON audit_checkpoints "
    "WHEN EXISTS (SELECT 1 FROM audit_checkpoints WHERE size >= NEW.size) "
    "BEGIN SELECT RAISE(ABORT, 'audit checkpoints are append-only'); END",
)
# The function is the one of the entries (foundation.audit.model): it refuses whatever calls it.
REFUSE_CHANGE_POSTGRESQL = (
    "CREATE TRIGGER audit_checkpoints_no_change BEFORE UPDATE OR DELETE OR TRUNCATE "
    "ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse_change()",
)

for _dialect, _statements in (
    ("sqlite", REFUSE_CHANGE_SQLITE),
    ("postgresql", REFUSE_CHANGE_POSTGRESQL),
):
    for _statement in _statements:
        event.listen(
            AuditCheckpoint.__table__,
            "after_create",
            DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
