"""Which notices of an expiring certificate were sent."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class ExpiryNotice(Base):
    """The notice that so many days are left of one certificate; one row, one letter.

    The row is there before the letter goes out: ``claimed`` by a run of the
    job, then ``sent``, or ``refused`` when the mail server will never take it.
    `claimed_at` is when the latest attempt began, `attempts` how many there were.
    """

    __tablename__ = "expiry_notices"
    __table_args__ = (
        CheckConstraint("state IN ('claimed', 'sent', 'refused')", name="state_known"),
    )

    serial_number: Mapped[str] = mapped_column(String(40), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    claimed_at: Mapped[datetime]
    attempts: Mapped[int]
    settled_at: Mapped[datetime | None]
