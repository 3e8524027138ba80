"""Password slips and the short-lived tickets of the pickup page."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey

_CURRENT = text("ended_at IS NULL")


class Slip(Base):
    """One printed slip (ENR-10) and, between pickup and first login, the sealed key.

    A slip yields one key: either the server's (`sealed_private_key`) or one of
    the subscriber's own, of which `own_key_digest` is the SHA-256 of the
    SubjectPublicKeyInfo in upper-case hex.

    The initial password is in the password authenticator. A slip ends as
    ``used`` (first login), ``expired``, ``replaced`` (reissue) or ``revoked``,
    and the table itself refuses an ended slip that still keeps a secret.
    """

    __tablename__ = "slips"
    __table_args__ = (
        Index(
            "uq_slips_current",
            "subscriber_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        CheckConstraint(
            "ended_at IS NULL OR (download_password_hash IS NULL AND sealed_private_key IS NULL)",
            name="ended_keeps_no_secret",
        ),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_for_a_reason"),
        CheckConstraint(
            "sealed_private_key IS NULL OR own_key_digest IS NULL", name="one_kind_of_key"
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), index=True)
    serial_number: Mapped[str] = mapped_column(String(40), unique=True)
    download_password_hash: Mapped[str | None] = mapped_column(String(255))
    sealed_private_key: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    own_key_digest: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    pickup_count: Mapped[int] = mapped_column(default=0)
    last_pickup_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(16))


class PickupTicket(Base):
    """Stands for a pair that was checked minutes ago (`enrollment.pickup.tickets`)."""

    __tablename__ = "pickup_tickets"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slip_id: Mapped[int] = mapped_column(ForeignKey("slips.id"), index=True)
    lookup: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_password: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)
