"""What a subscriber logs in with: a current password, a current certificate, its successor."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey

_CURRENT = text("ended_at IS NULL")


class PasswordAuthenticator(Base):
    """A password, kept as its Argon2id hash; an ended one keeps nothing.

    `must_change` marks the initial password of a slip, which is only good until
    `expires_at` and only for setting another one (LOGIN-03).
    """

    __tablename__ = "password_authenticators"
    __table_args__ = (
        Index(
            "uq_password_authenticators_current",
            "subscriber_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        CheckConstraint("(ended_at IS NULL) = (hash IS NOT NULL)", name="ended_keeps_no_hash"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), index=True)
    hash: Mapped[str | None] = mapped_column(String(255))
    must_change: Mapped[bool]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CertificateAuthenticator(Base):
    """A certificate by its serial number; `bound_at` is the first login with it.

    `pending` marks the successor that a renewal made and nobody has logged in
    with yet (`enrollment.renewal`). A subscriber has at most one certificate
    of each kind; the index is what two renewals at the same moment meet last.
    """

    __tablename__ = "certificate_authenticators"
    __table_args__ = (
        Index(
            "uq_certificate_authenticators_current",
            "subscriber_id",
            "pending",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), index=True)
    serial_number: Mapped[str] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    bound_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    pending: Mapped[bool] = mapped_column(default=False, server_default=false())
