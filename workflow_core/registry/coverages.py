"""Periods of insurance: opened by an enrolment, ended by a suspension."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from foundation.database import insert_or_conflict, one_row_or_conflict
from foundation.errors import Conflict
from workflow_core.month import Month
from workflow_core.registry.models import Coverage, InsuredUnit, Person


@dataclass(frozen=True)
class Employment:
    """What a unit declares when it begins to pay for somebody."""

    from_month: Month
    declared_wage: Decimal
    contribution_base: Decimal
    employment_date: date | None = None
    task_id: int | None = None


class Coverages:
    """Opens, ends and finds periods of insurance."""

    def open_at_unit(
        self, session: Session, person: Person, unit: InsuredUnit, employment: Employment
    ) -> Coverage:
        """Begin a period with all insurance types of the unit (BIZ-ADD-12).

        Raises Conflict when the person has an active period by now.
        """
        coverage = Coverage(
            person_id=person.id,
            holder_kind="unit",
            unit_id=unit.id,
            status="active",
            from_month=str(employment.from_month),
            insurance=list(unit.insurance),
            declared_wage=employment.declared_wage,
            contribution_base=employment.contribution_base,
            employment_date=employment.employment_date,
            task_id=employment.task_id,
        )
        insert_or_conflict(session, coverage, Conflict("registry-changed-meanwhile"))
        return coverage

    def open_elsewhere(
        self, session: Session, person: Person, kind: str, place: str, from_month: Month
    ) -> Coverage:
        """Begin a period that no unit of this registry holds (individual window, student ...)."""
        coverage = Coverage(
            person_id=person.id,
            holder_kind=kind,
            place=place,
            status="active",
            from_month=str(from_month),
            insurance=[],
        )
        insert_or_conflict(session, coverage, Conflict("registry-changed-meanwhile"))
        return coverage

    def end(self, session: Session, coverage: Coverage, last_month: Month) -> None:
        """End an active period; `last_month` is the last one paid for. Raises Conflict."""
        ended = session.execute(
            update(Coverage)
            .where(Coverage.id == coverage.id, Coverage.status == "active")
            .values(status="suspended", to_month=str(last_month))
            .execution_options(synchronize_session=False)
        )
        one_row_or_conflict(ended, "coverage-not-active")
        session.refresh(coverage)

    def of_person(self, session: Session, person: Person) -> list[Coverage]:
        """All periods of a person, the newest first."""
        return list(
            session.scalars(
                select(Coverage)
                .where(Coverage.person_id == person.id)
                .options(joinedload(Coverage.unit))
                .order_by(Coverage.from_month.desc(), Coverage.id.desc())
            )
        )

    def count_active(self, session: Session, credit_code: str) -> int:
        """How many people the unit pays for today."""
        return session.scalars(
            select(func.count())
            .select_from(Coverage)
            .join(InsuredUnit)
            .where(InsuredUnit.credit_code == credit_code, Coverage.status == "active")
        ).one()
