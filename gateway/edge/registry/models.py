"""Tables of edges and of what took effect at them."""

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base

EdgeStanding = Literal["loading", "serving", "stopped"]


class EdgeRecord(Base):
    """One edge, as its agent last spoke of it.

    `instance` tells two agents apart that go by one name: the later one has it.
    `applied_epoch` is the revocation epoch that is in force there, None before
    the first. `note` is the code of what an operator should see to, or None.
    """

    __tablename__ = "edges"
    __table_args__ = (
        CheckConstraint("standing IN ('loading', 'serving', 'stopped')", name="standing_known"),
    )

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance: Mapped[str] = mapped_column(String(32))
    standing: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    applied_epoch: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(String(32))


class EdgeEffectRecord(Base):
    """Every epoch up to `epoch` is in force at an edge.

    Since `refused_at` no request of what ended before passes; at `closed_at` its
    open connections, `connections_closed` of them, were closed.
    """

    __tablename__ = "edge_effects"
    __table_args__ = (Index("ix_edge_effects_refused_at", "edge", "refused_at"),)

    edge: Mapped[str] = mapped_column(
        ForeignKey("edges.name", ondelete="CASCADE"), primary_key=True
    )
    epoch: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    refused_at: Mapped[datetime]
    closed_at: Mapped[datetime]
    connections_closed: Mapped[int]
