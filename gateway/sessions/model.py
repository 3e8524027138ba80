"""The table of sessions."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey


class SessionRecord(Base):
    """One session. Only the SHA-256 of its token is kept: a read of this table opens nothing."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_username_ended_at", "username", "ended_at"),
        Index("ix_sessions_serial_number_ended_at", "serial_number", "ended_at"),
        Index("ix_sessions_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    username: Mapped[str] = mapped_column(String(64))
    serial_number: Mapped[str] = mapped_column(String(40))
    certificate_digest: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(32))
