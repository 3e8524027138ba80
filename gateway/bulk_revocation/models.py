"""Tables of bulk revocations: a set of certificates, fixed when it was looked at."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey


class RevocationSelection(Base):
    """The result of one dry run.

    `criteria` is canonical JSON: what was searched for, or the name of the list
    that was read. `digest` binds the serial numbers that would be revoked, in
    their order. `district` is that of every one of them, or None.
    `sessions_ended` and `crl_number` grow while it is carried out.
    """

    __tablename__ = "revocation_selections"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    criteria: Mapped[str] = mapped_column(Text)
    malformed: Mapped[str] = mapped_column(Text)
    hits: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    district: Mapped[str | None] = mapped_column(String(32))
    sessions_ended: Mapped[int] = mapped_column(default=0)
    crl_number: Mapped[int | None] = mapped_column(BigKey)


class SelectedCertificate(Base):
    """One serial number of a selection, as it was when it was looked at.

    `verdict` says whether it would be revoked ("hit") or why not; `outcome`,
    once carried out, what became of it.
    """

    __tablename__ = "selected_certificates"
    __table_args__ = (
        Index("ix_selected_certificates_verdict", "selection_id", "verdict", "position"),
        Index(
            "uq_selected_certificates_serial_number", "selection_id", "serial_number", unique=True
        ),
    )

    selection_id: Mapped[int] = mapped_column(
        ForeignKey("revocation_selections.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serial_number: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(24))
    profile: Mapped[str | None] = mapped_column(String(16))
    subscriber: Mapped[str | None] = mapped_column(String(64))
    display_name: Mapped[str | None] = mapped_column(String(128))
    district: Mapped[str | None] = mapped_column(String(32))
    outcome: Mapped[str | None] = mapped_column(String(40))
