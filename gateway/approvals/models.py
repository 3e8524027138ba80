"""The table of proposals."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey
from gateway.approvals.kinds import KINDS, STATES

_OPEN = text("state = 'proposed'")
_KIND_LIST = ", ".join(f"'{kind}'" for kind in KINDS)
_STATE_LIST = ", ".join(f"'{state}'" for state in STATES)


class Proposal(Base):
    """One act that waits for its second officer, or has had its answer.

    `content` is canonical JSON, fixed at the proposal; `content_sha256` binds
    it to the kind. `subject` is what the audit log calls the thing; of one kind
    and one subject only one proposal is open. `outcome` is JSON too.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KIND_LIST})", name="kind_known"),
        CheckConstraint(f"state IN ({_STATE_LIST})", name="state_known"),
        # The rule itself, where no program can forget it.
        CheckConstraint(
            "state NOT IN ('approved', 'executing', 'executed') "
            "OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name="two_officers",
        ),
        Index("ix_proposals_state", "state", "id"),
        Index(
            "uq_proposals_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(128))
    district: Mapped[str | None] = mapped_column(String(32))
    content: Mapped[str] = mapped_column(Text)
    content_sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(String(500))
    outcome: Mapped[str | None] = mapped_column(Text)
