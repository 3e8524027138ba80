"""Everything the rules of an enrolment look at, gathered before they run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policies.parameters import AgeParameters, CalendarParameters
from workflow_core.modules.enrolment.data import EnrolmentData
from workflow_core.month import Month
from workflow_core.registry.standing import InsuranceStatus


@dataclass(frozen=True)
class EnrolmentCase:
    """One enrolment on the day it is judged by, with the limits that hold."""

    data: EnrolmentData
    owner: str
    unit_class: str | None
    unit_insurance: Sequence[str]
    status: InsuranceStatus
    on: date
    calendar: CalendarParameters
    ages: AgeParameters

    @property
    def month(self) -> Month:
        """The month of the filing."""
        return Month.of(self.on)

    @property
    def effective_month(self) -> Month:
        """The first month the unit pays for (AMB-13).

        The back-pay month if one is asked for, else the month of the filing,
        or the one after the last month an earlier holder paid for.
        """
        if self.data.back_pay_from is not None:
            return self.data.back_pay_from
        last_paid = self.status.last_paid_month
        return self.month if last_paid is None else max(self.month, last_paid.plus(1))

    @property
    def age(self) -> int:
        """Completed years on the day of the filing (AMB-17)."""
        born = self.data.birth_date
        had_birthday = (self.on.month, self.on.day) >= (born.month, born.day)
        return self.on.year - born.year - (0 if had_birthday else 1)
