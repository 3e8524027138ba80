"""Counters of failed attempts."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class ThrottleCounter(Base):
    """Failures in a row against one account, serial number or address."""

    __tablename__ = "throttle_counters"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    failures: Mapped[int]
    counted_at: Mapped[datetime]
    blocked_until: Mapped[datetime]
    forget_at: Mapped[datetime] = mapped_column(index=True)
