"""The module `enrolment`: reads, judges and carries out one enrolment."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from policies.contribution import ContributionParameters
from policies.parameters import AgeParameters, CalendarParameters
from workflow_core.modules.enrolment.case import EnrolmentCase
from workflow_core.modules.enrolment.data import EnrolmentData
from workflow_core.modules.enrolment.form import EnrolmentForm
from workflow_core.modules.enrolment.hints import find_hints
from workflow_core.modules.enrolment.rules import find_reasons
from workflow_core.modules.findings import Finding
from workflow_core.modules.protocol import Data, Effect, Filing, Subject
from workflow_core.modules.reading import read_as
from workflow_core.registry import PersonFacts, Registry
from workflow_core.registry.coverages import Employment


class Enrolment:
    """Enrolment and renewal of one employee (BIZ-ADD-01)."""

    name = "enrolment"
    # Who the person is follows from the number; the types follow from the unit (TASK-08).
    locked_fields = frozenset({"id_number", "sex", "birth_date", "insurance"})
    vip_hands_in_papers = True

    def __init__(
        self,
        registry: Registry,
        calendar: CalendarParameters,
        ages: AgeParameters,
        contribution_on: Callable[[date], ContributionParameters],
    ) -> None:
        self.form = EnrolmentForm(registry)
        self._registry = registry
        self._calendar = calendar
        self._ages = ages
        self._contribution_on = contribution_on

    def read(self, unverified_data: Mapping[str, object]) -> Data:
        """Return the data normalised; raises Invalid with every field that is wrong."""
        return read_as(EnrolmentData, unverified_data).model_dump(mode="json")

    def subject_of(self, data: Data) -> Subject:
        """Return the person."""
        return Subject(key=data["id_number"], name=data["name"])

    def check(self, session: Session, filing: Filing) -> list[Finding]:
        """Return every reason against the enrolment by today's registry."""
        return find_reasons(self._case(session, filing))

    def warn(self, session: Session, filing: Filing) -> list[Finding]:
        """Return hints: hiring duty, papers (AMB-08)."""
        return find_hints(self._case(session, filing))

    def apply(self, session: Session, filing: Filing) -> Effect:
        """Begin the period of insurance, with a base between floor and cap (CALC-08).

        Raises Conflict when the registry has meanwhile taken the person in.
        """
        case = self._case(session, filing)
        person = self._registry.people.find_or_register(session, _person_facts(case.data))
        month = case.effective_month
        base = self._contribution_on(month.first_day).clamp(case.data.declared_wage)
        employment = Employment(
            from_month=month,
            declared_wage=case.data.declared_wage,
            contribution_base=base,
            employment_date=case.data.employment_date,
            task_id=filing.task_id,
        )
        unit = self._registry.units.get(session, filing.owner)
        self._registry.coverages.open_at_unit(session, person, unit, employment)
        kind = "renewal" if case.status.is_renewal else "first_insurance"
        return Effect(month, {"kind": kind, "contribution_base": str(base)})

    def _case(self, session: Session, filing: Filing) -> EnrolmentCase:
        data = EnrolmentData.model_validate(filing.data)
        return EnrolmentCase(
            data=data,
            owner=filing.owner,
            unit_class=filing.unit_class,
            unit_insurance=self._registry.units.get(session, filing.owner).insurance,
            status=self._registry.status_of(session, data.id_number),
            on=filing.on,
            calendar=self._calendar,
            ages=self._ages,
        )


def _person_facts(data: EnrolmentData) -> PersonFacts:
    return PersonFacts(data.id_number, data.name, data.sex, data.birth_date, data.ethnicity)
