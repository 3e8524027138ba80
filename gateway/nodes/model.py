"""The table of living nodes."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base


class Node(Base):
    """One serving process; the row goes when it ends, or when the others miss its beat."""

    __tablename__ = "nodes"

    executor_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]
    # By the node's own clock, for people; who lives is decided by `beats`.
    seen_at: Mapped[datetime]
    beats: Mapped[int] = mapped_column(BigInteger)
