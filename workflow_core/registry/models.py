"""Tables of the registry."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.database import Base, BigKey

_ACTIVE = text("status = 'active'")


class InsuredUnit(Base):
    """An employer as the registry knows it.

    Its class (VIP or ordinary) is not here: that belongs to its credential
    and is read from the principal of each request (AMB-21).
    """

    __tablename__ = "insured_units"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    district: Mapped[str] = mapped_column(String(64), index=True)
    insurance: Mapped[list[str]] = mapped_column(JSON)
    contact_name: Mapped[str] = mapped_column(String(100), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    registered_at: Mapped[datetime]


class Person(Base):
    """An insured person; known from the first approved enrolment on."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id_number: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    sex: Mapped[str] = mapped_column(String(6))
    birth_date: Mapped[date]
    ethnicity: Mapped[str] = mapped_column(String(16))
    registered_at: Mapped[datetime]


class Coverage(Base):
    """One period in which one holder pays for one person.

    Invariant, kept by the database: a person has at most one active period
    (BIZ-ADD-09). A renewal is a new row; ended periods stay as they were.
    """

    __tablename__ = "coverages"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
        CheckConstraint("(holder_kind = 'unit') = (unit_id IS NOT NULL)", name="holder"),
        Index(
            "uq_coverages_active_person",
            "person_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    # "unit", "individual_mobility", "student_medical" or "resident_medical"
    holder_kind: Mapped[str] = mapped_column(String(24))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("insured_units.id"), index=True)
    place: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(12))
    from_month: Mapped[str] = mapped_column(String(7))
    to_month: Mapped[str | None] = mapped_column(String(7))
    insurance: Mapped[list[str]] = mapped_column(JSON)
    declared_wage: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    contribution_base: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    employment_date: Mapped[date | None]
    task_id: Mapped[int | None] = mapped_column(BigKey, index=True)

    person: Mapped[Person] = relationship()
    unit: Mapped[InsuredUnit | None] = relationship()

    @property
    def holder_name(self) -> str:
        """What the status messages call the holder (BIZ-ADD-06, BIZ-ADD-07)."""
        return self.unit.name if self.unit is not None else self.place
