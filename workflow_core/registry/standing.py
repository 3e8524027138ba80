"""The immediate status check: is this person free to be enrolled (BIZ-ADD-05 .. 09)?"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflow_core.month import Month
from workflow_core.registry.coverages import Coverages
from workflow_core.registry.people import People
from workflow_core.registry.units import Units


@dataclass(frozen=True)
class ActiveCoverage:
    """Who pays for the person now."""

    kind: str
    holder_name: str
    credit_code: str | None


@dataclass(frozen=True)
class InsuranceStatus:
    """What the registry says about one identity number."""

    name: str | None = None
    insured_before: bool = False
    active: ActiveCoverage | None = None
    last_paid_month: Month | None = None

    @property
    def is_renewal(self) -> bool:
        """Renewal (续保) rather than first insurance (首次参保), BIZ-ADD-01."""
        return self.insured_before


class Registry:
    """Units, people and coverages as one door for the modules."""

    def __init__(self, units: Units, people: People, coverages: Coverages) -> None:
        self.units = units
        self.people = people
        self.coverages = coverages

    def status_of(self, session: Session, id_number: str) -> InsuranceStatus:
        """The standing of a person; an unknown number is simply never insured.

        Medical insurance as student or resident alone does not make an
        employee's enrolment a renewal: those are other schemes.
        """
        person = self.people.find(session, id_number)
        if person is None:
            return InsuranceStatus()
        periods = self.coverages.of_person(session, person)
        employee_periods = [
            period for period in periods if period.holder_kind in ("unit", "individual_mobility")
        ]
        active = next((period for period in periods if period.status == "active"), None)
        paid = [Month.parse(period.to_month) for period in employee_periods if period.to_month]
        return InsuranceStatus(
            name=person.name,
            insured_before=bool(employee_periods),
            active=None
            if active is None
            else ActiveCoverage(
                kind=active.holder_kind,
                holder_name=active.holder_name,
                credit_code=active.unit.credit_code if active.unit else None,
            ),
            last_paid_month=max(paid, default=None),
        )
