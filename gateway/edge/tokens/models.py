"""The table of visits: one-time tickets to another host of the same edge."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class VisitTicket(Base):
    """One ticket; only the SHA-256 of its text is kept. A used one is deleted."""

    __tablename__ = "visit_tickets"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    certificate_digest: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(253))
    path: Mapped[str] = mapped_column(String(2048))
    expires_at: Mapped[datetime] = mapped_column(index=True)
