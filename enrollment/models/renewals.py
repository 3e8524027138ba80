"""Renewals: which certificate is to succeed which, and the file until it was used."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey

_OPEN = text("ended_at IS NULL")


class Renewal(Base):
    """One renewal, from its beginning until the first login with the successor.

    `key_digest` is the SHA-256 of the successor's SubjectPublicKeyInfo in
    upper-case hex. `sealed_pkcs12` is only there when the server made the key:
    the file under a password that was shown once and is kept nowhere. A renewal
    ends as ``used``, ``expired``, ``discarded``, ``revoked``, ``suspended`` or
    ``reissued``, and the table itself refuses an ended one that keeps a file.
    """

    __tablename__ = "renewals"
    __table_args__ = (
        Index(
            "uq_renewals_open",
            "subscriber_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        CheckConstraint("way IN ('est', 'request', 'file')", name="way_known"),
        CheckConstraint("ended_at IS NULL OR sealed_pkcs12 IS NULL", name="ended_keeps_no_secret"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), index=True)
    old_serial_number: Mapped[str] = mapped_column(String(40), index=True)
    new_serial_number: Mapped[str] = mapped_column(String(40), unique=True)
    way: Mapped[str] = mapped_column(String(8))
    key_digest: Mapped[str] = mapped_column(String(64))
    sealed_pkcs12: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(16))
