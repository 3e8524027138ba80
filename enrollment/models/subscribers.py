"""Who may hold a credential: subscribers, and what units and officers have beside it."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey

_WITHOUT_TERMS = text("searched_name IS NULL")


class Subscriber(Base):
    """A unit, person or officer; the username never changes and is never given again.

    `searched_name` is the name as it is compared, and says that the terms are
    written (`enrollment.subscribers.search`); None until then.
    """

    __tablename__ = "subscribers"
    __table_args__ = (
        CheckConstraint("kind IN ('unit', 'person', 'officer')", name="kind_known"),
        CheckConstraint("standing IN ('active', 'suspended')", name="standing_known"),
        Index(
            "ix_subscribers_without_terms",
            "id",
            sqlite_where=_WITHOUT_TERMS,
            postgresql_where=_WITHOUT_TERMS,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    username: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    display_name: Mapped[str] = mapped_column(String(128))
    searched_name: Mapped[str | None] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(String(16), default="active")
    created_at: Mapped[datetime]


class Unit(Base):
    """An insured unit (ACT-01): what identifies it, its district and its class (ACT-03)."""

    __tablename__ = "units"
    __table_args__ = (
        CheckConstraint("unit_class IN ('ordinary', 'vip')", name="unit_class_known"),
        # Lists of units are in the order of their numbers, of a district too.
        Index("ix_units_district", "district", "subscriber_id"),
    )

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    district: Mapped[str] = mapped_column(String(32))
    unit_class: Mapped[str] = mapped_column(String(8), default="ordinary", index=True)
    insurance: Mapped[list[str]] = mapped_column(JSON)
    contact_name: Mapped[str] = mapped_column(String(64), default="")
    contact_phone: Mapped[str] = mapped_column(String(32), default="")
    contact_email: Mapped[str] = mapped_column(String(128), default="")
    contact_address: Mapped[str] = mapped_column(String(200), default="")


class Officer(Base):
    """An officer of the agency (ACT-05); without a district the whole city."""

    __tablename__ = "officers"

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), primary_key=True)
    district: Mapped[str | None] = mapped_column(String(32))


class OfficerRole(Base):
    """One role of one officer."""

    __tablename__ = "officer_roles"

    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("officers.subscriber_id"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    granted_at: Mapped[datetime]


class UsernameNumber(Base):
    """One row for each number ever put into a username; a number is never drawn twice."""

    __tablename__ = "username_numbers"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    drawn_at: Mapped[datetime]
