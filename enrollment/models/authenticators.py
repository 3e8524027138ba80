"""What a subscriber logs in with: one current password and one current certificate."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
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
    """A certificate by its serial number; `bound_at` is the first login with it."""

    __tablename__ = "certificate_authenticators"
    __table_args__ = (
        Index(
            "uq_certificate_authenticators_current",
            "subscriber_id",
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
