"""The table of signing keys."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class SigningKeyRecord(Base):
    """One key of one purpose.

    `sealed` is the secret part under the nodes' sealing key; `public_jwk` is
    set for keys that have a public part. A key signs from `signs_from` until
    the next generation does.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        UniqueConstraint("purpose", "generation"),
        CheckConstraint("generation > 0", name="generation_counts"),
    )

    kid: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    generation: Mapped[int]
    algorithm: Mapped[str] = mapped_column(String(8))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    public_jwk: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
